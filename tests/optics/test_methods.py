"""Every method: what is said of it holds of its maps, and all that lists methods asks one place."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

import blurprint
from blurprint import InputError, Method
from blurprint.evidence.error import error_of
from blurprint.optics.methods import DEFAULT_METHOD, METHODS, method_of, words_of

CAT = data.chelsea()[:96, 150:246].astype(np.float32) / 255


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_method_is_what_it_says(method: Method):
    found = method(CAT)
    assert (found.method, found.unit, found.shape) == (method.name, method.unit, (96, 96))
    assert found.sigma.dtype == found.confidence.dtype == np.float32
    assert words_of(found) == method.words
    assert method.summary and method.confidence.endswith(".")
    assert all(np.isfinite(np.ravel(value)).all() for value in method.parameters.values())
    assert (method.weights is None) == (method.network is None)
    assert method.calibrated <= method.in_pixels


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_every_method_in_pixels_says_its_error(method: Method):
    errors = [error_of(2.0, confidence, method.name) for confidence in (0.9, 0.5, 0.1)]
    if method.in_pixels:
        assert errors == sorted(errors), "less confidence is more error"
        assert 0 < errors[0] < 0.3, "the tolerance of 2 px"
    else:
        assert errors == [None, None, None]


def test_the_default_comes_first_and_unknown_ones_are_refused():
    assert blurprint.list_methods()[0] == DEFAULT_METHOD
    with pytest.raises(InputError, match=r'"net", .* but got "nett"'):
        method_of("nett")


def test_a_method_of_somebody_else_is_not_explained_as_ours():
    foreign = METHODS["edge"](CAT)
    foreign = type(foreign)(foreign.sigma, foreign.confidence, "theirs")
    assert "“theirs”" in words_of(foreign)[0]
