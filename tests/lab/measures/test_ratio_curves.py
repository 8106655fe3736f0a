from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.measures.ratio_cost import chance_of_fake
from blurprint.lab.measures.ratio_curves import reliability_curve, tippett


def draw(reals: int, fakes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Log10 ratios that are true: N(0, 1) against N(1.5, 1)."""
    rng = np.random.default_rng(seed)
    label = np.r_[np.zeros(reals, int), np.ones(fakes, int)]
    x = rng.normal(size=len(label)) + 1.5 * label
    return label, (1.5 * x - 1.125) / np.log(10)


@pytest.mark.parametrize("prior", [0.2, 0.5])
def test_true_ratios_lie_on_the_line_whatever_the_class_mix(prior):
    label, ratio = draw(20_000, 3_000)
    curve = reliability_curve(label, ratio, np.arange(23_000), prior=prior, draws=20)
    assert len(curve) == 15
    assert sum(one.faces for one in curve) == 23_000
    for one in curve:
        assert one.share.value == pytest.approx(one.said, abs=0.06)
        assert one.share.low <= one.share.value <= one.share.high


def test_a_bin_counts_by_hand():
    """Two bins: of 1 of 4 reals and 2 of 3 fakes 0.75 is said, which is 0.727 at a prior of 0.5."""
    label = [0, 0, 0, 0, 1, 1, 1]
    ratio = np.log10([3.0, 1 / 3, 1 / 3, 1 / 3, 3.0, 3.0, 1 / 3])
    low, high = reliability_curve(label, ratio, list("abcdefg"), draws=5)
    assert (low.said, high.said) == pytest.approx((0.25, 0.75))
    assert high.share.value == pytest.approx((2 / 3) / (2 / 3 + 1 / 4))
    assert low.share.value == pytest.approx((1 / 3) / (1 / 3 + 3 / 4))
    assert (low.faces, high.faces) == (4, 3)
    assert np.isnan(high.share.low)  # few groups


def test_overconfident_ratios_leave_the_line():
    label, ratio = draw(5_000, 5_000, 1)
    curve = reliability_curve(label, 3 * ratio, np.arange(10_000), draws=20)
    assert curve[-1].share.high < curve[-1].said - 0.02
    assert curve[0].share.low > curve[0].said + 0.02


def test_tippett_curves_are_shares_at_or_above():
    label, ratio = draw(300, 200, 2)
    curve = tippett(label, np.round(ratio, 1))
    for place in (0, 7, -1):
        value = curve.log10_lr[place]
        assert curve.fakes[place] == pytest.approx((np.round(ratio[300:], 1) >= value).mean())
        assert curve.reals[place] == pytest.approx((np.round(ratio[:300], 1) >= value).mean())
    assert (curve.fakes >= curve.reals - 0.02).all()


def test_chance_is_bayes_rule():
    assert chance_of_fake([np.log10(9.0)], 0.1) == pytest.approx([0.5])
    assert chance_of_fake([-np.inf, np.inf, 400.0, -400.0], 0.5) == pytest.approx([0, 1, 1, 0])


def test_wrong_input_is_named():
    with pytest.raises(InputError, match="both reals and fakes"):
        tippett([1], [0.0])
    with pytest.raises(InputError, match="NaN"):
        tippett([1, 0], [0.0, np.nan])
    with pytest.raises(InputError, match="prior"):
        reliability_curve([0, 1], [0.0, 1.0], ["a", "b"], prior=0)
    with pytest.raises(InputError, match="both reals and fakes"):
        reliability_curve([1, 1], [0.0, 1.0], ["a", "b"])
