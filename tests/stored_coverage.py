"""A coverage that can be computed by hand."""

from __future__ import annotations

import base64

import numpy as np

from blurprint.score.coverage import Coverage


def packed(values: list, dtype: str) -> str:
    return base64.b64encode(np.array(values, dtype).tobytes()).decode("ascii")


def coverage(**changes: object) -> Coverage:
    """Three features; the first varies with variance 4 once standardised, the others with 0.25."""
    given = {
        "mean": packed([1, 2, 3], "<f4"),
        "scale": packed([2, 1, 1], "<f4"),
        "directions": packed([127, 0, 0], "int8"),
        "largest": [1.0],
        "variances": [4.0],
        "rest": 0.25,
        "threshold": 1.5,
        "share": 0.99,
        "faces": 10,
        "groups": 5,
    }
    return Coverage(**(given | changes))
