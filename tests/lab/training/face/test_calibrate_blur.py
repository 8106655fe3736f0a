"""The weight of blur is in standard deviations of real logits; in a crop blur is found as well."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.faces.crop import upright_crop
from blurprint.faces.mtcnn import find_landmarks
from blurprint.faces.outline import OVAL
from blurprint.lab.fakes.masks import filled_mask
from blurprint.lab.training.face.calibrate import BLUR_PX, Judged, blur_term
from blurprint.lab.training.face.crop_blur import crop_percentile
from blurprint.score.calibration import Condition


def judged() -> Judged:
    return Judged(
        logit=np.array([-2.0, 2.0, 5.0, 5.0]),
        label=np.array([0, 0, 1, 1]),
        group=np.array(list("abcd")),
        kind=np.array(["x"] * 4),
        conditions=[Condition(60), Condition(20), Condition(60), Condition(60)],
        features=np.zeros((4, 3), np.float32),
        percentile=np.array([84.134, 84.134, np.nan, 15.866]),
    )


def test_the_weight_is_in_standard_deviations_of_the_logits_of_real_faces() -> None:
    some = judged()
    term = blur_term(some, 0.25)
    assert term is not None
    assert (term.weight, term.from_px, term.full_px) == (0.5, *BLUR_PX)
    # one deviation more; too small; unknown; one less
    assert some.with_blur(term) == pytest.approx([-1.5, 2.0, 5.0, 4.5], abs=1e-4)
    assert blur_term(some, 0.0) is None
    assert (some.with_blur(None) == some.logit).all()


def test_in_the_square_of_the_network_a_soft_face_is_unusual() -> None:
    rgb = np.ascontiguousarray(data.astronaut())
    face = find_landmarks(rgb)[0]
    mask = filled_mask(face, OVAL, rgb.shape[:2], 2.0)[..., None]
    soft = rgb + mask * (cv2.GaussianBlur(rgb, (0, 0), 2.5).astype(np.float32) - rgb)
    places = [
        crop_percentile(upright_crop(np.round(one).astype(np.uint8), face, size=224))
        for one in (rgb.astype(np.float32), soft)
    ]
    assert places[0] is not None and places[1] is not None
    assert places[0] < 95 < places[1]
