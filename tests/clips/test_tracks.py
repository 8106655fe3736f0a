"""What the frames of a face say together: median, worst tenth, labels and their reasons."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.clips.clip_score import score_clip
from blurprint.clips.tracks import LEAST_FRAMES, pooled_ratios, track_of
from face_in_frames import THRESHOLDS, judged


def track(values, number=1, **kwargs):
    return track_of(number, judged(values, **kwargs), 24, THRESHOLDS)


def score(*tracks, places=0):
    return score_clip(tracks, THRESHOLDS, prior=0.5, without_landmarks=places)


def test_median_and_worst_tenth_are_frames_of_the_clip():
    values = np.random.default_rng(1).normal(0.3, 0.5, 41).tolist()
    pooled = pooled_ratios(judged(values))
    assert pooled.median.log10 == np.median(values)
    assert sum(value >= pooled.high.log10 for value in values) == 5  # of 41, a tenth rounded up
    assert sum(value <= pooled.low.log10 for value in values) == 5


def test_of_an_even_number_the_lower_middle_is_taken():
    assert pooled_ratios(judged([0.0, 0.2, 0.8, 1.0])).median.log10 == 0.2


def test_more_frames_of_the_same_say_no_more():
    assert score(track([0.8] * 5)).likelihood_ratio == score(track([0.8] * 200)).likelihood_ratio


@pytest.mark.parametrize(
    ("values", "label", "code"),
    [
        ([0.9] * 6, "fake", None),
        ([-0.3] * 6, "real", None),
        ([0.3] * 6, "unsure", "undecided"),
        ([-0.3] * 9 + [0.9], "unsure", "mixed_frames"),  # the worst tenth speaks for a fake
        ([-0.3] * 20 + [0.9], "real", None),  # one of 21 is no tenth
        ([0.9] * 6 + [-0.5] * 5, "fake", None),
        ([0.9, 0.9], "unsure", "too_few_frames"),
        ([0.9] * 3 + [None] * 4, "unsure", "not_stable"),  # most frames do not judge it
        ([0.9] * 4 + [None] * 4, "fake", None),
        ([None] * 6, "unsure", "not_stable"),
        ([0.9, 0.9, None, None, None], "unsure", "not_stable"),
    ],
)
def test_labels_and_reasons(values, label, code):
    found = track(values)
    assert (found.label, found.code) == (label, code)
    assert (found.reason is None) == (code is None)
    given = score(found)
    assert (given.label, given.abstain_code) == (label, code)
    assert (given.likelihood_ratio is None) == (found.pooled is None)


def test_the_most_frequent_reason_is_given():
    faces = judged([None] * 5, code="too_small") + judged([None] * 2, code="compressed")
    assert track_of(1, faces, 24, THRESHOLDS).code == "too_small"
    assert "in 5, for this reason: It is too_small." in track_of(1, faces, 24, THRESHOLDS).reason


def test_the_face_with_the_highest_median_decides():
    given = score(track([-0.3] * 6), track([0.9] * 6, number=2))
    assert (given.label, given.face) == ("fake", "face 2")
    assert [one.label for one in given.faces] == ["real", "fake"]
    assert "(face 2)" in given.words


def test_a_clip_is_not_real_while_the_frames_of_a_face_disagree():
    given = score(track([-0.1] * 9), track([-0.3] * 9 + [0.9], number=2))
    assert (given.label, given.abstain_code, given.face) == ("unsure", "mixed_frames", "face 2")


def test_no_face_and_places_without_landmarks():
    assert score().abstain_code == "no_face"
    assert "2 places may be faces" in score(places=2).words


def test_faces_that_are_not_judged_are_counted_and_named():
    given = score(track([0.9] * 6), track([None] * 6, number=2))
    assert "1 face was not judged. Face 2:" in given.words
    many = [track([None] * LEAST_FRAMES, number=n) for n in range(1, 9)]
    assert "So were 3 more." in score(*many).words


def test_the_words_say_that_frames_are_not_multiplied():
    words = score(track([0.6] * 8 + [1.4] * 3)).words
    assert "median of 11 frames" in words
    assert "not multiplied" in words
    assert "the worst tenth 25 or more" in words
    assert "of clips this was not measured" in words


def test_without_a_network_there_is_no_label_and_no_reason():
    found = track_of(1, judged([None] * 6), 24, None)
    assert (found.pooled, found.code) == (None, None)
