"""The section of the page that says what the score of the faces means, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from blurprint.faces.crop import upright_crop
from blurprint.frozen import frozen
from blurprint.pages.text import data_uri
from blurprint.score.cautions import NOT_LOOKED_AT, OTHER_EXPLANATIONS
from blurprint.score.photo_score import JudgedFace
from blurprint.score.score import FaceScore
from blurprint.score.words import ratio_in_figures

if TYPE_CHECKING:
    from blurprint.photos.photo import Photo
    from blurprint.report.results import Results

LABELS: Final = frozen(
    {
        "fake": "signs of a pasted face (label \u201cfake\u201d)",
        "real": "no sign of a pasted face (label \u201creal\u201d)",
        "unsure": "undecided (label \u201cunsure\u201d)",
    }
)
"""The label in words."""
SIDE: Final = 224
"""Of the picture of a face, in pixels."""
_TINT: Final = (235, 30, 40)
_STRONGEST: Final = 0.6
_QUALITY: Final = 85


def score_section(report: Results) -> dict[str, Any] | None:
    """What the template shows of the score; None where no network judged."""
    if report.judged is None:
        return None
    score = report.score
    faces = [
        {
            "name": one.name.capitalize(),
            "label": LABELS[one.label],
            "ratio": _figures(one),
            "reason": one.abstain_reason or "",
            "picture": _picture(report.photo, judged),
        }
        for one, judged in zip(score.faces, report.judged.faces, strict=True)
    ]
    # Where no face was read there is nothing to explain.
    seen = any(face["picture"] for face in faces)
    return {
        "words": score.words or score.abstain_reason,
        "faces": faces,
        "tinted": seen,
        "notes": report.judged.notes,
        "otherwise": [one.sentence for one in OTHER_EXPLANATIONS[score.label]] if seen else [],
        "not_looked_at": [one.sentence for one in NOT_LOOKED_AT],
    }


def _figures(one: FaceScore) -> str:
    if one.likelihood_ratio is None:
        return ""
    return ratio_in_figures(one.likelihood_ratio, one.at_bound)


def _picture(photo: Photo, judged: JudgedFace) -> str | None:
    """The face as the network saw it, tinted where it looks pasted; None if it was not judged."""
    if judged.reading is None:
        return None
    crop = upright_crop(photo.rgb8, judged.face, size=SIDE).astype(np.float32)
    where = cv2.resize(judged.reading.where, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    share = _STRONGEST * np.clip(where, 0, 1)[..., None]
    tinted = np.rint(crop * (1 - share) + share * np.array(_TINT, np.float32)).astype(np.uint8)
    done, code = cv2.imencode(
        ".jpg", cv2.cvtColor(tinted, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, _QUALITY)
    )
    if not done:
        raise RuntimeError("OpenCV could not encode a .jpg picture")
    return data_uri(code.tobytes(), "image/jpeg")
