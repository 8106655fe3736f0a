"""The constants behind a report, so that it can be repeated."""

from __future__ import annotations

from blurprint.evidence.centre_border import CENTRE_SIDE
from blurprint.evidence.confident import CONFIDENT, MIN_SHARE
from blurprint.evidence.variance_map import WINDOW
from blurprint.optics.methods import METHODS

Parameters = dict[str, float | list[float]]


def evidence_parameters() -> Parameters:
    """Constants of the evidence rows."""
    return {
        "confident_from": CONFIDENT,
        "least_confident_share": MIN_SHARE,
        "centre_side_share": CENTRE_SIDE,
        "local_variance_window_px": WINDOW,
    }


def estimator_parameters(method: str) -> Parameters:
    """Main constants of an estimator; empty for one that is not ours."""
    return dict(METHODS[method].parameters) if method in METHODS else {}
