"""Results on disk: each file complete or absent, and nothing overwritten unless asked."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from blurprint.errors import InputError, OutputError
from blurprint.files import make_folder, write_all
from blurprint.report.document import as_json

if TYPE_CHECKING:
    from blurprint.report.results import Results

FILE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"html": "report.html", "json": "report.json", "npz": "defocus.npz"}
)
"""Formats and the names of their files."""

_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})


def write_report(
    report: Results,
    folder: str | Path,
    *,
    formats: Collection[str] = ("html", "json", "npz"),
    overwrite: bool = False,
    half: bool = False,
    more: Mapping[str, bytes] = _NOTHING,
) -> dict[str, Path]:
    """Write ``report.html``, ``report.json`` and ``defocus.npz``, as `formats` asks, into `folder`.

    The files of an explanation are written with them.

    The folder is made if necessary. All files are written completely under temporary names before
    the first gets its name, so that a failure (a full disk, an interrupt) leaves neither a partial
    nor a temporary file.

    Args:
        report: what to write.
        folder: where.
        formats: of :data:`FILE_NAMES`.
        overwrite: replace earlier files.
        half: write the map as float16, half as large and exact to 3 digits.
        more: further files by name, which replace earlier ones.

    Returns:
        the path of each file, by format.

    Raises:
        InputError: if a format is unknown.
        OutputError: if a file exists already and `overwrite` is false, or cannot be written.
    """
    folder = Path(folder)
    targets = {name: folder / _file_name(name) for name in formats}
    files = {} if report.explanation is None else report.explanation.files
    explained = {folder / name: data for name, data in files.items()}
    earlier = existing_results(folder, formats)
    earlier += [path for path in explained if os.path.lexists(path)]
    if earlier and not overwrite:
        raise OutputError(f"{earlier[0]}: exists already, and would be overwritten")
    make_folder(folder)
    siblings = [path.name for name, path in targets.items() if name != "html"] + list(files)
    contents: dict[str, Callable[[], bytes]] = {
        "html": lambda: _html(report, siblings),
        "json": lambda: as_json(report).encode("utf-8"),
        "npz": lambda: _npz(report, half=half),
    }
    others = explained | {folder / name: data for name, data in more.items()}
    write_all({targets[name]: contents[name]() for name in _order(targets)} | others)
    return targets


def _order(targets: Mapping[str, Path]) -> list[str]:
    """In what order files take their names, so that a run may end between two of them.

    ``report.json`` says of which picture the others are: it comes first into an empty folder, where
    what is missing can be added to it, and last in place of an earlier one, which differs until
    then and is replaced again.
    """
    last = "json" in targets and targets["json"].exists()
    return sorted(targets, key=lambda name: (name == "json") == last)


def existing_results(folder: str | Path, formats: Collection[str]) -> list[Path]:
    """The files that :func:`write_report` would find in its way.

    Raises:
        InputError: if a format is unknown.
    """
    targets = (Path(folder) / _file_name(name) for name in formats)
    return [path for path in targets if os.path.lexists(path)]


def _file_name(name: str) -> str:
    if name not in FILE_NAMES:
        known = ", ".join(f'"{known}"' for known in FILE_NAMES)
        raise InputError(f'Expected formats among {known}, but got "{name}"')
    return FILE_NAMES[name]


def _html(report: Results, siblings: list[str]) -> bytes:
    from blurprint.report.html import render_html

    return render_html(report, siblings).encode("utf-8")


def _npz(report: Results, *, half: bool) -> bytes:
    buffer = io.BytesIO()
    report.defocus.save(buffer, half=half)
    return buffer.getvalue()
