"""How good likelihood ratios are: Cllr, what of it calibration could save, and intervals.

All ratios are logarithms to the base 10, positive where the evidence is for a fake.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.interval import Interval, percentile_interval
from blurprint.lab.measures.metrics import calibration_error
from blurprint.lab.measures.tally import Tally, Values, count, rank, rank_values

_LN10: Final = float(np.log(10))
RATIO_METRICS: Final = ("cllr", "cllr_min", "cllr_cal", "ece")
"""What :func:`ratio_metrics` gives."""


def cllr(
    log10_lr_fake: npt.ArrayLike,
    log10_lr_real: npt.ArrayLike,
    weight_fake: npt.ArrayLike | None = None,
    weight_real: npt.ArrayLike | None = None,
) -> float:
    """Cost of log-likelihood ratios, in bits: 0 is perfect, 1 as good as no evidence.

    Brümmer & du Preez, *Application-independent evaluation of speaker detection* (Computer Speech
    and Language 20, 2006): ``(mean of log2(1 + 1/LR) over fakes + mean of log2(1 + LR) over
    reals) / 2``. Each class counts one half, whatever their numbers. Above 1 the ratios mislead on
    average. Infinite if a ratio of 0 or infinity is on the wrong side.

    Args:
        log10_lr_fake: (N,) of fakes; may be infinite.
        log10_lr_real: (M,) of reals.
        weight_fake: (N,) not negative; None counts each once.
        weight_real: (M,) the same.

    Raises:
        InputError: if a class is empty or weighs nothing, a value is NaN, or weights do not fit.

    >>> cllr([0.0], [0.0, 0.0])
    1.0
    """
    costs = [
        _mean(_bits(sign * _class(values, name)), weight, name)
        for name, sign, values, weight in (
            ("fakes", -1, log10_lr_fake, weight_fake),
            ("reals", 1, log10_lr_real, weight_real),
        )
    ]
    return sum(costs) / 2


def pav_log10_lr(
    label: npt.ArrayLike, score: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> Values:
    """The log10 likelihood ratios that fit these very scores best without changing their order.

    Pool adjacent violators with each class weighing the same, so that the ratio holds no class mix
    (Zadrozny & Elkan, KDD 2002; Brümmer & du Preez 2006, section 5). Optimistic: it has seen the
    labels. Minus or plus infinity where only reals or only fakes have such scores.

    Args:
        label: (N,) 0 real, 1 fake.
        score: (N,) any numbers, larger where a fake is more probable.
        weight: (N,) above 0; None counts each once.

    Returns:
        (N,) in the order given.

    Raises:
        InputError: as :func:`~blurprint.lab.measures.tally.rank_values`, or if a class is missing.

    >>> pav_log10_lr([0, 1, 0, 1], [1, 2, 2, 3]).tolist()
    [-inf, 0.0, 0.0, inf]
    """
    ranking = rank_values(label, score)
    tally = count(ranking, weight)
    found = np.empty(len(ranking.score))
    found[ranking.order] = np.repeat(_pav(tally), np.diff(ranking.cuts))
    return found


def cllr_min(
    label: npt.ArrayLike, score: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> float:
    """Cllr of :func:`pav_log10_lr`: what the order of the scores alone costs, from 0 to 1.

    Arguments and errors as for :func:`pav_log10_lr`.
    """
    return _cllr_min(count(rank_values(label, score), weight))


def ratio_metrics(
    label: npt.ArrayLike,
    log10_lr: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    prior: float = 0.5,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """All of :data:`RATIO_METRICS`, with the 95 % intervals of a bootstrap over groups.

    - "cllr": :func:`cllr`.
    - "cllr_min": :func:`cllr_min`.
    - "cllr_cal": their difference, what wrong calibration costs.
    - "ece": expected calibration error of P(fake) for `prior`, where fakes weigh `prior` and reals
      the rest (:func:`~blurprint.lab.measures.metrics.calibration_error`). It is never negative:
      chance alone gives more than 0, and more in a resample than in the data.

    Args:
        label: (N,) 0 real, 1 fake.
        log10_lr: (N,) of ratios made without these rows, finite.
        groups: (N,) names; they are drawn whole.
        prior: P(fake) before the evidence.
        draws: number of resamples.
        seed: random seed.

    Returns:
        By name. Ends are NaN where groups of a class are too few
        (:mod:`blurprint.lab.measures.few_groups`).

    Raises:
        InputError: if a class is missing, a ratio is NaN or infinite, or the prior is not inside
            (0, 1).
    """
    if not 0 < prior < 1:
        raise InputError(f"Expected `prior` to be inside (0, 1), but got {prior}")
    ratios = np.asarray(log10_lr, np.float64)
    if not np.isfinite(ratios).all():
        raise InputError("Expected finite log10 likelihood ratios, but got NaN or infinity")
    ranking = rank_values(label, ratios)
    falling = ratios[ranking.order]
    by_chance = rank(label, chance_of_fake(ratios, prior))

    def statistic(tally: Tally) -> Values:
        fake = ranking.label == 1
        cost = cllr(falling[fake], falling[~fake], tally.weight[fake], tally.weight[~fake])
        least = _cllr_min(tally)
        times = np.empty(len(falling))
        times[ranking.order] = tally.weight
        error = calibration_error(at_prior(count(by_chance, times), prior))
        return np.array([cost, least, cost - least, error])

    values = statistic(_both_classes(count(ranking)))
    drawn = resample(ranking, groups, statistic, draws=draws, seed=seed)
    found = {
        name: percentile_interval(float(value), column)
        for name, value, column in zip(RATIO_METRICS, values, drawn.T, strict=True)
    }
    if not enough(*groups_of_each(label, groups)):
        return {name: value.without_ends() for name, value in found.items()}
    return found


def chance_of_fake(log10_lr: npt.ArrayLike, prior: float) -> Values:
    """P(fake), (N,), of log10 likelihood ratios (N,), which may be infinite, for a prior.

    >>> chance_of_fake([-np.inf, 0.0, np.log10(3)], 0.5).round(2).tolist()
    [0.0, 0.5, 0.75]
    """
    with np.errstate(over="ignore"):
        return 1 / (1 + 10.0 ** -np.asarray(log10_lr, np.float64) * ((1 - prior) / prior))


def at_prior(tally: Tally, prior: float) -> Tally:
    """The same ranking with fakes that weigh `prior` in all and reals that weigh the rest.

    Raises:
        InputError: if a class is missing.
    """
    _both_classes(tally)
    ranking = tally.ranking
    shares = np.where(ranking.label == 1, prior / tally.n_fakes, (1 - prior) / tally.n_reals)
    weight = np.empty(len(shares))
    weight[ranking.order] = tally.weight * shares
    return count(ranking, weight)


def equal_groups(label: npt.ArrayLike, groups: npt.ArrayLike) -> Values:
    """Weights (N,) by which every group counts the same in its class, and both classes the same.

    The weights of each class add up to 1. A person with forty pictures says no more about other
    people than one with a single picture.

    Args:
        label: (N,) 0 real, 1 fake.
        groups: (N,) names.

    Raises:
        InputError: if the lengths differ, or a class is missing.

    >>> equal_groups([0, 0, 0, 1], ["a", "a", "b", "a"]).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    labels, names = np.asarray(label), np.asarray(groups, str)
    if labels.shape != names.shape or labels.ndim != 1:
        raise InputError(f"Expected a group for each label, but got {names.shape}, {labels.shape}")
    weight = np.zeros(len(labels))
    for one in (0, 1):
        inside = labels == one
        if not inside.any():
            raise InputError("Expected both reals and fakes")
        weight[inside] = group_weights(names[inside])
    return weight


