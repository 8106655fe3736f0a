"""How far an attribution fits a difference over the values of a map: definitions, and the null.

Any two histograms over one map resemble each other, for both are large where the map has many
pixels. So an overlap stands beside others: of the same map with the attributions of another fake,
with an attribution that is even over the picture, and with that of a network of the same kind that
has learnt nothing. The last is the hardest and the one that counts: an attribution holds the
difference between picture and background as a factor, so that any network seems to look at what is
unusual (Adebayo et al., *Sanity checks for saliency maps*, NeurIPS 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.lab.measures.few_groups import enough
from blurprint.lab.measures.interval import Interval, p_of_null, percentile_interval
from blurprint.lab.measures.means import mean_interval

Values = npt.NDArray[np.float64]
BINS: Final = 20
EPSILON: Final = 1e-6
"""Added to every bin of both histograms before the divergence: an empty one makes it infinite."""
_OTHERS: Final = 30
"""Groups of whose fakes one attribution each is laid over a map, at most."""


def bin_of(defocus: FloatMap, bins: int = BINS) -> npt.NDArray[np.uint8]:
    """The bin of each pixel, 0 to ``bins - 1``: equal parts of [0, 1], 1 being in the last.

    Raises:
        InputError: if a value lies outside [0, 1], or `bins` outside 1 to 256.

    >>> bin_of(np.float32([0, 0.049, 0.05, 1])).tolist()
    [0, 0, 1, 19]
    """
    if not 1 <= bins <= 256:
        raise InputError(f"Expected `bins` to be from 1 to 256, but got {bins}")
    if defocus.size and not (defocus.min() >= 0 and defocus.max() <= 1):
        raise InputError(
            f"Expected a map from 0 to 1, but got {defocus.min():g} to {defocus.max():g}"
        )
    places = np.floor(defocus.astype(np.float64) * bins + 1e-6)  # 0.05 in 32 bits is in bin 1 of 20
    return np.minimum(places, bins - 1).astype(np.uint8)


def histogram(
    places: npt.NDArray[np.uint8], weight: npt.NDArray[np.floating], bins: int = BINS
) -> Values:
    """Sum of |weight| in each bin, divided by the sum of all; even where all are zero.

    Args:
        places: (H, W), from :func:`bin_of`.
        weight: (H, W).
        bins: how many.

    >>> histogram(np.uint8([0, 0, 1]), np.array([1.0, -1.0, 2.0]), bins=2).tolist()
    [0.5, 0.5]
    """
    if places.shape != weight.shape:
        raise InputError(f"Expected a weight of shape {places.shape}, but got {weight.shape}")
    sums = np.bincount(places.ravel(), np.abs(weight).ravel(), minlength=bins)
    total = sums.sum()
    return sums / total if total > 0 else np.full(bins, 1 / bins)


def overlap(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Sum of the smaller of each bin: 1 for equal histograms, 0 for disjoint ones.

    >>> overlap([0.5, 0.5, 0.0], [0.0, 0.25, 0.75])
    0.25
    """
    return float(np.minimum(np.asarray(first), np.asarray(second)).sum())


