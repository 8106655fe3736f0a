"""What each row of a face tells: its AUC on pairs of untouched faces and faces pasted over them.

    python benchmarks/face_evidence.py --faces DIR [--pairs 300] [--seed 7]

A pair is made as for training (:mod:`blurprint.lab.fakes.pairs`), of people held out of it,
and measured at the size at which it is delivered, not in the crop that a network sees. Landmarks
are off by what a detector errs. An AUC above 0.5 means that the fake has the larger value.
Intervals of 95 % are by bootstrap over people.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from blurprint.evidence.face_scene import scene_of
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.lab.fakes import pairs
from blurprint.lab.fakes.deliver import deliver
from blurprint.lab.fakes.people import Person, find_people
from blurprint.lab.fakes.retouch import retouch
from blurprint.lab.fakes.store import split_people
from blurprint.limits import MIN_SIDE
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo

RESAMPLES = 1000
Values = npt.NDArray[np.float64]


def delivered(
    people: list[Person], place: int, rng: np.random.Generator
) -> list[tuple[RGB8, Face]]:
    """A real picture and the fake made of it, each with its face."""
    base, face = pairs._scene(people[place], rng)
    if rng.random() < pairs._RETOUCHED:
        base = retouch(base, face, rng)
    fake, mask = pairs._pasted(people, place, base, face, rng, "blend", None)
    if rng.random() < pairs._TIGHT:
        base, fake, mask, face = pairs._tight(base, fake, mask, face, rng)
    found = []
    for member in (base, fake):
        there = deliver(member, face.eye_distance, rng)
        found.append((there.rgb, pairs._off(face.scaled(there.scale), rng)))
    return found


def measured(
    people: list[Person], count: int, seed: int
) -> Iterator[tuple[str, dict[str, Values]]]:
    """Of each pair who it shows, and by row the values of real and fake, NaN where it abstains."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        place = int(rng.integers(len(people)))
        pair = delivered(people, place, rng)
        if min(min(rgb.shape[:2]) for rgb, _ in pair) <= MIN_SIDE:
            continue
        rows = defaultdict(list)
        for rgb, face in pair:
            photo = Photo(rgb=rgb.astype(np.float32) / np.float32(255))
            scene = scene_of(photo, estimate_defocus(photo), face)
            for name, measure in FACE_MEASURES.items():
                value = measure(scene).value
                rows[name].append(np.nan if value is None else value)
        yield people[place].group, {name: np.array(values) for name, values in rows.items()}


def auc(values: Values) -> float:
    """Of (N, 2) values of reals and fakes."""
    known = np.isfinite(values)
    labels = np.broadcast_to([0, 1], values.shape)[known]
    return float(roc_auc_score(labels, values[known]))


def interval(groups: list[str], values: Values) -> tuple[float, float]:
    places = defaultdict(list)
    for place, group in enumerate(groups):
        places[group].append(place)
    names = sorted(places)
    rng = np.random.default_rng(0)
    found = [
        auc(values[[one for name in rng.choice(names, len(names)) for one in places[name]]])
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--faces", type=Path, required=True, help="folder of real faces")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    people = split_people(find_people(options.faces).faces, 0.15, 0)["validation"]
    found = list(measured(people, options.pairs, options.seed))
    groups = [group for group, _ in found]
    print("| row | measured | AUC | fake above its own real |\n| --- | --- | --- | --- |")
    for name in FACE_MEASURES:
        values = np.stack([rows[name] for _, rows in found])
        known = np.isfinite(values)
        if known.mean() < 0.1:
            print(f"| {name} | {100 * known.mean():.0f} % | | |")
            continue
        low, high = interval(groups, values)
        both = values[known.all(axis=1)]
        above = 100 * float(np.mean(both[:, 1] > both[:, 0]))
        print(
            f"| {name} | {100 * known.mean():.0f} % | {auc(values):.2f} ({low:.2f} to {high:.2f}) "
            f"| {above:.0f} % |"
        )


if __name__ == "__main__":
    main()
