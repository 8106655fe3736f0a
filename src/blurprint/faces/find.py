"""Where faces are in a picture, and square crops around them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError

RGB8 = npt.NDArray[np.uint8]
_Gray = npt.NDArray[np.uint8]

# A second face in 7 % of portraits with 240, 10 with 360, 3 here: docs/thresholds.md.
SEARCH_SIDE: Final = 480
"""Longer side of the picture that is searched, in pixels; the boxes are in native pixels."""
# No difference from 16 to 48; it saves time: docs/thresholds.md.
MIN_FACE: Final = 24
"""Smallest face in the searched picture, in pixels: a twentieth of its side."""
MARGIN: Final = 1.3
"""Side of a crop over side of the box, as FaceForensics++ (Rössler et al. 2019) crops."""
_FRONTAL: Final = ("frontalface_alt2", 53.7555694580078125)
_PROFILE: Final = ("profileface", -1.2739679813385010)
"""Cascades of OpenCV, and the sum of weights that their last stage asks for (in their files)."""
# No difference from 0 to 0.8: the cascade groups boxes itself: docs/thresholds.md.
_SAME_FACE: Final = 0.3
"""Boxes whose intersection over union is larger show one face."""


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face is, in pixels of the picture.

    Attributes:
        left: of the box's left edge.
        top: of the box's top edge.
        width: of the box.
        height: of the box.
        score: by how much the weights of the cascade's last stage pass its threshold; 0 or more.
    """

    left: float
    top: float
    width: float
    height: float
    score: float = 0.0

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y), pixels."""
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def area(self) -> float:
        """Pixels squared."""
        return self.width * self.height

    def scaled(self, factor: float) -> FaceBox:
        """The box in the same picture at `factor` times the size."""
        return FaceBox(
            factor * self.left,
            factor * self.top,
            factor * self.width,
            factor * self.height,
            self.score,
        )

    def overlap(self, other: FaceBox) -> float:
        """Intersection over union, from 0 to 1.

        >>> FaceBox(0, 0, 10, 10).overlap(FaceBox(5, 0, 10, 10))
        0.3333333333333333
        """
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        return across * down / (self.area + other.area - across * down)


def find_faces(rgb: RGB8, *, search_side: int = SEARCH_SIDE) -> list[FaceBox]:
    """Faces by OpenCV's cascades, the largest first.

    A frontal cascade; where it finds nothing, one for profiles on the picture and on its mirror
    image (Viola and Jones, *Rapid object detection using a boosted cascade of simple features*,
    CVPR 2001). It serves to crop data sets of one speaker a clip; small, bowed and half-covered
    faces are missed. Safe in several threads: cascades keep state, and each thread has its own.

    Args:
        rgb: uint8 (H, W, 3).
        search_side: longer side of the reduced picture that is searched, pixels.

    Raises:
        InputError: if `rgb` has another dtype or shape.
    """
    _check(rgb)
    height, width = rgb.shape[:2]
    scale = min(1.0, search_side / max(height, width))
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    found = _detect(_FRONTAL, gray) or _profiles(gray)
    faces = [
        FaceBox(b.left / scale, b.top / scale, b.width / scale, b.height / scale, b.score)
        for b in _without_repeats(found)
    ]
    return sorted(faces, key=lambda box: (-box.area, box.left, box.top))


def square_crop(rgb: RGB8, box: FaceBox, margin: float = MARGIN, size: int | None = None) -> RGB8:
    """A square around a box, with a margin.

    A square that reaches over the border is moved inside; only where the picture itself is too
    small it is continued by reflection. Without `size` the pixels are the picture's own. Resizing
    changes blur: enlarging makes edges wider, so crops that are to be measured are best left alone.

    Args:
        rgb: uint8 (H, W, 3).
        box: around whose centre the square lies.
        margin: side of the square over the box's longer side.
        size: side of the result in pixels (reduced by area average, enlarged by cubic
            interpolation); None leaves it.

    Returns:
        uint8 (S, S, 3).

    Raises:
        InputError: if an argument is out of range.

    >>> square_crop(np.zeros((100, 80, 3), np.uint8), FaceBox(60, 40, 20, 20), margin=1.5).shape
    (30, 30, 3)
    """
    _check(rgb)
    if not (np.isfinite(margin) and margin > 0):
        raise InputError(f"Expected `margin` to be above 0, but got {margin}")
    if size is not None and size < 1:
        raise InputError(f"Expected `size` to be at least 1, but got {size}")
    side = max(1, round(margin * max(box.width, box.height)))
    x, y = box.centre
    height, width = rgb.shape[:2]
    left, top = _start(x, side, width), _start(y, side, height)
    crop = rgb[max(0, top) : max(0, top) + side, max(0, left) : max(0, left) + side]
    down, across = crop.shape[:2]
    if down < side or across < side:
        above, before = max(0, -top), max(0, -left)
        below, behind = side - down - above, side - across - before
        crop = cv2.copyMakeBorder(crop, above, below, before, behind, cv2.BORDER_REFLECT_101)
    if size is not None and size != side:
        how = cv2.INTER_AREA if size < side else cv2.INTER_CUBIC
        crop = cv2.resize(crop, (size, size), interpolation=how)
    return np.ascontiguousarray(crop)


def _start(centre: float, side: int, length: int) -> int:
    """Where a square begins: inside the picture, or around all of it where it is too small."""
    return min(max(round(centre - side / 2), min(0, length - side)), max(0, length - side))


def _check(rgb: RGB8) -> None:
    if (
        not isinstance(rgb, np.ndarray)
        or rgb.dtype != np.uint8
        or rgb.ndim != 3
        or rgb.shape[2] != 3
    ):
        got = f"{rgb.dtype} {rgb.shape}" if isinstance(rgb, np.ndarray) else type(rgb).__name__
        raise InputError(f"Expected `rgb` to be uint8 (H, W, 3), but got {got}")
    if 0 in rgb.shape:
        raise InputError(f"Expected `rgb` to hold pixels, but its shape is {rgb.shape}")


def _profiles(gray: _Gray) -> list[FaceBox]:
    """The cascade knows faces that look to one side only; the mirror image shows the others."""
    across = gray.shape[1]
    mirrored = _detect(_PROFILE, np.ascontiguousarray(gray[:, ::-1]))
    return _detect(_PROFILE, gray) + [
        FaceBox(across - box.left - box.width, box.top, box.width, box.height, box.score)
        for box in mirrored
    ]


def _detect(cascade: tuple[str, float], gray: _Gray) -> list[FaceBox]:
    name, threshold = cascade
    boxes, _, weights = _cascade(name).detectMultiScale3(
        gray, scaleFactor=1.1, minNeighbors=4, minSize=(MIN_FACE, MIN_FACE), outputRejectLevels=True
    )
    return [
        FaceBox(float(x), float(y), float(w), float(h), max(0.0, float(weight) - threshold))
        for (x, y, w, h), weight in zip(boxes, np.ravel(weights), strict=True)
    ]


class _Cascades(threading.local):
    """Those of a thread, by name."""

    def __init__(self) -> None:
        self.loaded: dict[str, Any] = {}


_CASCADES: Final = _Cascades()


def _cascade(name: str) -> Any:
    if name not in _CASCADES.loaded:
        _CASCADES.loaded[name] = _load(name)
    return _CASCADES.loaded[name]


def _load(name: str) -> Any:
    folder = Path(cv2.__file__).parent / "data"  # what `cv2.data.haarcascades` names
    return cv2.CascadeClassifier(str(folder / f"haarcascade_{name}.xml"))


def _without_repeats(boxes: list[FaceBox]) -> list[FaceBox]:
    """Of boxes that show one face the surest."""
    kept: list[FaceBox] = []
    for box in sorted(boxes, key=lambda box: -box.score):
        if all(box.overlap(other) <= _SAME_FACE for other in kept):
            kept.append(box)
    return kept
