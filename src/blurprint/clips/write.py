"""Results of a clip on disk, under the names that those of a picture have."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from blurprint.clips.document import as_json
from blurprint.errors import OutputError
from blurprint.files import make_folder, write_all
from blurprint.report.write import FILE_NAMES, existing_results

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
    folder = Path(folder)
    earlier = existing_results(folder, formats)
    if earlier and not overwrite:
        raise OutputError(f"{earlier[0]}: exists already, and would be overwritten")
    targets = {name: folder / FILE_NAMES[name] for name in formats}
    make_folder(folder)
    siblings = [path.name for name, path in targets.items() if name != "html"]
    contents: dict[str, Callable[[], bytes]] = {
        "html": lambda: _html(report, siblings),
        "json": lambda: as_json(report).encode("utf-8"),
        "npz": lambda: _npz(report, half=half),
    }
    # As of a picture: report.json first into an empty folder, and last in place of an earlier one.
    last = "json" in targets and targets["json"].exists()
    order = sorted(targets, key=lambda name: (name == "json") == last)
    others = {folder / name: data for name, data in more.items()}
    write_all({targets[name]: contents[name]() for name in order} | others)
    return targets


def _html(report: ClipResults, siblings: list[str]) -> bytes:
    from blurprint.clips.html import render_clip

    return render_clip(report, siblings).encode("utf-8")


def _npz(report: ClipResults, *, half: bool) -> bytes:
    buffer = io.BytesIO()
    report.shown[0].report.defocus.save(buffer, half=half)
    return buffer.getvalue()