def group_weights(groups: npt.ArrayLike) -> Values:
    """Weights (N,) that add up to 1, by which every group counts the same.

    >>> group_weights(["a", "a", "b"]).tolist()
    [0.25, 0.25, 0.5]
    """
    _, code, size = np.unique(np.asarray(groups, str), return_inverse=True, return_counts=True)
    return 1 / (len(size) * size[code.reshape(-1)])


def _bits(log10_odds: Values) -> Values:
    """log2(1 + odds), without overflow."""
    return np.logaddexp(0, log10_odds * _LN10) / np.log(2)


def _class(values: npt.ArrayLike, name: str) -> Values:
    of = np.asarray(values, np.float64).reshape(-1)
    if not len(of):
        raise InputError(f"Expected log10 likelihood ratios of {name}, but got none")
    if np.isnan(of).any():
        raise InputError(f"Expected log10 likelihood ratios of {name} as numbers, but got NaN")
    return of


def _mean(bits: Values, weight: npt.ArrayLike | None, name: str) -> float:
    if weight is None:
        return float(bits.mean())
    given = np.asarray(weight, np.float64)
    if given.shape != bits.shape or not given.sum() > 0 or given.min() < 0:
        raise InputError(f"Expected {len(bits)} weights of {name}, not negative and not all 0")
    used = given > 0  # 0 times infinity is no number
    return float((bits[used] * given[used]).sum() / given.sum())


def _both_classes(tally: Tally) -> Tally:
    if not (tally.n_fakes and tally.n_reals):
        raise InputError("Expected both reals and fakes")
    return tally


def _shares(tally: Tally) -> tuple[Values, Values]:
    """Share of the fakes, and of the reals, that have each distinct score, from the highest."""
    _both_classes(tally)
    return (
        np.diff(tally.true_positives) / tally.n_fakes,
        np.diff(tally.false_positives) / tally.n_reals,
    )


def _pav(tally: Tally) -> Values:
    """log10 of the ratio at each distinct score, from the highest; NaN before what weighs none."""
    from sklearn.isotonic import isotonic_regression

    fakes, reals = _shares(tally)
    held = fakes + reals
    used = held > 0
    chance = isotonic_regression(
        fakes[used] / held[used], sample_weight=held[used], increasing=False
    )
    found = np.full(len(held), np.nan)
    with np.errstate(divide="ignore"):
        found[used] = np.log10(chance) - np.log10(1 - chance)
    return found


def _cllr_min(tally: Tally) -> float:
    fakes, reals = _shares(tally)
    ratio = _pav(tally)
    used = ~np.isnan(ratio)
    return cllr(ratio[used], ratio[used], fakes[used], reals[used])
