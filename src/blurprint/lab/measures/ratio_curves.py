"""What figures of likelihood ratios show: whether they keep their word, and how they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.bootstrap import resample
from blurprint.lab.measures.few_groups import enough, groups_of_each
from blurprint.lab.measures.interval import Interval, percentile_interval
from blurprint.lab.measures.metrics import calibration_bins
from blurprint.lab.measures.ratio_cost import at_prior, chance_of_fake
from blurprint.lab.measures.tally import Tally, count, rank

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Faces of which about the same P(fake) is said.

    Attributes:
        said: mean of that P(fake).
        share: share of fakes among them, were fakes as frequent as the prior says.
        faces: how many there are.
    """

    said: float
    share: Interval
    faces: int


def reliability_curve(
    label: npt.ArrayLike,
    log10_lr: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    prior: float = 0.5,
    draws: int = 400,
    seed: int = 0,
) -> list[ReliabilityBin]:
    """P(fake) that is said, and the share of fakes there, in 15 bins of equal width.

    The bins are those of :func:`~blurprint.lab.measures.metrics.calibration_error`; empty ones are
    left out. Fakes weigh `prior` in all and reals the rest, whatever their numbers.

    Args:
        label: (N,) 0 real, 1 fake.
        log10_lr: (N,) of ratios made without these rows.
        groups: (N,) names; resamples draw them whole.
        prior: P(fake) before the evidence.
        draws: number of resamples.
        seed: random seed.

    Returns:
        Rising. The 95 % intervals are over the resamples that put anything into the bin; their ends
        are NaN where groups of a class are too few.

    Raises:
        InputError: if a class is missing, a ratio is NaN, or the prior is not inside (0, 1).
    """
    if not 0 < prior < 1:
        raise InputError(f"Expected `prior` to be inside (0, 1), but got {prior}")
    ranking = rank(label, chance_of_fake(log10_lr, prior))

    def statistic(tally: Tally) -> Values:
        return np.stack(calibration_bins(at_prior(tally, prior)))

    held, fakes, said = statistic(count(ranking))
    drawn = resample(ranking, groups, statistic, draws=draws, seed=seed)
    faces = -np.diff(ranking.bins)
    few = not enough(*groups_of_each(label, groups))
    curve = []
    for place in np.flatnonzero(faces):
        share = float(fakes[place] / held[place])
        filled = drawn[drawn[:, 0, place] > 0]
        found = percentile_interval(share, filled[:, 1, place] / filled[:, 0, place])
        curve.append(
            ReliabilityBin(
                said=float(said[place] / held[place]),
                share=found.without_ends() if few else found,
                faces=int(faces[place]),
            )
        )
    return curve


@dataclass(frozen=True, slots=True, eq=False)
class Tippett:
    """Shares of faces whose likelihood ratio is at least a value.

    Attributes:
        log10_lr: (K,) values, rising.
        fakes: (K,) share of the fakes at or above each, falling from 1.
        reals: (K,) the same of the reals.
    """

    log10_lr: Values
    fakes: Values
    reals: Values


def tippett(label: npt.ArrayLike, log10_lr: npt.ArrayLike) -> Tippett:
    """The curves of Tippett et al. (*The evidential value of the comparison of paint flakes*,
    Journal of the Forensic Science Society 8, 1968).

    Where the curves meet 0, one reads the misleading evidence: reals above, fakes below.

    Args:
        label: (N,) 0 real, 1 fake.
        log10_lr: (N,) finite or infinite.

    Raises:
        InputError: if a class is missing, the lengths differ, or a ratio is NaN.

    >>> curve = tippett([0, 1, 1], [-1.0, 0.5, 2.0])
    >>> curve.log10_lr.tolist(), curve.fakes.tolist(), curve.reals.tolist()
    ([-1.0, 0.5, 2.0], [1.0, 1.0, 0.5], [1.0, 0.0, 0.0])
    """
    labels, ratios = np.asarray(label), np.asarray(log10_lr, np.float64)
    if labels.shape != ratios.shape or np.isnan(ratios).any():
        raise InputError(
            f"Expected a label for each ratio, none NaN, but got {labels.shape} and {ratios.shape}"
        )
    values = np.unique(ratios)
    shares = []
    for one in (1, 0):
        of = np.sort(ratios[labels == one])
        if not len(of):
            raise InputError("Expected both reals and fakes")
        shares.append(1 - np.searchsorted(of, values, side="left") / len(of))
    return Tippett(values, *shares)
