"""Results of a clip on disk, under the names that those of a picture have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from blurprint.clips.document import as_json
from blurprint.report.write import map_bytes, siblings_of_html, write_results

if TYPE_CHECKING:
    from blurprint.clips.clip_results import ClipResults

_NOTHING: Final[Mapping[str, bytes]] = MappingProxyType({})


def write_clip(
    report: ClipResults,
    folder: str | Path,
    *,
    formats: Collection[str] = ("html", "json", "npz"),
    overwrite: bool = False,
    half: bool = False,
    more: Mapping[str, bytes] = _NOTHING,
) -> dict[str, Path]:
    """Write ``report.html``, ``report.json`` and ``defocus.npz``, as `formats` asks, into `folder`.

    As :func:`blurprint.report.write.write_report`; ``defocus.npz`` holds the map of the frame that
    stands for the clip (``clip.shown[0]`` of the JSON).

    Args:
        report: what to write.
        folder: where.
        formats: of :data:`blurprint.report.write.FILE_NAMES`.
        overwrite: replace earlier files.
        half: write the map as float16.
        more: further files by name, which replace earlier ones.

    Returns:
        the path of each file, by format.

    Raises:
        InputError: if a format is unknown.
        OutputError: if a file exists already and `overwrite` is false, or cannot be written.
    """
    siblings = siblings_of_html(formats)
    contents = {
        "html": lambda: _html(report, siblings),
        "json": lambda: as_json(report).encode("utf-8"),
        "npz": lambda: map_bytes(report.shown[0].report.defocus, half=half),
    }
    return write_results(folder, contents, formats=formats, overwrite=overwrite, more=more)


def _html(report: ClipResults, siblings: list[str]) -> bytes:
    from blurprint.clips.html import render_clip

    return render_clip(report, siblings).encode("utf-8")
