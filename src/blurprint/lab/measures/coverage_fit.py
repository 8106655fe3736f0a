"""Fit the features of training, so that a face that is unlike them is recognised."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.lab.measures.ratio_cost import group_weights
from blurprint.lab.measures.ratio_thresholds import weighted_quantile
from blurprint.score.coverage import Coverage

Values = npt.NDArray[np.float64]


def fit_coverage(
    features: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    directions: int = 16,
    share: float = 0.99,
    folds: int = 5,
    seed: int = 0,
) -> Coverage:
    """A Gaussian of the features, with the distance that `share` of held-out faces stay within.

    Each face's distance is that from the faces of other folds, in which its group is not. The
    threshold is the `share` quantile of these distances, where every group counts the same; the
    Gaussian that is kept is that of all faces.

    Args:
        features: (N, D) of the faces of training, as the network gives them.
        groups: (N,) names.
        directions: number of principal directions, below D and the number of faces of a fold.
        share: of the held-out faces that count as covered.
        folds: number of parts, each held out once.
        seed: random seed of the folds.

    Raises:
        InputError: if there are fewer groups than folds, or a value is NaN, infinite or of another
            shape.
    """
    from sklearn.model_selection import GroupKFold

    rows, names = np.asarray(features, np.float64), np.asarray(groups, str)
    if rows.ndim != 2 or len(rows) != len(names) or not np.isfinite(rows).all():
        raise InputError(
            "Expected finite features (N, D) and a group for each row, "
            f"but got {rows.shape} and {names.shape}"
        )
    count = len(np.unique(names))
    if count < folds:
        raise InputError(f"Expected at least {folds} groups, one for each fold, but got {count}")
    least = len(rows) - int(np.ceil(len(rows) / folds))
    if not 1 <= directions < min(rows.shape[1], least):
        raise InputError(
            f"Expected `directions` to be from 1 to below {min(rows.shape[1], least)}, for "
            f"{len(rows)} faces of {rows.shape[1]} features, but got {directions}"
        )
    distances = np.empty(len(rows))
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    for known, unknown in splitter.split(rows, groups=names):
        part = _fit(rows[known], directions)
        distances[unknown] = [part.distance(one) for one in rows[unknown]]
    threshold = weighted_quantile(distances, group_weights(names), share)
    found = _fit(rows, directions)
    update = {"threshold": threshold, "share": share, "faces": len(rows), "groups": count}
    return found.model_copy(update=update)


def _fit(rows: Values, directions: int) -> Coverage:
    # As they are stored, so that distances here are those of the file.
    mean, scale = (one.astype("<f4") for one in (rows.mean(axis=0), rows.std(axis=0)))
    # A feature that never varied in training has no scale of its own: any change is a large one.
    typical = float(np.median(scale[scale > 0])) if (scale > 0).any() else 1.0
    scale = np.maximum(scale, np.float32(1e-3 * typical))
    away = (rows - mean) / scale
    _, singular, axes = np.linalg.svd(away, full_matrices=False)
    variances = singular**2 / len(rows)
    kept = axes[:directions]
    largest = np.abs(kept).max(axis=1)
    steps = np.round(kept / largest[:, None] * 127).astype(np.int8)
    rest = float(variances[directions:].sum()) / (rows.shape[1] - directions)
    return Coverage(
        mean=base64.b64encode(mean.tobytes()).decode("ascii"),
        scale=base64.b64encode(scale.astype("<f4").tobytes()).decode("ascii"),
        directions=base64.b64encode(steps.tobytes()).decode("ascii"),
        largest=[float(one) for one in largest],
        variances=[max(float(one), 1e-9) for one in variances[:directions]],
        rest=max(rest, 1e-9),
        threshold=1.0,
        share=1.0,
        faces=len(rows),
        groups=1,
    )
