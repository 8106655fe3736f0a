"""The paper's map against an independent, plain restatement of its steps."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data, transform

from blurprint import estimate_defocus
from blurprint.optics.methods import METHODS
from blurprint.optics.paper import FIGURES, RELEASE
from restatement import plain_paper_map

PHOTOS = ["astronaut", "coffee", "chelsea", "rocket", "hubble_deep_field", "motorcycle"]


def photograph(name: str, shape: tuple[int, int] = (299, 299)) -> np.ndarray:
    rgb = data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()
    return transform.resize(rgb, shape, anti_aliasing=True).astype(np.float32)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(
    ("method", "sigmas"), [("paper", (2.0, 2.5)), ("paper-release", (1.5, 2.0))]
)
def test_equal_to_the_plain_restatement(name, method, sigmas):
    photo = photograph(name)
    expected = plain_paper_map(photo, *sigmas)
    defocus = estimate_defocus(photo, method=method)
    np.testing.assert_allclose(defocus.sigma, expected, atol=1e-4)
    span = expected.max() - expected.min()
    np.testing.assert_allclose(defocus.normalized(), (expected - expected.min()) / span, atol=1e-4)
    assert defocus.method == method


@pytest.mark.parametrize("shape", [(20, 33), (480, 200), (299, 298)])
def test_equal_at_other_sizes(shape):
    photo = photograph("astronaut", shape)
    np.testing.assert_allclose(
        estimate_defocus(photo, method="paper").sigma, plain_paper_map(photo, 2.0, 2.5), atol=1e-4
    )


def test_the_two_variants_differ_and_are_named():
    assert (FIGURES, RELEASE) == ((2.0, 2.5), (1.5, 2.0))
    photo = photograph("astronaut")
    figures, release = (METHODS[name](photo) for name in ("paper", "paper-release"))
    assert np.abs(figures.sigma - release.sigma).mean() > 0.01


def test_confidence_is_where_the_formula_reads_the_picture():
    defocus = estimate_defocus(photograph("astronaut"), method="paper")
    assert set(np.unique(defocus.confidence)) == {0.0, 1.0}
    assert defocus.unit == "map units"


def test_a_flat_picture_gives_an_even_map():
    flat = np.full((64, 64, 3), 0.7, np.float32)
    defocus = estimate_defocus(flat, method="paper")
    assert not defocus.sigma.any()
    assert not defocus.normalized().any()
