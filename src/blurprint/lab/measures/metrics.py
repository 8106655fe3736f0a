"""How well scores tell fakes from reals: each metric is a function of a tally, and a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.lab.measures.tally import Tally, Values, cumulate


def _dot(first: Values, second: Values) -> float:
    # Not `first @ second`: where others want the cores, a BLAS waits longer than it works.
    return float((first * second).sum())


def auc(tally: Tally) -> float:
    """Area under the ROC curve: how often a fake scores above a real, ties counting one half.

    The one AUC of the lab: scikit-learn's roc_auc_score (tested equal, with weights too), but of a
    tally, so that all resamples of a bootstrap share one sorting.

    Mann & Whitney 1947; Hanley & McNeil, *The meaning and use of the area under a ROC curve*
    (Radiology 1982). NaN unless there are both classes.
    """
    reals, fakes = tally.false_positives, tally.true_positives
    pairs = tally.n_reals * tally.n_fakes
    return _dot(np.diff(reals), fakes[1:] + fakes[:-1]) / (2 * pairs) if pairs else nan


def average_precision(tally: Tally) -> float:
    """Sum of precision times step of recall over the distinct thresholds, without interpolation.

    NaN unless there are both classes: without reals every precision would be 1.
    """
    if not tally.n_fakes * tally.n_reals:
        return nan
    fakes = tally.true_positives
    called = tally.false_positives[1:] + fakes[1:]
    # A draw may leave the first thresholds without anything; their step of recall is 0.
    precision = fakes[1:] / np.maximum(called, np.finfo(float).tiny)
    return _dot(np.diff(fakes), precision) / tally.n_fakes


def accuracy(tally: Tally) -> float:
    """Share of all that is called what it is."""
    right = _fakes_found(tally) + _reals_cleared(tally)
    return right / float(tally.total[-1])


def accuracy_of_fakes(tally: Tally) -> float:
    """Share of the fakes called fake (true positive rate); NaN without fakes."""
    return _fakes_found(tally) / tally.n_fakes if tally.n_fakes else nan


def accuracy_of_reals(tally: Tally) -> float:
    """Share of the reals called real (true negative rate); NaN without reals."""
    return _reals_cleared(tally) / tally.n_reals if tally.n_reals else nan


def balanced_accuracy(tally: Tally) -> float:
    """Mean of the accuracies of reals and of fakes; NaN unless there are both."""
    return (accuracy_of_reals(tally) + accuracy_of_fakes(tally)) / 2


def _fakes_found(tally: Tally) -> float:
    return float(tally.fakes[tally.ranking.called_fake])


def _reals_cleared(tally: Tally) -> float:
    called = tally.ranking.called_fake
    return tally.n_reals - float(tally.total[called] - tally.fakes[called])


def precision(tally: Tally) -> float:
    """Share of fakes among those called fake; NaN unless there are both classes.

    0 where nothing is called fake, as in scikit-learn: a resample must give a number.
    """
    if not tally.n_fakes * tally.n_reals:
        return nan
    called = float(tally.total[tally.ranking.called_fake])
    return _fakes_found(tally) / called if called else 0.0


def f1_score(tally: Tally) -> float:
    """Harmonic mean of precision and recall (van Rijsbergen 1979); NaN unless both classes are.

    0 where no fake is found, also where nothing is called fake.
    """
    if not tally.n_fakes * tally.n_reals:
        return nan
    called = float(tally.total[tally.ranking.called_fake])
    return 2 * _fakes_found(tally) / (called + tally.n_fakes)


CONFUSION: Final = ("true_positives", "false_positives", "true_negatives", "false_negatives")


def confusion(tally: Tally) -> dict[str, int]:
    """Counts at the threshold: true and false positives, true and false negatives."""
    found, cleared = round(_fakes_found(tally)), round(_reals_cleared(tally))
    counts = (found, round(tally.n_reals) - cleared, cleared, round(tally.n_fakes) - found)
    return dict(zip(CONFUSION, counts, strict=True))


def equal_error_rate(tally: Tally) -> float:
    """Where as large a share of reals is called fake as of fakes is called real.

    On the ROC curve drawn with straight lines between its distinct thresholds (not its convex
    hull). NaN unless there are both classes.
    """
    if not tally.n_fakes * tally.n_reals:
        return nan
    reals, fakes = tally.false_positives, tally.true_positives
    # False alarms less misses, times both counts: whole numbers, rising, so that none is rounded.
    excess = reals * tally.n_fakes - (tally.n_fakes - fakes) * tally.n_reals
    after = int(np.searchsorted(excess, 0.0))  # never 0: the curve begins with all fakes missed
    before = after - 1
    share = -excess[before] / (excess[after] - excess[before])
    return float(reals[before] + share * (reals[after] - reals[before])) / tally.n_reals


def true_positive_rate_at(tally: Tally, false_positive_rate: npt.ArrayLike) -> Values:
    """Largest share of fakes found by a threshold that calls no larger share of reals fake.

    Only thresholds that exist count, none between two of them; with fewer than 1 / rate reals that
    means not one false alarm. NaN unless there are both classes.

    Args:
        tally: the counts.
        false_positive_rate: (M,) bounds, in [0, 1].
    """
    wanted = np.atleast_1d(np.asarray(false_positive_rate, np.float64))
    if not tally.n_fakes * tally.n_reals:
        return np.full(len(wanted), nan)
    # The slack is for products such as 0.07 * 100, which lie a rounding beside a whole number.
    allowed = wanted * tally.n_reals * (1 + 1e-12)
    last = np.searchsorted(tally.false_positives, allowed, side="right") - 1
    return tally.true_positives[last] / tally.n_fakes


def brier_score(tally: Tally) -> float:
    """Mean squared distance of the score from the label (Brier 1950)."""
    error = tally.ranking.score - tally.ranking.label
    return _dot(tally.weight, error * error) / float(tally.total[-1])


def calibration_error(tally: Tally) -> float:
    """Expected calibration error: mean distance of P(fake) from the share of fakes, by bins.

    15 bins of equal width over P(fake), each weighing what it holds; Naeini et al., *Obtaining well
    calibrated probabilities using Bayesian binning* (AAAI 2015); Guo et al., *On calibration of
    modern neural networks*, equation 3 (ICML 2017), there over the probability of the called class.
    """
    held, fakes, score = calibration_bins(tally)
    return float(np.abs(fakes - score).sum()) / float(held.sum())


def calibration_bins(tally: Tally) -> tuple[Values, Values, Values]:
    """Weight of all, weight of the fakes, and sum of the scores in each bin, each (ECE_BINS,)."""
    bins = tally.ranking.bins
    scores = cumulate(tally.weight * tally.ranking.score)
    return -np.diff(tally.total[bins]), -np.diff(tally.fakes[bins]), -np.diff(scores[bins])


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that a tally gives.

    Attributes:
        title: as tables show it.
        words: what it is, for a reader who does not know it.
        of: the function.
        rises: whether more is better.
    """

    title: str
    words: str
    of: Callable[[Tally], float]
    rises: bool = True


