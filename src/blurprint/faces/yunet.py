"""Faces with five landmarks by YuNet, from a model file that the user has.

Wu, Peng and Yu, *YuNet: a tiny millisecond-level face detector*, Machine Intelligence Research 20
(2023). OpenCV runs it (``cv2.FaceDetectorYN``); its model zoo has the file.
"""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8, FaceBox

LEAST_SCORE: Final = 0.7
"""Least score of a face; its authors' demonstration asks for 0.9, which misses turned faces."""
_SAME_FACE: Final = 0.3
_COLUMNS: Final = 15
"""Of a face: box (4), five points (10), score."""


def find_by_yunet(
    rgb: RGB8, model: str | PathLike[str], *, search_side: int, min_face: int
) -> list[Face]:
    """Faces with their landmarks, the largest first. A detector is opened for each call.

    Args:
        rgb: uint8 (H, W, 3).
        model: path of the ONNX file.
        search_side: longer side of the reduced picture that is searched, pixels.
        min_face: least width of a face that is kept, in pixels of the reduced picture.

    Raises:
        InputError: if there is no file, or OpenCV cannot run it as YuNet.
    """
    path = Path(fspath(model))
    if not path.is_file():
        raise InputError(f"{path}: Expected a model of YuNet (ONNX), but there is no such file")
    height, width = rgb.shape[:2]
    scale = min(1.0, search_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    try:
        detector = cv2.FaceDetectorYN.create(str(path), "", size, LEAST_SCORE, _SAME_FACE)
        _, rows = detector.detect(np.ascontiguousarray(small[..., ::-1]))
    except (cv2.error, SystemError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(
            f"{path}: Expected a model of YuNet (ONNX), but OpenCV cannot run it: {reason}"
        ) from error
    if rows is None:
        return []
    if rows.ndim != 2 or rows.shape[1] != _COLUMNS:
        raise InputError(f"{path}: Expected 15 numbers a face of YuNet, but got {rows.shape}")
    faces = [_face(row).scaled(1 / scale) for row in rows if row[2] >= min_face]
    return sorted(faces, key=lambda face: (-face.box.area, face.box.left, face.box.top))


def _face(row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Face:
    """A row of YuNet; its "right eye" is the person's, left as the viewer sees."""
    left, top, width, height = (float(value) for value in row[:4])
    score = min(max(float(row[14]), 0.0), 1.0)
    landmarks = np.ascontiguousarray(row[4:14].reshape(5, 2), np.float32)
    return Face(FaceBox(left, top, width, height, score), landmarks, score)
