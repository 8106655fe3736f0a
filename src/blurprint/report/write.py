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
    from blurprint.optics.defocus_map import DefocusMap
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
    files = {} if report.explanation is None else report.explanation.files
    siblings = [*siblings_of_html(formats), *files]
    contents = {
        "html": lambda: _html(report, siblings),
        "json": lambda: as_json(report).encode("utf-8"),
        "npz": lambda: map_bytes(report.defocus, half=half),
    }
    return write_results(
        folder, contents, formats=formats, overwrite=overwrite, beside=files, more=more
    )


def write_results(
    folder: str | Path,
    contents: Mapping[str, Callable[[], bytes]],
    *,
    formats: Collection[str],
    overwrite: bool,
    beside: Mapping[str, bytes] = _NOTHING,
    more: Mapping[str, bytes] = _NOTHING,
) -> dict[str, Path]:
    """Write the files of a result, of whatever kind, as :func:`write_report` says.

    Args:
        folder: where.
        contents: makes the content of each format; called for those that are written.
        formats: of :data:`FILE_NAMES`.
        overwrite: replace earlier files.
        beside: further files by name, which are not replaced either unless `overwrite` is true.
        more: further files by name, which replace earlier ones.

    Raises:
        InputError: if a format is unknown.
        OutputError: if a file exists already and `overwrite` is false, or cannot be written.
    """
    folder = Path(folder)
    targets = {name: folder / _file_name(name) for name in formats}
    earlier = existing_results(folder, formats)
    earlier += [path for path in map(folder.joinpath, beside) if os.path.lexists(path)]
    if earlier and not overwrite:
        raise OutputError(f"{earlier[0]}: exists already, and would be overwritten")
    make_folder(folder)
    others = {folder / name: data for name, data in (*beside.items(), *more.items())}
    write_all({targets[name]: contents[name]() for name in _order(targets)} | others)
    return targets


def siblings_of_html(formats: Collection[str]) -> list[str]:
    """Names of the files that lie beside ``report.html``.

    Raises:
        InputError: if a format is unknown.
    """
    return [_file_name(name) for name in formats if name != "html"]


def map_bytes(defocus: DefocusMap, *, half: bool) -> bytes:
    """The content of ``defocus.npz``."""
    buffer = io.BytesIO()
    defocus.save(buffer, half=half)
    return buffer.getvalue()


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