def _tpr_at(rate: float) -> Callable[[Tally], float]:
    return lambda tally: float(true_positive_rate_at(tally, rate)[0])


METRICS: Final[Mapping[str, Metric]] = {
    "auc": Metric("AUC", "how often a fake scores above a real; 0.5 is chance", auc),
    "ap": Metric(
        "Average precision",
        "precision over all recalls; chance is the share of fakes",
        average_precision,
    ),
    "accuracy": Metric("Accuracy", "share called what it is", accuracy),
    "balanced_accuracy": Metric(
        "Balanced accuracy", "mean of the next two; 0.5 is chance", balanced_accuracy
    ),
    "accuracy_real": Metric(
        "Accuracy of reals", "share of the reals called real", accuracy_of_reals
    ),
    "accuracy_fake": Metric(
        "Accuracy of fakes", "share of the fakes called fake", accuracy_of_fakes
    ),
    "precision": Metric("Precision", "share of fakes among those called fake", precision),
    "recall": Metric("Recall", "share of the fakes called fake, as above", accuracy_of_fakes),
    "f1": Metric("F1", "harmonic mean of precision and recall", f1_score),
    "eer": Metric(
        "Equal error rate",
        "share of errors where reals and fakes have as many; less is better",
        equal_error_rate,
        rises=False,
    ),
    "tpr_at_1_fpr": Metric(
        "TPR at 1 % FPR", "fakes found while at most 1 % of reals are called fake", _tpr_at(0.01)
    ),
    "tpr_at_5_fpr": Metric(
        "TPR at 5 % FPR", "fakes found while at most 5 % of reals are called fake", _tpr_at(0.05)
    ),
    "brier": Metric(
        "Brier score", "mean squared error of P(fake); less is better", brier_score, rises=False
    ),
    "ece": Metric(
        "Expected calibration error",
        "how far P(fake) lies from the share of fakes; less is better",
        calibration_error,
        rises=False,
    ),
}
"""Every metric, by its name in ``metrics.json``, in the order of the tables."""
