"""Following one face through the frames of a clip."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.faces.find import FaceBox
from blurprint.faces.track import FaceTracker, largest_track, smooth_track, track_face


def square(x: float, y: float, side: float) -> FaceBox:
    return FaceBox(x - side / 2, y - side / 2, side, side)


def test_the_larger_of_two_faces_is_followed_while_they_move():
    frames = [[square(100 + 10 * i, 100, 80), square(400 - 10 * i, 100, 60)] for i in range(10)]
    found = largest_track(frames)
    assert [found[i].centre[0] for i in range(10)] == [100 + 10 * i for i in range(10)]


def test_one_large_error_of_the_search_does_not_win():
    frames = [[square(100, 100, 80)] for _ in range(10)]
    frames[4] = [square(400, 300, 200), square(100, 100, 80)]
    assert {box.width for box in largest_track(frames).values()} == {80}


def test_a_face_in_few_frames_is_none():
    frames = [[] for _ in range(20)]
    frames[3] = frames[4] = [square(100, 100, 80)]
    assert largest_track(frames) == {}
    assert largest_track([]) == {}


def test_frames_without_a_detection_are_interpolated():
    found = {2: square(100, 50, 80), 6: square(140, 90, 80)}
    boxes = smooth_track(found, 9)
    assert [box.centre for box in boxes[2:7]] == [(100 + 10 * i, 50 + 10 * i) for i in range(5)]
    assert boxes[0].centre == (100, 50)  # held at the ends
    assert boxes[8].centre == (140, 90)


def test_the_size_does_not_breathe():
    rng = np.random.default_rng(0)
    sides = 100 * 1.1 ** rng.integers(-1, 2, 64)  # the steps of the search
    boxes = smooth_track({i: square(200, 200, s) for i, s in enumerate(sides)}, 64)
    smoothed = np.array([box.width for box in boxes])
    assert np.abs(np.diff(smoothed)).mean() < 0.5 * np.abs(np.diff(sides)).mean()
    assert [box.centre for box in boxes] == [pytest.approx((200, 200))] * 64


def test_a_face_that_comes_nearer_is_followed():
    sides = np.linspace(60, 200, 32)
    frames = [[square(200, 200, side)] for side in sides]
    smoothed = [box.width for box in smooth_track(largest_track(frames), 32)]
    assert np.abs(np.array(smoothed) - sides).max() < 0.1 * sides.max()


def test_boxes_follow_frames_that_change_their_size():
    large, small = [square(200, 100, 80)], [square(100, 50, 40)]
    track = track_face([large] * 4 + [small] * 4, [(640, 360)] * 4 + [(320, 180)] * 4)
    assert [box.centre for box in track.values()] == [(200, 100)] * 4 + [(100, 50)] * 4
    assert [box.width for box in track.values()] == [80] * 4 + [40] * 4


def test_a_missing_detection_is_filled_in_the_size_of_its_frame():
    large, small = [square(200, 100, 80)], [square(100, 50, 40)]
    track = track_face([large, large, [], small], [(640, 360)] * 2 + [(320, 180)] * 2)
    assert track[2].centre == (100, 50)
    assert track[2].width == 40


def test_where_proportions_change_the_track_starts_anew():
    sizes = [(640, 360)] * 3 + [(360, 640)] * 3
    track = track_face([[square(200, 100, 80)]] * 3 + [[square(100, 400, 80)]] * 3, sizes)
    assert [box.centre for box in track.values()] == [(200, 100)] * 3 + [(100, 400)] * 3
    nothing = track_face([[square(200, 100, 80)]] * 3 + [[]] * 3, sizes)
    assert list(nothing) == [0, 1, 2]
    assert track_face([[]] * 6, sizes) == {}
    assert track_face([], []) == {}


def test_several_faces_keep_their_tracks_whatever_their_order():
    tracker = FaceTracker()
    for step in range(5):
        boxes = [FaceBox(10 + 2 * step, 10, 40, 40), FaceBox(200 - 2 * step, 12, 30, 30)]
        found = tracker.assign(boxes if step % 2 else boxes[::-1])
        assert found == ([0, 1] if step % 2 else [1, 0])
    assert [len(track.boxes) for track in tracker.tracks] == [5, 5]


def test_a_face_that_was_away_goes_on_and_a_new_one_begins():
    tracker = FaceTracker()
    assert tracker.assign([FaceBox(10, 10, 40, 40)]) == [0]
    assert tracker.assign([]) == []
    assert tracker.assign([FaceBox(300, 10, 40, 40), FaceBox(12, 10, 40, 40)]) == [1, 0]
    assert list(tracker.tracks[0].boxes) == [0, 2]


def test_tracks_end_at_a_cut_and_where_proportions_change():
    tracker, box = FaceTracker(), FaceBox(10, 10, 40, 40)
    assert tracker.assign([box], (100, 100)) == [0]
    assert tracker.assign([box], (100, 100), anew=True) == [1]
    assert tracker.assign([box], (100, 50)) == [2]
    half = FaceBox(5, 5, 20, 20)
    assert tracker.assign([half], (50, 25)) == [2]
    assert tracker.tracks[2].last == box
