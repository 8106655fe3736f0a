"""The methods that ship, by name, and the explanation of maps by other methods."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from blurprint.errors import InputError
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.edge import EDGE
from blurprint.optics.method import CAUSES, Method
from blurprint.optics.net import NET_METHODS
from blurprint.optics.paper import PAPER, PAPER_RELEASE

METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {method.name: method for method in (*NET_METHODS, EDGE, PAPER, PAPER_RELEASE)}
)
DEFAULT_METHOD: Final = "net"


def list_methods() -> tuple[str, ...]:
    """Names of all methods that :func:`blurprint.estimate_defocus` takes, the default first."""
    return tuple(METHODS)


def method_of(name: str) -> Method:
    """The method called `name`.

    Raises:
        InputError: if there is none.
    """
    if name not in METHODS:
        known = ", ".join(f'"{known}"' for known in METHODS)
        raise InputError(f'Expected `method` to be one of {known}, but got "{name}"')
    return METHODS[name]


def weights_of(name: str) -> str | None:
    """SHA-256 of the ONNX file behind a method; None for one that has none or is not ours."""
    return METHODS[name].weights if name in METHODS else None


def words_of(defocus: DefocusMap) -> tuple[str, ...]:
    """Paragraphs that explain a map: those of its method, or what holds for any method."""
    if defocus.method in METHODS:
        return METHODS[defocus.method].words
    return (
        f"The map comes from “{defocus.method}”, which is none of the methods of Blurprint: what "
        "its values and its confidence mean is for its author to say.",
        f"Blur {CAUSES}",
    )
