"""The spectrum of a face falls where detail is missing, and does not depend on contrast."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.faces.mtcnn import find_landmarks
from blurprint.lab.evaluation.faces.spectrum import BANDS, spectrum_of


def test_blur_takes_high_frequencies_and_contrast_takes_none() -> None:
    rgb = np.ascontiguousarray(data.astronaut())
    face = find_landmarks(rgb)[0]
    sharp = np.array(spectrum_of(rgb, face))
    soft = np.array(spectrum_of(cv2.GaussianBlur(rgb, (0, 0), 2.0), face))
    pale = np.array(spectrum_of((rgb // 2 + 60).astype(np.uint8), face))
    assert sharp.shape == (BANDS,)
    assert sharp.mean() == pytest.approx(0, abs=1e-3)
    assert sharp[0] - sharp[-1] < soft[0] - soft[-1] - 2
    assert pale[:6] == pytest.approx(sharp[:6], abs=0.5)


def test_a_blank_face_has_a_spectrum_without_infinities() -> None:
    rgb = np.ascontiguousarray(data.astronaut())
    face = find_landmarks(rgb)[0]
    assert np.isfinite(spectrum_of(np.zeros_like(rgb), face)).all()
