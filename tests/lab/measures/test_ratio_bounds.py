from __future__ import annotations

import numpy as np
import pytest
from lir.algorithms.bayeserror import elub

from blurprint.errors import InputError
from blurprint.lab.measures.ratio_bounds import STEP, elub_bounds


def draw(reals: int, fakes: int, seed: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = np.r_[np.zeros(reals, int), np.ones(fakes, int)]
    return label, strength * (rng.normal(size=len(label)) + 2 * label - 1)


@pytest.mark.parametrize(("reals", "fakes"), [(3, 2), (40, 25), (500, 200)])
@pytest.mark.parametrize("strength", [0.2, 1.0, 4.0])  # too weak, about right, too strong
@pytest.mark.parametrize("seed", range(6))
def test_as_the_netherlands_forensic_institute_computes(reals, fakes, strength, seed):
    label, ratio = draw(reals, fakes, seed, strength)
    assert elub_bounds(label, ratio) == pytest.approx(elub(ratio.copy(), label), abs=1e-6)


def test_ratios_the_wrong_way_round_support_nothing():
    label, ratio = draw(100, 100, 0, 1.0)
    assert elub_bounds(label, -ratio) == pytest.approx(elub(-ratio, label), abs=1e-6)
    assert elub_bounds(label, -3 * ratio) == (0.0, 0.0)


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_perfect_separation_is_bounded_by_the_number_of_the_other_class(count):
    """However large the ratios, n reals support none above about n: the formula solved for t."""
    label = np.r_[np.zeros(count), np.ones(3 * count)]
    ratio = np.where(label == 1, np.inf, -np.inf)
    real, fake = 1 / (count + 1), 1 / (3 * count + 1)  # shares of the misleading one that is added
    lower, upper = elub_bounds(label, ratio)
    assert upper == pytest.approx(np.log10((1 - fake) / real), abs=STEP)
    assert lower == pytest.approx(np.log10(fake / (1 - real)), abs=STEP)


def test_a_bound_is_where_misleading_ratios_begin_to_cost():
    """One real of 100 at 10^3: with the one added, 2 of 101 lie above, which allows about 50."""
    label = np.r_[np.zeros(100), np.ones(100)]
    ratio = np.r_[np.full(99, -3.0), 3.0, np.full(100, 3.0)]
    assert elub_bounds(label, ratio)[1] == pytest.approx(np.log10(101 / 2), abs=1.5 * STEP)


def test_pictures_of_one_person_count_once():
    label, ratio = draw(60, 40, 1, 1.5)
    groups = np.arange(100).astype(str)
    once = elub_bounds(label, ratio)
    again = (np.repeat(label, 20), np.repeat(ratio, 20))
    assert elub_bounds(*again, np.repeat(groups, 20)) == once
    assert elub_bounds(*again)[1] > once[1]  # as if they were 1,200 people


def test_order_does_not_matter():
    label, ratio = draw(60, 40, 2, 1.5)
    order = np.random.default_rng(0).permutation(100)
    assert elub_bounds(label[order], ratio[order]) == elub_bounds(label, ratio)


@pytest.mark.parametrize(
    ("label", "ratio", "message"),
    [
        ([0, 1], [0.0], "label for each ratio"),
        ([0, 1], [0.0, np.nan], "NaN"),
        ([1, 1], [0.0, 1.0], "both reals and fakes"),
    ],
)
def test_wrong_input_is_named(label, ratio, message):
    with pytest.raises(InputError, match=message):
        elub_bounds(label, ratio)
