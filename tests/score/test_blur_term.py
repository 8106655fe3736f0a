"""What the blur of a face adds to the network's output: by how much, when, and that it is said."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from skimage import data

from blurprint.errors import InputError
from blurprint.evidence.measure_faces import measure_faces
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.faces.regions import regions_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo
from blurprint.score.blur_term import (
    REACH,
    SQUARE_PX,
    BlurTerm,
    blur_percentile,
    is_large_on,
    own_blur_percentile,
)
from blurprint.score.face_judge import FaceJudge
from blurprint.score.photo_score import PhotoScore, score_photo, score_with
from blurprint.score.rules import Rules, rules_of
from blurprint.weights.card import FaceCard, shipped
from tiny_face import tiny_rules, write_tiny_face

TERM = BlurTerm(weight=0.4, from_px=32, full_px=45)


def face_at(eyes: float) -> Face:
    upright = np.float32([[-0.5, -0.55], [0.5, -0.55], [0, 0], [-0.4, 0.55], [0.4, 0.55]])
    marks = (eyes * upright + 150).astype(np.float32)
    return Face(FaceBox(150 - eyes, 150 - eyes, 2 * eyes, 2.4 * eyes), marks, 0.99)


def judged(
    tmp_path, percentile: float | None, *, eyes: float = 60, rules: Rules | None = None
) -> PhotoScore:
    """A photo whose network's logit is 0.3, in which the blur of the face is at a percentile."""
    judge = FaceJudge.of(write_tiny_face(tmp_path, rules or tiny_rules(blur=TERM), gain=1.0))
    return score_photo(
        Photo(np.full((300, 300, 3), 0.3, np.float32)),
        [face_at(eyes)],
        lambda _: 1.0,
        judge,
        rules_of(judge.card),
        percentile=lambda _: percentile,
    )


@pytest.mark.parametrize(
    ("percentile", "eyes", "added"),
    [
        (50, 60, 0.0),
        (84.134, 60, 0.4),
        (15.866, 60, -0.4),
        (84.134, 38.5, 0.2),
        (84.134, 32, 0.0),
        (None, 60, 0.0),
        (100, 60, 0.4 * 2.326),
    ],
)
def test_a_standard_deviation_adds_the_weight_which_grows_with_the_face(
    tmp_path, percentile, eyes, added
):
    found = judged(tmp_path, percentile, eyes=eyes)
    assert found.faces[0].blur == pytest.approx(added, abs=2e-3)
    ratio = found.score.likelihood_ratio
    # log10 of the ratio is the logit; below -0.2 the picture would be called real
    assert np.log10(ratio) == pytest.approx(0.3 + added, abs=0.01)
    assert found.faces[0].reading.logit == pytest.approx(0.3, abs=0.005)


def test_blur_stays_in_what_is_passed_on_so_that_the_label_stands(tmp_path):
    found = judged(tmp_path, 84.134)
    assert found.score.label == "fake"
    facts = found.faces[0].facts
    for ratio in facts.redelivered.values():
        assert ratio.log10 == pytest.approx(0.7, abs=0.02)


def test_what_blur_did_is_said(tmp_path):
    notes = " ".join(judged(tmp_path, 84.134).notes)
    assert "counted for a pasted face" in notes
    assert "would be 2 instead of 5" in notes
    assert "counted against" in " ".join(judged(tmp_path, 15.866).notes)
    assert "counted" not in " ".join(judged(tmp_path, None).notes)
    strong = tiny_rules(blur=BlurTerm(weight=2, from_px=32, full_px=45))
    assert "2 instead of at least 19" in " ".join(judged(tmp_path, 84.134, rules=strong).notes)


def test_without_a_term_in_the_card_blur_does_not_count(tmp_path):
    found = judged(tmp_path, 99.0, rules=tiny_rules())
    assert found.faces[0].blur == 0
    assert np.log10(found.score.likelihood_ratio) == pytest.approx(0.3, abs=0.01)


def test_a_card_that_needs_blur_is_not_judged_without(tmp_path):
    judge = FaceJudge.of(write_tiny_face(tmp_path, tiny_rules(blur=TERM)))
    photo = Photo(np.full((300, 300, 3), 0.3, np.float32))
    with pytest.raises(InputError, match="blur enters what this network says"):
        score_photo(photo, [face_at(60)], lambda _: 1.0, judge, rules_of(judge.card))


@pytest.mark.parametrize("wrong", [-1, 101, float("nan")])
def test_a_percentile_out_of_range_is_refused(wrong):
    with pytest.raises(InputError, match="percentile in"):
        TERM.at(wrong, 60)


def test_a_weight_that_shrinks_with_the_face_is_refused():
    with pytest.raises(ValidationError, match="full_px"):
        BlurTerm(weight=0.1, from_px=45, full_px=32)


