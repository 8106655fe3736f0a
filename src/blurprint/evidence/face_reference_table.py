"""Making the table of ordinary portraits: quantiles of each measure by the size of the face."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.errors import InputError, PhotoError
from blurprint.evidence.face_reference import EYES, FEWEST, FORMAT
from blurprint.evidence.measure_faces import FaceEvidence, measure_faces
from blurprint.evidence.reference import PERCENTS, class_of
from blurprint.faces.faces import SURE
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.files import PICTURE_SUFFIXES
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.optics.methods import weights_of
from blurprint.photos.photo import Photo, read_photo
from blurprint.version import __version__

MANIFEST: Final = "manifest.csv"
HALVED: Final = 64
"""Least longer side in pixels of a picture that is measured at half its size as well."""
_DIGITS: Final = 4  # significant, of the quantiles

Class = tuple[float, float]
Estimate = Callable[[Photo, str], DefocusMap]


@dataclass
class PortraitTally:
    """What one method measured in portrait after portrait.

    Attributes:
        method: its name.
        left_out: number of faces by the reason why they were left out.
    """

    method: str
    left_out: Counter[str] = field(default_factory=Counter)
    _values: dict[Class, dict[str, list[tuple[str, float]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, person: str, found: FaceEvidence) -> None:
        """Count the rows of a face of `person` under its class of size."""
        eyes = class_of(found.face.eye_distance, EYES)
        if eyes is None:
            self.left_out["of no class of size"] += 1
            return
        for row in found.rows:
            if row.value is not None and not row.no_reference.startswith("Not compared"):
                self._values[eyes][row.name].append((person, row.value))

    def to_dict(self) -> dict[str, Any]:
        """The method's part of the table; classes of fewer than `FEWEST` people are left out."""
        groups = []
        for eyes, measures in sorted(self._values.items()):
            kept = {
                name: _quantiles(values)
                for name, values in sorted(measures.items())
                if len({person for person, _ in values}) >= FEWEST
            }
            if kept:
                groups.append({"eyes": list(eyes), "measures": kept})
        return {
            "weights_sha256": weights_of(self.method),
            "left_out": dict(self.left_out),
            "groups": groups,
        }


@dataclass(frozen=True)
class PortraitTable:
    """What :func:`measure_portraits` returns.

    Attributes:
        tally: of the method.
        portraits: pictures with a face that was measured.
        without_face: pictures in which no face was found that is sure and large enough.
        unread: pictures that could not be read, each with its reason.
    """

    tally: PortraitTally
    portraits: int
    without_face: int
    unread: tuple[str, ...]

    def to_json(self) -> str:
        """Strict JSON, a class's measure on a line, ending with a newline."""
        table = {
            "format": FORMAT,
            "made_by": f"blurprint {__version__}",
            "command": "blurprint benchmark portraits --photos DIR --out FILE",
            "portraits": self.portraits,
            "without_face": self.without_face,
            "unread": len(self.unread),
            "eyes_bounds_px": list(EYES),
            "percents": list(PERCENTS),
            "methods": {self.tally.method: self.tally.to_dict()},
        }
        text = json.dumps(table, indent=1, allow_nan=False)
        return re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), text) + "\n"


def measure_portraits(
    folder: Path,
    method: str,
    show: Callable[[str, int, int], object] = lambda *_: None,
    estimate: Estimate = estimate_defocus,
) -> PortraitTable:
    """Measure the largest face of every picture in a folder and its folders, by path.

    Each picture is measured at its own size and at half of it, as portraits are delivered in many
    sizes. Pictures of one person, by the column `group` of a `manifest.csv` in the folder or the
    one above it, count as one in a class of size; without it each picture is a person.

    Args:
        folder: of ordinary portraits.
        method: of :func:`blurprint.estimate_defocus`.
        show: called with the task, the number done, and the number in all.
        estimate: gives the map of a photo by a method.

    Raises:
        InputError: if the folder holds no picture, or none in which a face is found.
    """
    people = _people(folder)
    pictures = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file()
    )
    tally = PortraitTally(method)
    unread: list[str] = []
    portraits = without = 0
    for index, path in enumerate(pictures):
        show("portraits", index, len(pictures))
        try:
            photo = read_photo(path, max_side=0)
            sizes = [photo]
            if max(photo.size) >= HALVED:
                sizes.append(read_photo(path, max_side=max(photo.size) // 2))
        except PhotoError as error:
            unread.append(str(error))
            continue
        person = people.get(path.resolve()) or str(path)
        found = [tally_face(tally, person, one, estimate) for one in sizes]
        portraits += found[0]
        without += not found[0]
    show("portraits", len(pictures), len(pictures))
    if not portraits:
        raise InputError(f"Expected portraits in {folder}, but found a face in none")
    return PortraitTable(tally, portraits, without, tuple(unread))


def tally_face(tally: PortraitTally, person: str, photo: Photo, estimate: Estimate) -> bool:
    """Measure the largest face of a photo for a tally; False if none is sure and large enough."""
    faces = find_faces_of(photo)
    if not faces.found or faces.found[0].probability < SURE:
        return False
    measured = measure_faces(photo, estimate(photo, tally.method), faces).measured[0]
    tally.add(person, measured)
    return True


def _quantiles(values: list[tuple[str, float]]) -> dict[str, Any]:
    """Of values of people, each person's of equal weight in all."""
    counts = Counter(person for person, _ in values)
    ordered = sorted((value, 1 / counts[person]) for person, value in values)
    found, weights = (np.array(column) for column in zip(*ordered, strict=True))
    middles = np.cumsum(weights) - weights / 2
    share = 100 * (middles - middles[0]) / max(middles[-1] - middles[0], 1e-9)
    return {
        "portraits": len(values),
        "people": len(counts),
        "quantiles": [
            float(f"{value:.{_DIGITS}g}") for value in np.interp(PERCENTS, share, found).tolist()
        ],
    }


def _people(folder: Path) -> Mapping[Path, str]:
    """Who each picture shows, by the manifest of the folder or of the one above it."""
    for home in (folder, folder.parent):
        path = home / MANIFEST
        if path.is_file():
            with path.open(newline="", encoding="utf-8") as file:
                rows = csv.DictReader(file)
                if not {"path", "group"} <= set(rows.fieldnames or ()):
                    raise InputError(f"{path}: Expected the columns `path` and `group`")
                return {(home / row["path"]).resolve(): row["group"] for row in rows}
    return {}
