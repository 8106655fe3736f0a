"""One video to its row, and to the rows of its faces in frames."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError, PhotoError, install_extra
from blurprint.scan.first_bytes import is_picture_inside, is_video_inside
from blurprint.scan.items.item import Item, ItemError
from blurprint.scan.items.written import row_path
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.system_errors import temporary_file
from blurprint.scan.table.frame_columns import FACE_COLUMNS
from blurprint.scan.table.row import ItemRows, Row, Value

_OF_FACES: Final = ("face", "label", "likelihood_ratio", "at_bound", "strong", "p_fake", "prior")
_ABSTAINED: Final = ("abstain_", "clip_log10_lr")


def is_local_video(item: Item) -> bool:
    """Whether an item is a file that begins as videos do."""
    return _begins(item, is_video_inside)


def is_local_picture(item: Item) -> bool:
    """Whether an item is a file that begins as pictures do."""
    return _begins(item, is_picture_inside)


def _begins(item: Item, test: Callable[[Path], bool]) -> bool:
    path = item.local_path
    try:
        return path is not None and os.path.isfile(path) and test(Path(path))  # noqa: PTH113
    except (OSError, ValueError):
        return False


def video_rows(item: Item, settings: ScanSettings) -> ItemRows:
    """Columns of a video, and a row for each face in each frame that was measured.

    A file is read where it is, whatever its size; what lies in an archive or at an address is put
    into a temporary file first, up to the bound of bytes.

    Args:
        item: the video.
        settings: of the scan; without faces, there is a row for each frame.

    Raises:
        ItemError: if it cannot be read, or the package that reads videos is missing.
        MachineError: if there can be no temporary file.
    """
    if item.problem:
        raise ItemError(item.problem, item.status)
    if find_spec("av") is None:
        raise ItemError(
            f"is a video, which needs the extra 'video': {install_extra('video')}",
            "video_unsupported",
        )
    with _as_file(item, settings.max_bytes) as path:
        row, frames = _measured(path, settings)
        size = path.stat().st_size
    name = row_path(item)
    full: dict[str, Value] = {**row, "kind": "video", "bytes": size, "status": "ok"}
    if not settings.faces:
        named = ({"path": name, **frame} for frame in frames)
        return ItemRows(_without_faces(full), tuple(_one_a_frame(named)))
    for side in ("width", "height"):
        full[f"judged_{side}_px"] = row[f"working_{side}_px"]
    if row["face_eyes_px"] is not None:
        full["face_eyes_native_px"] = row["face_eyes_px"] / row["scale"]
    if full.get("label") != "fake":
        full["strong"] = None
    if not full.get("faces"):
        full["status"] = "no_face"
    return ItemRows(full, tuple({"path": name, **_plain(frame)} for frame in frames))


def _measured(path: Path, settings: ScanSettings) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    from blurprint.clips.row import clip_row

    try:
        return clip_row(
            path,
            frames=settings.frames,
            method=settings.method,
            prior=settings.prior,
            max_side=settings.max_side,
            max_pixels=settings.max_pixels,
        )
    except (PhotoError, InputError) as error:
        status = getattr(error, "status", "unreadable")
        raise ItemError(str(error).removeprefix(f"{path}: "), status) from error


@contextmanager
def _as_file(item: Item, most_bytes: int) -> Iterator[Path]:
    if item.local_path is not None:
        if not os.path.isfile(item.local_path):  # noqa: PTH113
            raise ItemError("no such file")
        yield Path(item.local_path)
        return
    with temporary_file(item.read(most_bytes)) as path:
        yield path


def _without_faces(row: Mapping[str, Value]) -> Row:
    """The map alone."""
    return {
        name: value
        for name, value in row.items()
        if not name.startswith(_ABSTAINED) and not any(name.startswith(one) for one in _OF_FACES)
    }


def _one_a_frame(frames: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    met: set[Any] = set()
    for frame in frames:
        if frame["frame"] not in met:
            met.add(frame["frame"])
            yield {name: value for name, value in _plain(frame).items() if name not in FACE_COLUMNS}


def _plain(frame: Mapping[str, Any]) -> dict[str, Value]:
    """Without truth values, which the table holds as numbers."""
    return {name: int(value) if isinstance(value, bool) else value for name, value in frame.items()}
