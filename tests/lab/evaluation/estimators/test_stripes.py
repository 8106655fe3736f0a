from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.evaluation.estimators.stripes import WIDTHS_PX, read_stripes, stripes
from blurprint.lens.lens import to_linear
from blurprint.optics.defocus_map import DefocusMap


@pytest.mark.parametrize("lens", ["gaussian", "disk"])
def test_an_edge_of_the_stripes_has_the_blur_that_is_said(lens):
    gray = stripes(80, lens)[80, :, 0].astype(np.float64)
    if lens == "disk":
        gray = to_linear(gray).astype(np.float64)
    line = np.diff(gray[55:105])  # across the edge at 80
    place = np.arange(len(line))
    mean = line @ place / line.sum()
    assert np.sqrt(line @ np.square(place - mean) / line.sum()) == pytest.approx(2, rel=0.03)


def test_spread_is_one_for_a_reading_of_blur_alone_and_more_for_one_of_edges():
    def constant(rgb: np.ndarray) -> DefocusMap:
        sigma = np.full(rgb.shape[:2], 2, np.float32)
        return DefocusMap(sigma, np.ones_like(sigma), "constant")

    def counts_edges(rgb: np.ndarray) -> DefocusMap:
        share = np.abs(np.diff(rgb[..., 0])).mean() * 20
        sigma = np.full(rgb.shape[:2], share, np.float32)
        return DefocusMap(sigma, np.zeros_like(sigma), "edges")

    told = {
        (r.method, r.lens): r for r in read_stripes({"constant": constant, "edges": counts_edges})
    }
    assert len(told) == 4
    assert told["constant", "disk"].spread == told["constant", "disk"].weighted_spread == 1
    assert tuple(told["edges", "gaussian"].by_width_px) == WIDTHS_PX
    assert told["edges", "gaussian"].spread > 6
    assert np.isnan(told["edges", "gaussian"].weighted_spread), "it is never confident"
