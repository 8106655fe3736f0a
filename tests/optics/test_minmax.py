"""One stretch for reports, views of detectors and studies."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.lab.loading.maps import Maps
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.minmax import LEAST_RANGE, is_constant, minmax
from blurprint.score.views import defocus_view

RANDOM = np.random.default_rng(0).uniform(0.3, 7, (9, 11)).astype(np.float32)
NEARLY = np.float32([[1, 1 + 4e-7], [1, 1]])  # two roundings apart


@pytest.mark.parametrize("sigma", [RANDOM, np.full((3, 4), 2, np.float32), NEARLY])
def test_all_doors_give_the_same_values(sigma, monkeypatch) -> None:
    expected = minmax(sigma)
    assert expected.dtype == np.float32
    stored = DefocusMap(sigma, np.ones_like(sigma), "edge").normalized()
    np.testing.assert_array_equal(stored, expected)
    np.testing.assert_array_equal(defocus_view(sigma, "minmax")[1], expected)
    from blurprint.lab.loading.pictures import ViewOptions

    maps = Maps(ViewOptions(estimator="edge"))
    monkeypatch.setattr(maps._maker, "sigma", lambda path: sigma)
    np.testing.assert_array_equal(maps.of("any.png")["minmax"], expected)


def test_by_hand_and_a_constant_map() -> None:
    assert minmax(np.float32([[1, 2], [3, 5]])).tolist() == [[0, 0.25], [0.5, 1]]
    assert not minmax(NEARLY).any()
    assert is_constant(NEARLY)
    assert not is_constant(np.float32([[0, 2 * LEAST_RANGE]]))
