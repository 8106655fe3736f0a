"""Real faces for training: the face of every picture of a folder, its group and licence."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError, PhotoError
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.faces.mtcnn import find_landmarks
from blurprint.photos.photo import read_photo
from blurprint.scan.inputs import find_inputs

MANIFEST: Final = "manifest.csv"
# docs/thresholds.md.
MIN_EYES: Final = 20.0
"""Least distance of the eyes of a face that is used, pixels."""
# docs/thresholds.md.
_SURE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Person:
    """A real face of a picture.

    Attributes:
        path: of the picture.
        group: who or which clip it shows; what must not straddle a split.
        licence: as the manifest states it; "" where it states none.
        kind: of picture, as the manifest states it; "" where it states none.
        face: in pixels of the picture.
        shape: float32 (5, 2), the landmarks in the frame of the upright face, eye distances.
        colour: float32 (3,), mean of the inner face in CIELAB (8 bits).
    """

    path: Path
    group: str
    licence: str
    kind: str
    face: Face
    shape: FloatMap
    colour: FloatMap


@dataclass(frozen=True, slots=True)
class People:
    """The faces of a folder, and what became of the other pictures.

    Attributes:
        faces: one for each picture that was kept.
        left_out: number of pictures by the reason they were left out.
        notes: what was inferred, as sentences.
    """

    faces: tuple[Person, ...]
    left_out: dict[str, int]
    notes: tuple[str, ...]


def find_people(folder: str | Path, *, each: Callable[[int, int], None] | None = None) -> People:
    """The largest face of every picture of a folder, with its subfolders.

    A `manifest.csv` in the folder or in the one above gives `group`, `licence`, `kind` and `label`
    by `path` (relative to the manifest). A picture without a group is a group of its own.

    Args:
        folder: of pictures of real, unmanipulated faces.
        each: called after every picture with the number done and the number of all.

    Raises:
        InputError: if the folder holds no picture with a face, or the manifest lacks `path`.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"{root}: Expected a folder of pictures of real faces")
    rows, notes = _manifest(root)
    paths = [one.path for one in find_inputs([str(root)], recursive=True).pictures]
    kept: list[Person] = []
    left_out: dict[str, int] = {}
    without_group = 0
    for place, path in enumerate(paths):
        row = rows.get(path.resolve(), {})
        reason, person = _person(path, row)
        if person is not None:
            kept.append(person)
            without_group += not row.get("group")
        else:
            left_out[reason] = left_out.get(reason, 0) + 1
        if each is not None:
            each(place + 1, len(paths))
    if not kept:
        raise InputError(f"{root}: Expected pictures of faces, but found none in {len(paths)}")
    if without_group:
        notes.append(f"{without_group} pictures without a group are a group each.")
    return People(tuple(kept), left_out, tuple(notes))


@lru_cache(maxsize=2048)
def read_rgb(path: Path) -> RGB8:
    """The pixels of a picture, uint8 (H, W, 3), upright, at their own size.

    Raises:
        PhotoError: as :func:`blurprint.read_photo`.
    """
    rgb = read_photo(path, max_side=0).rgb
    return np.round(rgb * 255).astype(np.uint8)


def _person(path: Path, row: dict[str, str]) -> tuple[str, Person | None]:
    if row.get("label", "real") not in ("real", "0", ""):
        return "labelled as fake", None
    try:
        rgb = read_rgb(path)
    except PhotoError:
        return "not readable", None
    faces = [face for face in find_landmarks(rgb) if face.probability >= _SURE]
    if not faces:
        return "no face found", None
    face = faces[0]
    if face.eye_distance < MIN_EYES:
        return f"eyes closer than {MIN_EYES:.0f} px", None
    person = Person(
        path,
        row.get("group") or str(path),
        row.get("licence", ""),
        row.get("kind", ""),
        face,
        upright_landmarks(face),
        _colour(rgb, face),
    )
    return "", person


def upright_landmarks(face: Face) -> FloatMap:
    """Landmarks, float32 (5, 2), around the face's centre, turned upright, in eye distances."""
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.asarray((face.landmarks - face.centre) @ turn.T / face.eye_distance, np.float32)


def _colour(rgb: RGB8, face: Face) -> FloatMap:
    x, y = face.centre
    reach = 0.7 * face.eye_distance
    part = rgb[max(0, int(y - reach)) : int(y + reach) + 1, max(0, int(x - reach)) :]
    part = part[:, : int(2 * reach) + 1]
    lab = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2LAB)
    return np.asarray(lab.reshape(-1, 3).mean(axis=0), np.float32)


def _manifest(root: Path) -> tuple[dict[Path, dict[str, str]], list[str]]:
    for home in (root, root.parent):
        path = home / MANIFEST
        if path.is_file():
            return dict(_rows(path)), []
    return {}, [f"No {MANIFEST} in the folder or above it: groups and licences are not known."]


def _rows(path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row.get("path"):
                raise InputError(f"{path}: Expected a column `path` with a value in every row")
            yield (path.parent / row["path"]).resolve(), row
