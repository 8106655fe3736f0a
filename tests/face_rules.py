"""Rules of a detector for tests: one calibration, the ratio's log10 being the logit."""

from __future__ import annotations

from blurprint.score.rules import Rules


def rules() -> Rules:
    line = {"kind": "line", "slope": 1.0, "intercept": 0.0}
    counted = {"reals": 50, "fakes": 50, "real_groups": 50, "fake_groups": 50}
    calibration = {"map": line, "lower": -2.0, "upper": 2.0, **counted}
    return Rules.model_validate(
        {
            "calibrations": {"cells": [{"size": 0, "quality": 0, "calibration": calibration}]},
            "thresholds": {
                "fake": 1.0,
                "strong": 1.5,
                "real": -0.5,
                "false_alarms": 0.03,
                "strong_false_alarms": 0.01,
                "missed": 0.1,
                **counted,
            },
            "limits": {"smallest_face_px": 10.0, "least_measured": 0.1, "lowest_quality": 30.0},
        }
    )
