from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from blurprint.errors import InputError
from blurprint.lab.measures.log_odds import cross_validated_log_odds, log_odds, stratified_folds


def test_log_odds_are_scipys():
    chance = np.array([1e-6, 0.2, 0.5, 0.99])
    assert log_odds(chance) == pytest.approx(logit(chance))


def test_scores_are_scikit_learns_less_the_share_of_each_fold():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, 90)
    table = rng.normal(size=(90, 2)) + label[:, None]
    folds = stratified_folds(label, np.arange(90) // 3, 4, seed=1)

    def predict(known, unknown):
        return (
            LogisticRegression().fit(table[known], label[known]).predict_proba(table[unknown])[:, 1]
        )

    found = cross_validated_log_odds(label, folds, predict)
    chance = cross_val_predict(
        LogisticRegression(), table, label, cv=folds, method="predict_proba"
    )[:, 1]
    share = np.empty(90)
    for known, unknown in folds:
        share[unknown] = logit(label[known].mean())
    assert found == pytest.approx(logit(chance) - share)


def test_what_knows_nothing_is_chance():
    label = np.r_[np.zeros(31), np.ones(16)]
    folds = stratified_folds(label, None, 5, seed=0)
    plain = np.empty(47)
    for known, unknown in folds:
        plain[unknown] = label[known].mean()
    assert roc_auc_score(label, plain) < 0.47  # more fakes elsewhere mean fewer here
    found = cross_validated_log_odds(
        label, folds, lambda known, unknown: np.full(len(unknown), label[known].mean())
    )
    assert found == pytest.approx(np.zeros(47))


def test_certainty_is_bounded():
    label = np.arange(20) % 2
    folds = stratified_folds(label, None, 2, seed=0)
    found = cross_validated_log_odds(
        label, folds, lambda known, unknown: label[unknown].astype(float)
    )
    assert np.abs(found).max() == pytest.approx(logit(1 - 1e-6))


def test_groups_stay_whole():
    label, group = np.arange(60) // 5 % 2, np.arange(60) // 5
    for known, unknown in stratified_folds(label, group, 3, seed=0):
        assert not set(group[known]) & set(group[unknown])
        assert label[known].mean() == 0.5


def test_a_fold_that_learns_from_one_label_is_refused():
    with pytest.raises(InputError, match="both labels"):
        cross_validated_log_odds(
            [0, 0, 1], [(np.array([0, 1]), np.array([2]))], lambda known, unknown: np.zeros(1)
        )