def test_a_face_more_blurred_than_its_surround_lies_high_among_portraits():
    rgb = np.ascontiguousarray(data.astronaut())
    places = []
    for sigma in (0, 2.5):
        photo = Photo.from_array(rgb)
        face = find_faces_of(photo).found[0]
        inner = cv2.GaussianBlur(regions_of(face, photo.rgb.shape[:2]).oval.astype("f4"), (0, 0), 2)
        soft = cv2.GaussianBlur(photo.rgb, (0, 0), sigma) if sigma else photo.rgb
        pasted = Photo.from_array(photo.rgb + inner[..., None] * (soft - photo.rgb))
        places.append(blur_percentile(pasted, estimate_defocus(pasted), face))
    assert places[0] is not None and places[1] is not None
    assert 5 < places[0] < 95
    assert places[1] > 97


def test_a_map_that_measures_nothing_has_no_percentile():
    photo = Photo(np.full((300, 300, 3), 0.5, np.float32))
    assert blur_percentile(photo, estimate_defocus(photo), face_at(60)) is None


def test_around_a_face_its_blur_is_about_that_of_the_whole_picture():
    # Sharp to the pixel, a hundredth of a pixel is ten percentiles.
    photo = Photo.from_array(cv2.GaussianBlur(data.astronaut(), (0, 0), 1.5))
    face = find_faces_of(photo).found[0]
    whole = blur_percentile(photo, estimate_defocus(photo), face)
    part = own_blur_percentile(photo, face, [face], "net")
    assert whole is not None and part is not None
    assert abs(part - whole) < 12
    beside = face.moved(-500, 0)
    assert own_blur_percentile(photo, beside, [beside], "net") is None


def test_a_face_of_a_size_of_which_no_portraits_are_known_is_not_measured(monkeypatch):
    monkeypatch.setattr("blurprint.score.blur_term.estimate_defocus", None)  # would be a TypeError
    small = Photo(np.full((300, 300, 3), 0.3, np.float32))
    assert own_blur_percentile(small, face_at(12), [], "net") is None


def test_a_large_face_is_measured_at_the_size_of_the_square_that_the_network_sees(monkeypatch):
    rgb = cv2.GaussianBlur(data.astronaut()[:320, 60:380], (0, 0), 1.5)
    photo = Photo.from_array(np.ascontiguousarray(rgb))
    face = find_faces_of(photo).found[0]
    enlarged = cv2.resize(rgb, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    large, on_large = Photo.from_array(enlarged), face.scaled(5)
    assert on_large.eye_distance > 180  # of which no portraits are known
    sizes: list[tuple[int, int]] = []

    def measured(part: Photo, *, method: str) -> DefocusMap:
        sizes.append(part.size)
        return estimate_defocus(part, method=method)

    monkeypatch.setattr("blurprint.score.blur_term.estimate_defocus", measured)
    percentile = own_blur_percentile(large, on_large, [on_large], "net")
    assert max(sizes[0]) == pytest.approx(2 * REACH * SQUARE_PX, abs=2)
    scale = SQUARE_PX / face.eye_distance
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    same = Photo.from_array(cv2.resize(enlarged, size, interpolation=cv2.INTER_AREA))
    there = face.scaled(size[0] / rgb.shape[1])
    reduced = own_blur_percentile(same, there, [there], "net")
    assert percentile is not None and reduced is not None
    assert abs(percentile - reduced) < 5


@pytest.mark.parametrize(("eyes", "large"), [(53.9, False), (54.0, True), (200.0, True)])
def test_a_map_is_enough_from_the_class_of_size_that_was_calibrated_on(eyes, large):
    assert is_large_on(face_at(eyes)) is large


def test_the_square_is_that_of_the_network_that_ships():
    given = shipped("face", FaceCard).input
    assert given.size / given.width == pytest.approx(SQUARE_PX, abs=0.1)


def test_the_blur_of_a_face_that_is_too_small_to_count_is_not_measured(tmp_path):
    judge = FaceJudge.of(write_tiny_face(tmp_path, tiny_rules(blur=TERM)))
    asked: list[Face] = []
    score_photo(
        Photo(np.full((300, 300, 3), 0.3, np.float32)),
        [face_at(30)],
        lambda _: 1.0,
        judge,
        rules_of(judge.card),
        percentile=asked.append,
    )
    assert not asked


def test_what_was_measured_of_a_face_is_not_measured_again(tmp_path, monkeypatch):
    photo = Photo.from_array(np.ascontiguousarray(data.astronaut()))
    defocus, faces = estimate_defocus(photo), find_faces_of(photo)
    judge = FaceJudge.of(write_tiny_face(tmp_path, tiny_rules(blur=TERM), gain=1.0))
    rules = rules_of(judge.card)
    plain = score_with(judge, rules, photo, defocus, faces)
    measured = measure_faces(photo, defocus, faces).measured
    monkeypatch.setattr("blurprint.score.photo_score.blur_percentile", None)
    again = score_with(judge, rules, photo, defocus, faces, measured=measured)
    assert again.faces[0].blur == plain.faces[0].blur != 0
    assert again.score == plain.score
