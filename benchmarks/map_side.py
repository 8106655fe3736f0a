"""What a smaller map costs: the same pictures measured at their own size, and reduced.

    python benchmarks/map_side.py FOLDER [FOLDER ...] [--most 40] [--factors 1.4 2.7]

Of each folder up to `--most` pictures of 600 to 1000 px are taken, spread over its names. Each is
measured as `blurprint scan` does it, at its own size and reduced by each factor, which does to it
what the map side of 640 px does to pictures of 900 and of 1730 px. Printed are, as Markdown: native
blur after the reduction over that at the own size; how often the medians agree within their errors;
rank correlations; how the row "face_inner_ring" changes, and how far its percentile moves; doubts
that differ. docs/scan.md quotes them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.stats import spearmanr

from blurprint.evidence.blur_median import NAME as MEDIAN
from blurprint.evidence.doubts import check_doubts
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_inner_ring import NAME as INNER_RING
from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.measure_faces import measure_face
from blurprint.faces.faces import MIN_EYES, at_size
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.files import PICTURE_SUFFIXES
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import read_photo

SIDES = (600, 1000)
"""Longer sides of the pictures that are taken, pixels."""
BLURS = ((0.0, 0.5), (0.5, 0.8), (0.8, 1.5), (1.5, 3.0), (3.0, np.inf))
"""Kinds of pictures: by the median blur at their own size, pixels."""
Values = npt.NDArray[np.float64]


class Seen(NamedTuple):
    """A picture at one size; rows are None where nothing is measured."""

    median: Evidence
    face: Evidence | None
    doubts: frozenset[str]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="What a smaller map costs.")
    parser.add_argument("folders", type=Path, nargs="+", help="pictures, searched recursively")
    parser.add_argument("--most", type=int, default=40, help="pictures of each folder")
    parser.add_argument("--factors", type=float, nargs="+", default=[1.4, 2.7])
    given = parser.parse_args()
    files = [file for folder in given.folders for file in chosen(folder, given.most)]
    seen = []
    for number, file in enumerate(files, 1):
        seen.append(seen_at(file, [1.0, *given.factors]))
        print(f"\r{number} of {len(files)}", end="", file=sys.stderr, flush=True)
    print(f"{len(files)} pictures, {sum(one[0].face is not None for one in seen)} with a face\n")
    own, *reduced = (list(sizes) for sizes in zip(*seen, strict=True))
    for factor, there in zip(given.factors, reduced, strict=True):
        compare(factor, own, there)


def chosen(folder: Path, most: int) -> list[Path]:
    """Pictures of the folder that have a longer side within SIDES, evenly spread."""
    files = []
    for file in sorted(folder.rglob("*")):
        if file.suffix.lower() in PICTURE_SUFFIXES:
            with Image.open(file) as image:
                if SIDES[0] <= max(image.size) <= SIDES[1]:
                    files.append(file)
    places = np.linspace(0, len(files) - 1, min(most, len(files))).round().astype(int)
    return [files[place] for place in places]


def seen_at(file: Path, factors: Sequence[float]) -> list[Seen]:
    """The picture at its own size over each factor; its faces are those of the own size."""
    whole = read_photo(file, max_side=0)
    found = find_faces_of(whole, cascades=False).found
    sizes = []
    for factor in factors:
        photo = whole
        if factor != 1:
            photo = read_photo(file, max_side=round(max(whole.size) / factor))
        defocus = estimate_defocus(photo)
        rows = {row.name: row for row in measure_evidence(defocus)}
        faces = at_size(found, max(photo.size) / max(whole.size))
        face = None
        if faces and faces[0].eye_distance >= MIN_EYES:
            face = measure_face(photo, defocus, faces[0], faces)[INNER_RING]
        doubts = frozenset(one.name for one in check_doubts(photo, defocus) if one.found)
        sizes.append(Seen(rows[MEDIAN], face, doubts))
    return sizes


def compare(factor: float, own: Sequence[Seen], there: Sequence[Seen]) -> None:
    """Print what one factor does."""
    print(f"## Reduced {factor:g} times\n")
    both = [
        (a.median, b.median)
        for a, b in zip(own, there, strict=True)
        if a.median.native is not None and b.median.native is not None
    ]
    before, after = (np.array([pair[side].native for pair in both]) for side in (0, 1))
    errors = [np.array([_native_error(pair[side]) for pair in both]) for side in (0, 1)]
    print("| blur at the own size | n | native blur over that: median (tenth to nine tenths) |")
    print("| --- | --- | --- |")
    for low, high in BLURS:
        kind = (before >= low) & (before < high)
        told = spread(after[kind] / before[kind]) if kind.any() else ""
        print(f"| {low:g} to {high:g} px | {int(kind.sum())} | {told} |")
    agree = float((np.abs(before - after) <= sum(errors)).mean())
    lost = sum(b.median.native is None for b in there)
    print(f"\n- medians within both errors: {agree:.0%}; nothing measured: {lost}")
    print(f"- rank correlation of the medians: {spearmanr(before, after).statistic:.2f}")
    faces = [
        (a.face, b.face)
        for a, b in zip(own, there, strict=True)
        if a.face and b.face and a.face.value is not None and b.face.value is not None
    ]
    known = sum(a.face is not None and a.face.value is not None for a in own)
    if len(faces) > 2:
        one, other = (np.array([pair[side].value for pair in faces]) for side in (0, 1))
        order = spearmanr(one, other).statistic
        moved = [
            abs(a.reference.percentile - b.reference.percentile)
            for a, b in faces
            if a.reference and b.reference
        ]
        print(f"- face_inner_ring: {len(faces)} of {known} faces are measured at both sizes")
        print(f"  change: {spread(np.abs(other - one))}; rank correlation {order:.2f}")
        print(f"  its percentile moves by {spread(np.array(moved))} points")
    differs = Counter(name for a, b in zip(own, there, strict=True) for name in a.doubts ^ b.doubts)
    told = ", ".join(f"{name} {count / len(own):.0%}" for name, count in differs.most_common())
    print(f"- doubts that differ: {told or 'none'}\n")


def _native_error(row: Evidence) -> float:
    """Error of a median in native pixels; none where it is not known."""
    if row.error is None or not row.value or row.native is None:
        return 0.0
    return row.error * row.native / row.value


def spread(values: Values) -> str:
    """Median, tenth and nine tenths."""
    low, middle, high = np.percentile(values, [10, 50, 90])
    return f"{middle:.2g} ({low:.2g} to {high:.2g})"


if __name__ == "__main__":
    main()
