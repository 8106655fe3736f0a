"""Thumbnails: photograph and map side by side, all maps by one scale."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from blurprint.evidence.measure import measure_evidence
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import viridis
from blurprint.photos.photo import Photo
from blurprint.report.report import Report
from blurprint.report.thumbnail import SIDE, place_on_scale, thumbnail_webp
from blurprint.score.score import NO_SCORE

ORANGE = (230, 120, 30)


def halves(sigma: float, confidence: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    shape = (600, 900)
    rgb = np.broadcast_to(np.float32(ORANGE) / 255, (*shape, 3)).astype(np.float32)
    blur = DefocusMap(
        np.full(shape, sigma, np.float32), np.full(shape, confidence, np.float32), "edge"
    )
    report = Report(Photo(rgb=rgb), blur, measure_evidence(blur), NO_SCORE)
    both = np.asarray(Image.open(io.BytesIO(thumbnail_webp(report))).convert("RGB")).astype(int)
    assert both.shape == (SIDE * 2 // 3, 2 * SIDE, 3)
    return both[5:-5, 5 : SIDE - 5], both[5:-5, SIDE + 5 : -5]


def test_the_photograph_is_left_and_the_map_right():
    photo, blur = halves(2.0)
    assert np.abs(photo - ORANGE).max() <= 8
    assert np.abs(blur - viridis(place_on_scale(np.array(2.0), "px"))).max() <= 10


def test_a_blur_has_its_colour_whatever_else_is_there():
    assert place_on_scale(np.array([0.5, 2.0]), "px").tolist() == [0.25, 0.5]
    assert (np.diff(place_on_scale(np.linspace(0, 8, 50), "px")) > 0).all()
    assert np.abs(halves(8)[1] - halves(99)[1]).max() <= 4


def test_the_unknown_is_gray():
    shown = halves(3, confidence=0)[1]
    assert np.ptp(shown, axis=-1).max() <= 12, "lines and ground are gray"
