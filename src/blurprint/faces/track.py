"""From the faces of single frames to faces that are followed through a clip."""

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
class Track:
    """One face, by its box in each frame where it was found, in the order of time."""

    boxes: dict[int, FaceBox] = field(default_factory=dict)

    @property
    def last(self) -> FaceBox:
        """Where it was seen last."""
        return next(reversed(self.boxes.values()))

    @property
    def weight(self) -> float:
        """Its area, summed over the frames."""
        return sum(box.area for box in self.boxes.values())


class FaceTracker:
    """Follows all faces of a clip, given one frame after the other.

    From frame to frame a face goes on as the box that overlaps its last one most; where none does,
    as the one whose centre is nearest, if that is within a side of the box and of half to twice
    its size. Larger boxes choose first. Nothing but place and size is compared: after a cut the
    track of one person may go on with another.

    Attributes:
        tracks: all that there were, in the order of their beginnings; boxes in pixels of the first
            frame of a stretch of frames of one shape.
    """

    def __init__(self) -> None:
        """No frame was seen."""
        self.tracks: list[Track] = []
        self._open: list[int] = []
        self._place = 0
        self._size: tuple[int, int] | None = None
        self._width = 0

    def assign(
        self,
        boxes: Sequence[FaceBox],
        size: tuple[int, int] | None = None,
        *,
        anew: bool = False,
    ) -> list[int]:
        """Take the next frame.

        Args:
            boxes: the faces in it.
            size: (width, height) of the frame, pixels; may be left out where all have one size.
                Where frames change their size and keep their proportions, faces are followed on;
                where proportions change, all tracks end.
            anew: end all tracks before this frame, as after a cut.

        Returns:
            the place in :attr:`tracks` of the face in each box, in the order of `boxes`.
        """
        if anew or not _same_shape(self._size, size):
            self._open, self._width = [], 0
        self._size = size
        self._width = self._width or (size[0] if size else 1)
        scale = self._width / size[0] if size else 1.0
        found = [-1] * len(boxes)
        free = list(self._open)
        for which in sorted(range(len(boxes)), key=lambda which: -boxes[which].area):
            box = boxes[which] if scale == 1 else boxes[which].scaled(scale)
            nearest = max(
                free, key=lambda number: _affinity(self.tracks[number].last, box), default=-1
            )
            if nearest < 0 or _affinity(self.tracks[nearest].last, box) <= -_REACH:
                self.tracks.append(Track())
                nearest = len(self.tracks) - 1
                self._open.append(nearest)
            else:
                free.remove(nearest)
            self.tracks[nearest].boxes[self._place] = box
            found[which] = nearest
        self._place += 1
        return found


def _same_shape(one: tuple[int, int] | None, other: tuple[int, int] | None) -> bool:
    """Whether frames of two sizes (width, height) show the same view."""
    if one is None or other is None:
        return True
    return abs(other[0] * one[1] / (other[1] * one[0]) - 1) <= SAME_SHAPE


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
        for place, size in enumerate(sizes)
        if place == 0 or not _same_shape(sizes[place - 1], size)
    ]
    return list(zip(starts, [*starts[1:], len(sizes)], strict=True)) if starts else []


def largest_track(detections: Sequence[Sequence[FaceBox]]) -> dict[int, FaceBox]:
    """The face with the largest area, summed over the frames in which it is found.

    Faces are followed by :class:`FaceTracker`. The sum keeps a single large error of the search
    from winning.

    Args:
        detections: boxes of each frame, in the order of time.

    Returns:
        The box in each frame where it was found, by the frame's place; empty if there is none in
        more than :data:`MIN_SHARE` of the frames.
    """
    tracker = FaceTracker()
    for boxes in detections:
        tracker.assign(boxes)
    tracks = tracker.tracks
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