def divergence(shap: npt.ArrayLike, difference: npt.ArrayLike, epsilon: float = EPSILON) -> float:
    """Kullback and Leibler's ``sum p ln(p / q)`` in nats, p of SHAP and q of the difference.

    `epsilon` is added to every bin of both, which are then divided by their sums again.

    >>> divergence([0.5, 0.5], [0.25, 0.75], epsilon=0).__round__(6)
    0.143841
    """
    p, q = (np.asarray(one, np.float64) + epsilon for one in (shap, difference))
    p, q = p / p.sum(), q / q.sum()
    filled = p > 0
    with np.errstate(divide="ignore"):
        return float((p[filled] * np.log(p[filled] / q[filled])).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """What was found with one detector, for P pairs.

    Attributes:
        name: "defocus" or "rgb".
        shap: (P, bins) histograms of |SHAP|.
        overlaps: (P,).
        divergences: (P,).
        even: (P,) overlap of an attribution that is even over the picture.
        others: for each pair, overlaps with a fake of each of some other groups; may be empty.
        found: mean overlap.
        gain: mean of the overlap less the mean of the pair's `others`.
        null: mean overlap with others' attributions: mean, and the ends of 95 %.
        p: share of draws of others that overlap as much; None where no pair has others.
        untrained: (P,) overlaps of an untrained network of the same kind.
        gain_untrained: mean of the overlap less that of the untrained network.
        enough_groups: whether the pairs are of enough groups for intervals and claims.
    """

    name: str
    shap: Values
    overlaps: Values
    divergences: Values
    even: Values
    others: list[Values]
    found: Interval
    gain: Interval
    null: Interval
    p: float | None
    untrained: Values
    gain_untrained: Interval
    enough_groups: bool

    @property
    def shown(self) -> bool:
        """Whether there is more alignment than both others' attributions and no training give.

        Never of few groups: see :mod:`blurprint.lab.measures.few_groups`.
        """
        beyond_others = self.p is not None and self.p <= 0.05
        return self.enough_groups and beyond_others and self.gain_untrained.low > 0


def align(
    name: str,
    places: npt.NDArray[np.uint8],
    difference: Values,
    weights: FloatMap,
    weights_untrained: FloatMap,
    *,
    groups: npt.ArrayLike,
    seed: int = 0,
    draws: int = 1000,
) -> Aligned:
    """Overlaps of P pairs, with what others' attributions give.

    The null draws for the pairs of a group the attributions of another group's fakes: where a
    detector looks in all fakes alike, say at the middle, is no alignment. Shuffled pixels would not
    do, for they lose that neighbours are alike, so that any smooth attribution would seem to be
    aligned; their expectation is told as `even`.

    Args:
        name: of the detector.
        places: (P, S, S), from :func:`bin_of`.
        difference: (P, bins) histograms of the difference.
        weights: (P, S, S) attributions.
        weights_untrained: (P, S, S) of an untrained network of the same kind.
        groups: (P,) names.
        seed: of all draws.
        draws: of the bootstrap and of the null.
    """
    names = np.asarray(groups, str)
    bins = difference.shape[1]
    shap = np.stack([histogram(*one, bins) for one in zip(places, weights, strict=True)])
    overlaps = np.minimum(shap, difference).sum(axis=1)
    even = np.array(
        [
            overlap(histogram(one, np.ones(one.shape), bins), own)
            for one, own in zip(places, difference, strict=True)
        ]
    )
    rng = np.random.default_rng([seed, 3])
    others = _overlaps_of_others(places, weights, difference, names, rng)
    used = np.array([len(one) > 0 for one in others])
    gain = Interval(float("nan"), float("nan"), float("nan"))
    null, p = gain, None
    if used.any():  # then all are, for there are two groups
        means = np.array([one.mean() for one in others])
        gain = mean_interval(overlaps - means, names, draws=draws, seed=seed)
        drawn = _mean_of_drawn_others(others, names, draws, rng)
        null = percentile_interval(float(means.mean()), drawn)
        p = p_of_null(float(overlaps.mean()), drawn)
    blank = [histogram(*one, bins) for one in zip(places, weights_untrained, strict=True)]
    nothing = np.minimum(np.stack(blank), difference).sum(axis=1)
    return Aligned(
        name,
        shap,
        overlaps,
        np.array([divergence(*one) for one in zip(shap, difference, strict=True)]),
        even,
        others,
        mean_interval(overlaps, names, draws=draws, seed=seed),
        gain,
        null,
        p,
        nothing,
        mean_interval(overlaps - nothing, names, draws=draws, seed=seed),
        enough(len(np.unique(names))),
    )


def _overlaps_of_others(
    places: npt.NDArray[np.uint8],
    weights: FloatMap,
    difference: Values,
    names: npt.NDArray[np.str_],
    rng: np.random.Generator,
) -> list[Values]:
    """For each pair, one fake of each of some other groups; the same groups for all of a group."""
    out = [np.zeros(0)] * len(places)
    for own in np.unique(names):
        strangers = rng.permutation(np.unique(names[names != own]))[:_OTHERS]
        for row in np.flatnonzero(names == own):
            laid = [weights[rng.choice(np.flatnonzero(names == one))] for one in strangers]
            out[row] = np.array(
                [
                    overlap(histogram(places[row], one, difference.shape[1]), difference[row])
                    for one in laid
                ]
            )
    return out


def _mean_of_drawn_others(
    others: list[Values], names: npt.NDArray[np.str_], draws: int, rng: np.random.Generator
) -> Values:
    """Mean over all pairs, (draws,); the pairs of a group are laid over with one other group."""
    total = np.zeros(draws)
    for own in np.unique(names):
        each = np.stack([others[row] for row in np.flatnonzero(names == own)])
        total += each[:, rng.integers(each.shape[1], size=draws)].sum(axis=0)
    return total / len(others)
