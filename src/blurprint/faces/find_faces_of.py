"""The door of this room: the faces of a photograph."""

from __future__ import annotations

from os import PathLike
from typing import Final

from blurprint.faces.face import Face
from blurprint.faces.faces import MIN_EYES, Detector, Faces
from blurprint.faces.find import find_faces
from blurprint.faces.mtcnn import MIN_FACE, SEARCH_SIDE, find_landmarks
from blurprint.faces.yunet import find_by_yunet
from blurprint.photos.photo import Photo

# docs/thresholds.md.
CASCADE_SCORE: Final = 3.0
"""Least score of a face by cascades alone. Of 120 portraits 74 % reach it, and of 150 photographs
of things and animals 1 %; without a bound, the cascades take 15 % of these for faces."""


def find_faces_of(
    photo: Photo, *, yunet: str | PathLike[str] | None = None, cascades: bool = True
) -> Faces:
    """Faces with five landmarks, by MTCNN or YuNet; by OpenCV's cascades where there are none.

    The picture is searched at 800 pixels of its longer side, so that faces narrower than a
    twentieth of it are not looked for. The cascades give boxes without landmarks. Safe in several
    threads.

    Args:
        photo: the picture.
        yunet: path of a model of YuNet (ONNX, of OpenCV's model zoo) that is used instead of MTCNN.
        cascades: whether the cascades are asked where MTCNN finds nothing, which takes twenty times
            as long as it; nothing is measured or judged in the boxes that they give.

    Raises:
        InputError: if `yunet` is no such model.

    >>> import numpy as np
    >>> find_faces_of(Photo(rgb=np.full((64, 96, 3), 0.5, np.float32))).sentence
    'No face found by MTCNN. Faces narrower than 40 pixels are not looked for.'
    """
    rgb = photo.rgb8
    scale = min(1.0, SEARCH_SIDE / max(photo.size))
    least = MIN_FACE / scale
    by: Detector = "mtcnn"
    if yunet is None:
        faces = find_landmarks(rgb)
    else:
        by, faces = "yunet", find_by_yunet(rgb, yunet, search_side=SEARCH_SIDE, min_face=MIN_FACE)
    faces = [face for face in faces if _in_photograph(face, photo)]
    if not faces and yunet is None and cascades:
        boxes = tuple(box for box in find_faces(rgb) if box.score >= CASCADE_SCORE)
        return Faces(boxes=boxes, detector="cascade" if boxes else by, least_px=least)
    faces = sorted(faces, key=lambda face: -face.eye_distance)
    large = tuple(face for face in faces if face.eye_distance >= MIN_EYES)
    small = tuple(face for face in faces if face.eye_distance < MIN_EYES)
    return Faces(large, by, least, small)


def _in_photograph(face: Face, photo: Photo) -> bool:
    """Whether the middle of a face lies on the photograph, not on bars or beyond the picture."""
    width, height = photo.size
    x, y = (round(float(place)) for place in face.centre)
    return 0 <= x < width and 0 <= y < height and bool(photo.mask[y, x])
