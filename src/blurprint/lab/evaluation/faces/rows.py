"""What was measured of each face, as rows that are kept on disk in parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.files import make_folder, write_atomic

VERSION: Final = 2
"""Of conditions, recipes and rows: results of another version are not mixed with these."""
RECORD: Final = "run.json"


@dataclass(frozen=True, slots=True)
class Row:
    """One face of a pair under one condition.

    Attributes:
        pair: number of the pair.
        group: of the real face.
        recipe: how the fake was made.
        condition: name of the change.
        label: 0 real, 1 fake.
        logit: of the detector.
        log10_lr: log10 of its likelihood ratio; None without a calibration.
        called: "fake", "real" or "unsure" by the rules of the card; None without rules.
        reason: why it is unsure, by its code; "" otherwise.
        eyes: distance of the eyes, pixels.
        blur: log of the inner face's sigma over that of its surround; None where it was not
            measured.
        picture: name of the file that was kept of it; "" for none.
        added: what blur added to the network's logit, by the detector's card.
        spectrum: of the face, by bands of frequency; empty where it was not measured.
    """

    pair: int
    group: str
    recipe: str
    condition: str
    label: int
    logit: float
    log10_lr: float | None
    called: str | None
    reason: str
    eyes: float
    blur: float | None = None
    picture: str = ""
    added: float = 0.0
    spectrum: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PictureRow:
    """The face of an honest picture, as the picture is.

    Attributes:
        path: of the picture.
        group: whom it shows.
        kind: of picture: as the manifest states it, or the name of its folder.
        seen: whether it was in the training.
        logit: as of :class:`Row`, like the rest.
        log10_lr: the same.
        called: the same.
        reason: the same.
        eyes: the same.
    """

    path: str
    group: str
    kind: str
    seen: bool
    logit: float
    log10_lr: float | None
    called: str | None
    reason: str
    eyes: float


def claim(out: Path, settings: dict[str, Any]) -> None:
    """Take a folder for results, or go on in one of the same settings.

    Raises:
        InputError: if it holds results of other settings.
        OutputError: if it cannot be written.
    """
    make_folder(out)
    file, wanted = out / RECORD, {"version": VERSION, **settings}
    if not file.exists():
        write_atomic(file, json.dumps(wanted, indent=1).encode())
        return
    found = _read(file)
    changed = [
        key for key in wanted if not isinstance(found, dict) or found.get(key) != wanted[key]
    ]
    if changed:
        raise InputError(
            f"{out}: holds results of another {', '.join(changed)}; give another --out"
        )


def keep(file: Path, rows: Sequence[Row] | Sequence[PictureRow]) -> None:
    """Write rows, whole or not at all.

    Raises:
        OutputError: if the file cannot be written.
    """
    make_folder(file.parent)
    write_atomic(file, json.dumps([asdict(row) for row in rows]).encode())


def kept(file: Path) -> list[dict[str, Any]] | None:
    """Rows that were kept, as documents; None where there are none.

    Raises:
        InputError: if the file is damaged.
    """
    if not file.exists():
        return None
    rows = _read(file)
    if not isinstance(rows, list):
        raise InputError(f"{file}: Expected a list of rows; remove it to measure them again")
    return rows


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read ({error}); remove it to go on") from error
