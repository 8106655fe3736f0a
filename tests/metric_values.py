"""Every metric of scores at once."""

from __future__ import annotations

import numpy.typing as npt

from blurprint.lab.measures.metrics import METRICS
from blurprint.lab.measures.tally import count, rank


def metric_values(
    label: npt.ArrayLike,
    score: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    *,
    threshold: float = 0.5,
) -> dict[str, float]:
    """Each of METRICS, by its name."""
    tally = count(rank(label, score, threshold), weight)
    return {name: metric.of(tally) for name, metric in METRICS.items()}
