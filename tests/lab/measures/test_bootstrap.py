"""The one bootstrap: whole groups, within strata that keep the class mix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import group_codes, group_resamples, resample
from blurprint.lab.measures.metrics import auc
from blurprint.lab.measures.tally import rank, rank_values


def test_every_draw_keeps_both_classes_and_the_kinds_of_groups():
    label = np.array([0, 0, 0, 0, 0, 1, 0, 1])
    group = np.array(list("aabcdeff"))
    ranking = rank(label, np.linspace(0, 1, 8))
    sizes = resample(
        ranking,
        group,
        lambda tally: np.array([tally.n_reals, tally.n_fakes]),
        draws=300,
        seed=0,
    )
    assert (sizes[:, 1] == 2).all()  # one from the only group of fakes, one from the mixed one
    assert set(sizes[:, 0]) == {5, 6, 7, 8, 9, 4} & set(sizes[:, 0])


def test_a_resample_is_the_rows_of_the_groups_that_were_drawn():
    """The AUC of each resample is scikit-learn's, of the rows written out as often as drawn."""
    rng = np.random.default_rng(0)
    group = rng.choice(list("abcdefgh"), 60)
    label, value = rng.integers(0, 2, 60), rng.normal(size=60).round(1)
    found = resample(
        rank_values(label, value), group, lambda tally: np.array([auc(tally)]), draws=50, seed=4
    )
    code = group_codes(group)
    for area, times in zip(
        found[:, 0], group_resamples(code, label, draws=50, seed=4), strict=True
    ):
        rows = np.repeat(np.arange(60), times[code].astype(int))
        assert area == pytest.approx(roc_auc_score(label[rows], value[rows]))


def test_the_interval_of_a_mean_is_scipys():
    values = np.random.default_rng(1).gamma(2, size=80)
    means = [
        times @ values / times.sum() for times in group_resamples(np.arange(80), draws=4000, seed=0)
    ]
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", random_state=0
    )
    low, high = np.quantile(means, (0.025, 0.975))
    width = high - low
    assert low == pytest.approx(theirs.confidence_interval.low, abs=0.05 * width)
    assert high == pytest.approx(theirs.confidence_interval.high, abs=0.05 * width)
    assert np.std(means, ddof=1) == pytest.approx(theirs.standard_error, rel=0.05)


def test_each_stratum_keeps_its_number_of_groups():
    code = np.array([0, 0, 1, 2, 2, 3, 4, 5])
    kind = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    for times in group_resamples(code, kind, draws=100, seed=0):
        assert times[[0, 1]].sum() == 2  # only of the first kind
        assert times[2] == 1  # the only one of both
        assert times[[3, 4, 5]].sum() == 3
    free = np.array([*group_resamples(code, draws=100, seed=0)])
    assert (free.sum(axis=1) == 6).all()
    assert len(np.unique(free[:, 2])) > 2


def test_wrong_input_is_refused():
    with pytest.raises(InputError, match="rows"):
        group_resamples(np.zeros(0, int), draws=1, seed=0)
    with pytest.raises(InputError, match="kinds"):
        group_resamples(np.zeros(3, int), [0, 1], draws=1, seed=0)
    with pytest.raises(InputError, match="at least 1"):
        group_resamples(np.zeros(3, int), draws=0, seed=0)
