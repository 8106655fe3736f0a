"""Log-odds of being a fake that other folds say, comparable between folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Fold = tuple[Indices, Indices]
"""Rows that a fold learns from, and rows that it is tested on."""
_NEVER_CERTAIN: Final = 1e-6


def log_odds(chance: npt.ArrayLike) -> Values:
    """``ln(p / (1 - p))`` of probabilities inside (0, 1).

    >>> log_odds([0.5, 0.75]).round(4).tolist()
    [0.0, 1.0986]
    """
    p = np.asarray(chance, np.float64)
    return np.log(p / (1 - p))


def stratified_folds(
    labels: npt.ArrayLike, groups: npt.ArrayLike | None, folds: int, seed: int
) -> list[Fold]:
    """Folds with like shares of both labels; groups stay whole.

    Args:
        labels: (N,) 0 or 1.
        groups: (N,) names; None where every row is its own group.
        folds: number of folds.
        seed: random seed.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    label = np.asarray(labels)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(folds, shuffle=True, random_state=seed)
    return list(splitter.split(label, label, None if groups is None else np.asarray(groups)))


def cross_validated_log_odds(
    labels: npt.ArrayLike, folds: Sequence[Fold], predict: Callable[[Indices, Indices], Values]
) -> Values:
    """Log-odds that the other folds give each row, less the log-odds of these folds themselves.

    The difference keeps folds comparable. Where the fold left out holds more fakes, the others hold
    fewer, so that the plain log-odds would be lower for it, and what knows nothing would rank below
    chance. 0 says: as likely as any row.

    Args:
        labels: (N,) 0 or 1.
        folds: from :func:`stratified_folds`; together they test every row once.
        predict: from the rows to learn from (F,) and the rows to test (T,) to P(fake) of the
            latter, (T,). It is clipped to within a millionth of 0 and 1.

    Raises:
        InputError: if the rows that a fold learns from have one label only.
    """
    label = np.asarray(labels)
    scores = np.zeros(len(label))
    for known, unknown in folds:
        share = label[known].mean()
        if share in (0, 1):
            raise InputError("Expected both labels among the rows that a fold learns from")
        chance = np.clip(predict(known, unknown), _NEVER_CERTAIN, 1 - _NEVER_CERTAIN)
        scores[unknown] = log_odds(chance) - log_odds(share)
    return scores
