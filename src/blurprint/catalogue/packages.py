"""Installed packages, as their own metadata say: versions, licences, extras, files."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blurprint.catalogue.model import WeightFile

if TYPE_CHECKING:
    from packaging.markers import Marker

OURS: Final = "blurprint"
_CLASSIFIER: Final = "License :: OSI Approved :: "
_LONGEST: Final = 60
"""Of a field "License" that is a name; some packages put the whole text there."""


def installed(name: str) -> Distribution | None:
    """A package; None if it is not installed."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def licence_of(name: str) -> str | None:
    """The licence that a package states; None if it states none or is not installed."""
    found = installed(name)
    if found is None:
        return None
    said = found.metadata
    for field in ("License-Expression", "License"):
        text = (said.get_all(field) or [""])[0]
        if text and text.upper() != "UNKNOWN" and len(text) <= _LONGEST and "\n" not in text:
            return text
    classifiers = said.get_all("Classifier") or []
    names = [one.removeprefix(_CLASSIFIER) for one in classifiers if one.startswith(_CLASSIFIER)]
    return ", ".join(names) or None


def file_of(path: Path, stated_sha256: str | None) -> WeightFile:
    """A file of weights, with its hash; what cannot be read counts as missing."""
    try:
        data = path.read_bytes()
    except OSError:
        return WeightFile(str(path), None, None, stated_sha256)
    return WeightFile(str(path), len(data), hashlib.sha256(data).hexdigest(), stated_sha256)


def files_of(name: str, ends: str | tuple[str, ...]) -> tuple[WeightFile, ...]:
    """Files of a package whose names end so, with the hashes that it was installed with."""
    found = installed(name)
    if found is None:
        return ()
    return tuple(
        file_of(Path(str(one.locate())), None if one.hash is None else _as_hex(one.hash.value))
        for one in sorted(found.files or [])
        if str(one).endswith(ends)
    )


def _as_hex(value: str) -> str:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4)).hex()


@dataclass(frozen=True, slots=True)
class Need:
    """A package that we need.

    Attributes:
        name: of the package.
        wanted: versions, as "<5,>=4.10"; "" for any.
        version: that is installed; None if none is.
        fits: whether that is one of those wanted; None without a version.
    """

    name: str
    wanted: str
    version: str | None
    fits: bool | None


@dataclass(frozen=True, slots=True)
class Extra:
    """What an extra needs, beyond what is always needed.

    Attributes:
        name: of the extra; "" for what is always needed.
        needs: its packages.
    """

    name: str
    needs: tuple[Need, ...]


def extras(name: str = OURS) -> tuple[Extra, ...] | None:
    """What a package always needs, then its extras in its own order; None if not installed.

    Requirements are taken from its metadata. Those of another platform are left out, and extras
    that name other extras of the package have the packages of these.
    """
    from packaging.requirements import Requirement

    found = installed(name)
    if found is None:
        return None
    needs = [Requirement(text) for text in found.requires or []]
    names = ["", *dict.fromkeys(found.metadata.get_all("Provides-Extra") or [])]
    always = {_key(need.name) for need in needs if _holds(need.marker, "")}

    def inside(extra: str, seen: frozenset[str]) -> dict[str, Need]:
        out: dict[str, Need] = {}
        for need in needs:
            if not _holds(need.marker, extra) or (extra and _holds(need.marker, "")):
                continue
            if _key(need.name) == _key(name):
                for other in sorted(need.extras - seen):
                    out |= inside(other, seen | {other})
            elif not extra or _key(need.name) not in always:
                out[_key(need.name)] = _need(need.name, str(need.specifier))
        return out

    return tuple(Extra(one, tuple(inside(one, frozenset({one})).values())) for one in names)


def _holds(marker: Marker | None, extra: str) -> bool:
    return marker is None or marker.evaluate({"extra": extra})


def _need(name: str, wanted: str) -> Need:
    from packaging.specifiers import SpecifierSet

    found = installed(name)
    if found is None:
        return Need(name, wanted, None, None)
    fits = SpecifierSet(wanted).contains(found.version, prereleases=True)
    return Need(name, wanted, found.version, fits)


def _key(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def modules_of(name: str) -> tuple[str, ...]:
    """Names under which a package is imported; none if it is not installed, or says none."""
    found = installed(name)
    if found is None:
        return ()
    tops = set((found.read_text("top_level.txt") or "").split())
    for one in found.files or []:
        first, *rest = one.parts
        if rest and rest[-1] == "__init__.py" and len(rest) == 1:
            tops.add(first)
        elif not rest and first.endswith(".py"):
            tops.add(first.removesuffix(".py"))
    return tuple(sorted(top for top in tops if top.isidentifier() and not top.startswith("_")))
