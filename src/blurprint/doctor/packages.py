"""Python, the platform, and which packages of each extra are installed, by our own metadata."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from blurprint.catalogue.packages import OURS, Extra, Need, extras, installed
from blurprint.doctor.line import Line
from blurprint.errors import install_extra
from blurprint.version import __version__

INSTALLATION: Final = "installation"
PACKAGES: Final = "packages"
EXTRAS: Final = "extras"
HEAVY: Final = frozenset({"lab", "umap", "scale"})
"""Extras that take many seconds to load: loaded when that is asked for."""
OF_DEVELOPERS: Final = frozenset({"test", "docs", "dev"})
"""Extras that nobody else needs: shown and loaded when that is asked for."""
_WITHOUT: Final = "pip install . in the folder of Blurprint's source"


def installation() -> Iterator[tuple[str, Callable[[], Line]]]:
    """Name and function of each check of what runs us."""
    yield "blurprint", _blurprint
    yield "Python", _python
    yield "platform", _platform


def _blurprint() -> Line:
    found = installed(OURS)
    if found is None:
        detail = f"{__version__}, run without being installed: its packages are not known"
        return Line(INSTALLATION, "blurprint", "wrong", detail, _WITHOUT)
    if found.version != __version__:
        detail = f"{__version__} runs, and {found.version} is installed"
        return Line(INSTALLATION, "blurprint", "wrong", detail, _WITHOUT)
    return Line(INSTALLATION, "blurprint", "ok", __version__)


def _python() -> Line:
    from packaging.specifiers import SpecifierSet

    found = installed(OURS)
    wanted = "" if found is None else (found.metadata.get_all("Requires-Python") or [""])[0]
    version = platform.python_version()
    detail = f"{platform.python_implementation()} {version}, {sys.executable}"
    if not SpecifierSet(wanted).contains(version, prereleases=True):
        advice = f"install Python {wanted}"
        return Line(INSTALLATION, "Python", "wrong", f"{detail}; expected {wanted}", advice)
    return Line(INSTALLATION, "Python", "ok", detail)


def _platform() -> Line:
    return Line(INSTALLATION, "platform", "ok", f"{platform.platform()}, {platform.machine()}")


def known_extras(*, full: bool) -> tuple[Extra, ...]:
    """What we always need, then our extras; none if we are not installed."""
    return tuple(one for one in extras() or () if full or one.name not in OF_DEVELOPERS)


def to_load(found: tuple[Extra, ...], *, full: bool) -> list[str]:
    """Packages that are installed and that it is worth to load, each once."""
    chosen = [one for one in found if full or one.name not in HEAVY]
    needs = [need.name for one in chosen for need in one.needs if need.version is not None]
    return list(dict.fromkeys(needs))


def lines(found: tuple[Extra, ...], loaded: Mapping[str, Line]) -> Iterator[Line]:
    """A line for each package that is always needed, and one for each extra.

    Args:
        found: from :func:`known_extras`.
        loaded: lines of the packages that were loaded, by name.
    """
    for extra in found:
        if not extra.name:
            for need in extra.needs:
                yield _always(need, loaded.get(need.name))
        else:
            yield _extra(extra, loaded)


def _always(need: Need, loaded: Line | None) -> Line:
    wanted = f"{need.name}{need.wanted}"
    if need.version is None:
        return Line(PACKAGES, need.name, "wrong", "not installed", f"pip install '{wanted}'")
    trouble = _trouble(need, loaded)
    seconds = None if loaded is None else loaded.seconds
    if trouble:
        advice = f"pip install --force-reinstall '{wanted}'"
        return Line(PACKAGES, need.name, "wrong", trouble, advice, seconds)
    return Line(PACKAGES, need.name, "ok", need.version, "", seconds)


def _extra(extra: Extra, loaded: Mapping[str, Line]) -> Line:
    here = [need for need in extra.needs if need.version is not None]
    lacking = [need.name for need in extra.needs if need.version is None]
    troubles = [
        f"{need.name}: {trouble}"
        for need in here
        if (trouble := _trouble(need, loaded.get(need.name)))
    ]
    times = [
        line.seconds
        for need in here
        if (line := loaded.get(need.name)) is not None and line.seconds is not None
    ]
    seconds = round(sum(times), 3) if times else None
    has = ", ".join(f"{need.name} {need.version}" for need in here) or "nothing installed"
    if unloaded := sum(need.name not in loaded for need in here):
        has += f" ({unloaded} of them not loaded; --full loads them)"
    if troubles:
        return Line(
            EXTRAS, extra.name, "wrong", "; ".join(troubles), install_extra(extra.name), seconds
        )
    if lacking:
        detail = f"{has}; missing: {', '.join(lacking)}"
        return Line(EXTRAS, extra.name, "missing", detail, install_extra(extra.name), seconds)
    return Line(EXTRAS, extra.name, "ok", has, "", seconds)


def _trouble(need: Need, loaded: Line | None) -> str:
    """What is wrong with a package that is installed; "" for nothing."""
    if need.fits is False:
        return f"{need.version} is installed, where {need.wanted} is needed"
    if loaded is not None and loaded.status == "wrong":
        return f"{need.version} cannot be loaded: {loaded.detail}"
    return ""
