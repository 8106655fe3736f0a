"""All checks, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final

from blurprint.doctor import machine, packages
from blurprint.doctor.apart import guarded, run_apart
from blurprint.doctor.line import Line
from blurprint.errors import install_extra

WEIGHTS: Final = "weights"
SELF_TEST: Final = "self-test"
_NETWORKS: Final = ("net", "net-float", "face", "mtcnn", "cascade")
"""What runs weights that ship; a test compares with the catalogue."""
_TESTS: Final = (
    ("blur by net", "self_test:sigma:net"),
    ("blur by net-float", "self_test:sigma:net-float"),
    ("blur by edge", "self_test:sigma:edge"),
    ("threads", "self_test:threads"),
    ("face, drawn", "self_test:drawn_face"),
    ("face, photograph", "self_test:photographed_face"),
    ("report", "self_test:report"),
)
_OPTIONAL: Final = (
    ("C2PA manifests", "c2pa", "optional:manifest", "provenance"),
    ("videos", "av", "optional:video", "video"),
    ("HEIC", "pillow_heif", "optional:heic", "heif"),
)


def examine(*, full: bool = False) -> Iterator[Line]:
    """Every line, as soon as it is known. Nothing is raised for what is broken.

    Args:
        full: also load the packages of the laboratory, of Ray and of the tests, which takes long.
    """
    for name, check in packages.installation():
        yield guarded(packages.INSTALLATION, name, check)
    yield from _packages(full)
    networks = [(WEIGHTS, name, f"loaded:weights:{name}") for name in _NETWORKS]
    tests = [(SELF_TEST, name, function) for name, function in _TESTS]
    optional = []
    missing = []
    for name, module, function, extra in _OPTIONAL:
        if _there(module):
            optional.append((SELF_TEST, name, function))
        else:
            detail = f"not tried: {module} is not installed"
            missing.append(Line(SELF_TEST, name, "missing", detail, install_extra(extra)))
    yield from run_apart([*networks, *tests, *optional])
    yield from missing
    for name, check in machine.checks():
        yield guarded(machine.GROUP, name, check)


def _packages(full: bool) -> Iterator[Line]:
    try:
        found = packages.known_extras(full=full)
    except Exception as error:
        detail = f"the metadata of Blurprint cannot be read ({error})"
        yield Line(packages.PACKAGES, "metadata", "wrong", detail, "install Blurprint again")
        return
    names = packages.to_load(found, full=full)
    jobs = [(packages.PACKAGES, name, f"loaded:package:{name}") for name in names]
    loaded = dict(zip(names, run_apart(jobs), strict=True))
    yield from packages.lines(found, loaded)


def _there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
