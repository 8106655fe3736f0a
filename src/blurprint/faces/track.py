"""From the faces of single frames to one face that is followed through a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from blurprint.faces.find import FaceBox

# Strays in a track: 16 % up to 0.3, 14 with 0.4, 2 with 0.6; no face lost: docs/thresholds.md.
MIN_SHARE: Final = 0.2
"""Share of the frames in which a face must be found; fewer are taken for errors of the search."""
# Rounding a side of 50 px changes proportions as much: docs/thresholds.md.
SAME_SHAPE: Final = 0.02
"""By how much proportions of frames differ at most, as a share, that show the same view."""
# Change of the side from frame to frame: 2.4 % with 1, 0.9 with 5, 0.5 here, 0.3 with 15:
# docs/thresholds.md.
_WINDOW: Final = 9
"""Frames over which the median of the size is taken."""
# No difference from 0.25 to 4; faces of 5 clips move by 0.04 at most: docs/thresholds.md.
_REACH: Final = 1.0
"""How far a face moves between two frames at most, in sides of its box."""
# Strays in a track: 10 % with 1.5, 16 here, 21 with 3; no face lost: docs/thresholds.md.
_GROWTH: Final = 2.0
"""By how much its side changes between two frames at most, as a factor."""


@dataclass(slots=True)
class _Track:
    boxes: dict[int, FaceBox] = field(default_factory=dict)

    @property
    def last(self) -> FaceBox:
        return next(reversed(self.boxes.values()))

    @property
    def weight(self) -> float:
        return sum(box.area for box in self.boxes.values())


def track_face(
    detections: Sequence[Sequence[FaceBox]], sizes: Sequence[tuple[int, int]]
) -> dict[int, FaceBox]:
    """Square boxes of the largest face of a clip, in the pixels of each frame.

    Where frames change their size and keep their proportions, as streams of a variable rate do,
    the face is followed on, its boxes scaled. Where proportions change, what is shown may have
    turned or been cut, and the track starts anew.

    Args:
        detections: boxes of each frame, in the order of time.
        sizes: (width, height) of each frame, pixels.

    Returns:
        The box of each frame by its place. Frames of a stretch without a lasting face have none;
        empty if no stretch has one.
    """
    boxes: dict[int, FaceBox] = {}
    for start, end in _stretches(sizes):
        width = sizes[start][0]
        found = largest_track(
            [
                [box.scaled(width / sizes[place][0]) for box in detections[place]]
                for place in range(start, end)
            ]
        )
        if found:
            for offset, box in enumerate(smooth_track(found, end - start)):
                place = start + offset
                boxes[place] = box.scaled(sizes[place][0] / width)
    return boxes


def _stretches(sizes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """First and one past the last place of frames in a row that have the same proportions."""
    starts = [
        place
        for place, (width, height) in enumerate(sizes)
        if place == 0
        or abs(width * sizes[place - 1][1] / (height * sizes[place - 1][0]) - 1) > SAME_SHAPE
    ]
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True)) if starts else []


def largest_track(detections: Sequence[Sequence[FaceBox]]) -> dict[int, FaceBox]:
    """The face with the largest area, summed over the frames in which it is found.

    From frame to frame a face goes on as the box that overlaps its last one most; where none does,
    as the one whose centre is nearest, if that is within a side of the box and of half to twice
    its size. The sum keeps a single large error of the search from winning.

    Args:
        detections: boxes of each frame, in the order of time.

    Returns:
        The box in each frame where it was found, by the frame's place; empty if there is none in
        more than :data:`MIN_SHARE` of the frames.
    """
    tracks: list[_Track] = []
    for place, boxes in enumerate(detections):
        free = list(tracks)
        for box in sorted(boxes, key=lambda box: -box.area):
            nearest = max(free, key=lambda track: _affinity(track.last, box), default=None)
            if nearest is None or _affinity(nearest.last, box) <= -_REACH:
                nearest = _Track()
                tracks.append(nearest)
            else:
                free.remove(nearest)
            nearest.boxes[place] = box
    lasting = [track for track in tracks if len(track.boxes) >= MIN_SHARE * len(detections)]
    best = max(lasting, key=lambda track: track.weight, default=None)
    return {} if best is None else best.boxes


def smooth_track(found: dict[int, FaceBox], frames: int) -> list[FaceBox]:
    """A square box for every frame, of a size that does not breathe.

    Centres are interpolated linearly over frames without a detection (held at the ends); sides are
    running medians over up to nine frames.

    Args:
        found: as :func:`largest_track` gives it, not empty.
        frames: how many there are.

    >>> smooth_track({0: FaceBox(0, 0, 10, 10), 2: FaceBox(4, 0, 10, 10)}, 3)[1]
    FaceBox(left=2.0, top=0.0, width=10.0, height=10.0, score=0.0)
    """
    places = sorted(found)
    boxes = [found[place] for place in places]
    every = np.arange(frames)
    x, y, side, score = (
        np.interp(every, places, values)
        for values in (
            [box.centre[0] for box in boxes],
            [box.centre[1] for box in boxes],
            [max(box.width, box.height) for box in boxes],
            [box.score for box in boxes],
        )
    )
    half = _WINDOW // 2
    sides = [float(np.median(side[max(0, place - half) : place + half + 1])) for place in every]
    return [
        FaceBox(
            float(x[place]) - sides[place] / 2,
            float(y[place]) - sides[place] / 2,
            sides[place],
            sides[place],
            float(score[place]) if place in found else 0.0,
        )
        for place in range(frames)
    ]


def _affinity(last: FaceBox, box: FaceBox) -> float:
    """Above 0 the overlap; below, the distance of the centres in sides, -infinity if too unlike."""
    growth = box.width / last.width
    if not 1 / _GROWTH <= growth <= _GROWTH:
        return -float("inf")
    overlap = last.overlap(box)
    if overlap > 0:
        return overlap
    return -float(np.hypot(*np.subtract(last.centre, box.centre))) / max(last.width, box.width)
