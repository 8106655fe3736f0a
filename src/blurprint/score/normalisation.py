"""How values of a view, in [0, 1], become those that a backbone is fed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from blurprint.errors import InputError

NORMALISATIONS: Final = ("none", "half", "timm")
"""none: x itself. half: (x - 0.5) / 0.5, which is [-1, 1]. timm: (x - mean) / std, with what timm
names for the backbone."""

MEAN_STD: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"none": (0.0, 1.0), "half": (0.5, 0.5)}
)
"""Mean and standard deviation of those that are the same for every backbone. Every export has them
inside: a network in ONNX is fed the view itself."""

AUTO: Final = "auto"
"""What the paper feeds: the defocus map itself, pictures in [-1, 1] whatever the backbone. Spectra,
which the paper does not have, go as pictures do."""

BEFORE: Final = "timm"
"""Of every detector that was saved before the normalisation was a setting."""

_DEFAULT: Final = {"defocus": "none", "rgb": "half", "frequency": "half"}


def resolve_normalisation(text: str, views: Sequence[str]) -> dict[str, str]:
    """What each view is normalised by, in the order of `views`.

    Args:
        text: one kind for all views, "auto", or VIEW=KIND between commas; a view that is not named
            there takes the default.
        views: names of the views.

    Raises:
        InputError: if a kind is unknown, or a view is named twice or is not among `views`.

    >>> resolve_normalisation("auto", ("rgb", "defocus"))
    {'rgb': 'half', 'defocus': 'none'}
    >>> resolve_normalisation("defocus=timm", ("rgb", "defocus"))
    {'rgb': 'half', 'defocus': 'timm'}
    """
    kinds = {view: _DEFAULT[view] for view in views}
    if "=" not in text:
        return kinds if text == AUTO else dict.fromkeys(views, _known(text))
    named: set[str] = set()
    for part in text.split(","):
        view, _, kind = (word.strip() for word in part.partition("="))
        if view not in kinds or view in named:
            raise InputError(
                f"Expected `normalisation` to name each of {', '.join(views)} once at most, "
                f'but got "{text}"'
            )
        named.add(view)
        if kind != AUTO:
            kinds[view] = _known(kind)
    return kinds


def write_normalisation(kinds: Mapping[str, str]) -> str:
    """The shortest text that :func:`resolve_normalisation` reads as `kinds`, without "auto".

    >>> write_normalisation({"rgb": "half", "defocus": "none"})
    'rgb=half,defocus=none'
    >>> write_normalisation({"rgb": "half", "frequency": "half"})
    'half'
    """
    distinct = set(kinds.values())
    if len(distinct) == 1:
        return distinct.pop()
    return ",".join(f"{view}={kind}" for view, kind in kinds.items())


def _known(kind: str) -> str:
    if kind not in NORMALISATIONS:
        known = ", ".join((*NORMALISATIONS, AUTO))
        raise InputError(
            f"Expected `normalisation` to be one of {known}, or VIEW=KIND between commas, "
            f'but got "{kind}"'
        )
    return kind
