"""Changes of blur from frame to frame: what counts as a step, and how large it is as a rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from blurprint.clips.flicker import KINDS, LEAST_STEPS, flicker, steps_of
from blurprint.clips.frame_rows import Value
from blurprint.clips.pooled import pooled_row
from face_in_frames import compared, face_row


def test_only_neighbouring_frames_make_a_step():
    faces = [face_row(n, difference=float(n)) for n in (0, 1, 2, 10, 11)]
    assert [change for change, _ in steps_of(faces)] == [1.0, 1.0, 1.0]
    gap = compared([0.0, None, 1.0, 1.5])
    assert [change for change, _ in steps_of(gap)] == [0.5]


def test_the_spread_of_steps_is_found_and_its_error_holds():
    rng = np.random.default_rng(5)
    spread, found = 0.3, []
    for _ in range(300):
        steps = rng.normal(0, spread, 40)
        found.append(flicker(compared(np.cumsum(steps).tolist())))
    values = np.array([row.value for row in found])
    assert values.mean() == pytest.approx(spread, rel=0.04)
    assert np.mean([row.error for row in found]) == pytest.approx(values.std(), rel=0.15)


def test_a_smooth_change_is_small_and_one_jump_does_not_count():
    smooth = np.linspace(0, 1, 30)
    smooth[15:] += 2.0
    assert flicker(compared(smooth.tolist())).value == pytest.approx(1.4826 / 29, rel=0.01)


def test_it_is_put_in_relation_to_the_error_of_one_frame():
    row = flicker(compared([0.0, 0.2] * 6, error=0.1))
    assert row.details["over_error"] == pytest.approx(1.4826 * 0.2 / 0.1)
    assert row.details["steps"] == 11


def test_noise_flickers_apart_from_blur():
    faces = [
        replace(
            face,
            measures={**face.measures, "face_noise": Value(0.5 * (face.frame % 2), 0.1)},
            logit=float(3 * (face.frame % 2)),
        )
        for face in compared([0.0] * 8)
    ]
    blur, noise, logit = (flicker(faces, kind) for kind in KINDS)
    assert blur.value == 0.0
    assert noise.value == pytest.approx(1.4826 * 0.5)
    assert "the noise of the inner face" in noise.sentence
    assert (logit.value, logit.unit) == (pytest.approx(1.4826 * 3), "logit")


def test_too_few_steps_abstain():
    row = flicker(compared([0.0] * LEAST_STEPS))
    assert row.value is None
    assert f"Only {LEAST_STEPS - 1} pairs" in row.sentence


def test_a_pooled_row_is_the_median_and_its_error_does_not_shrink():
    values = [Value(float(n), 0.5, 2.0 * n) for n in range(1, 12)] + [Value(None)]
    row = pooled_row("blur_median", "Median blur", "px", values, looked=12)
    assert (row.value, row.error, row.native) == (6.0, 0.5, 12.0)
    assert row.details["frames"] == 11
    assert "Median of 11 of 12 frames: 6.00 px" in row.sentence
    assert row.reference is None


def test_where_nothing_was_measured_the_most_frequent_reason_is_said():
    values = [Value(None, why="Too dark.")] * 3 + [Value(None, why="Too small.")]
    row = pooled_row("a", "A", "px", values, looked=4)
    assert row.value is None
    assert row.sentence.endswith(
        "4 frames gives anything to measure; in 3, for this reason: Too dark."
    )
