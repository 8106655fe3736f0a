"""What the timeline draws."""

from __future__ import annotations

from itertools import pairwise

import pytest

from blurprint.clips.timeline import FLOOR, MOST, MOST_POINTS, TOP, timeline
from blurprint.clips.tracks import track_of
from face_in_frames import THRESHOLDS, compared, face_row, judged


def drawn(faces, seconds=4.0, thresholds=THRESHOLDS):
    return timeline([track_of(1, faces, len(faces), thresholds)], seconds, thresholds)


def test_points_lie_at_their_times_and_higher_values_higher():
    faces = [face_row(n, log10=value) for n, value in ((0, -0.3), (25, 0.2), (50, 1.2))]
    (chart,) = drawn(faces)["charts"]
    points = chart["series"][0]["points"]
    assert [point["x"] for point in points] == [0, 25, 50]
    heights = [point["y"] for point in points]
    assert heights == sorted(heights, reverse=True)
    assert all(TOP <= height <= FLOOR for height in heights)


def test_thresholds_are_drawn_in_the_scale_of_the_points():
    (chart,) = drawn(judged([THRESHOLDS.fake, THRESHOLDS.real]))["charts"]
    fake, real = chart["series"][0]["points"]
    assert [line["y"] for line in chart["lines"]] == [fake["y"], real["y"]]


def test_only_frames_of_one_burst_are_joined():
    faces = [face_row(n, log10=0.0) for n in (0, 1, 2, 30, 31)]
    (chart,) = drawn(faces)["charts"]
    assert len(chart["series"][0]["links"]) == 3


def test_errors_are_drawn_and_ratios_named():
    (chart,) = drawn(compared([0.0, 0.7, -0.7], error=0.1))["charts"]
    first = chart["series"][0]["points"][0]
    assert first["high"] < first["y"] < first["low"]
    assert {"equal", "1/2", "2 ×"} <= {mark["text"] for mark in chart["marks"]}


def test_marks_lie_within_the_chart_and_apart():
    for value in (0.02, 0.3, 3.0, 5.0):
        for chart in drawn(compared([value, -value / 2]))["charts"]:
            places = sorted(mark["y"] for mark in chart["marks"])
            assert places[0] >= TOP - 1
            assert places[-1] <= FLOOR + 1
            assert len(places) >= 2
            assert min(b - a for a, b in pairwise(places)) > 13


def test_nothing_to_draw_and_too_much():
    assert drawn(judged([None] * 4)) is None
    many = [track_of(n, judged([0.1] * 3), 3, THRESHOLDS) for n in range(1, MOST + 4)]
    shown = timeline(many, 1.0, THRESHOLDS)
    assert len(shown["legend"]) == MOST
    assert shown["rest"] == "3 more are not drawn."
    (chart,) = drawn(judged([0.1] * (2 * MOST_POINTS + 1)))["charts"]
    assert len(chart["series"][0]["points"]) <= MOST_POINTS


def test_a_clip_of_unknown_duration():
    (chart,) = drawn([face_row(0, log10=0.3)], seconds=None)["charts"]
    assert chart["series"][0]["points"][0]["x"] == pytest.approx(0)
