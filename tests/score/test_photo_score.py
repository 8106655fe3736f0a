"""The score of a photo: conditions, limits, what is passed on, and the same numbers every time."""

from __future__ import annotations

import io
import json
import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.faces import Faces
from blurprint.faces.find import FaceBox
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import Photo, read_photo
from blurprint.score.face_judge import FaceJudge
from blurprint.score.face_share import measured_share
from blurprint.score.photo_score import PhotoScore, score_of, score_photo, score_with
from blurprint.score.redeliver import redelivered, surroundings
from blurprint.score.rules import REDELIVERIES, Limits, Redelivery, Rules, rules_of
from tiny_face import SIZE, WIDTH, near, tiny_rules, write_tiny_face

UPRIGHT = np.float32([[-0.5, -0.55], [0.5, -0.55], [0, 0], [-0.4, 0.55], [0.4, 0.55]])


def face_at(x: float, y: float, eyes: float, lean: float = 0.0) -> Face:
    """A face of a given distance between the eyes, pixels, that leans by an angle."""
    turn = np.float32([[math.cos(lean), -math.sin(lean)], [math.sin(lean), math.cos(lean)]])
    marks = (eyes * UPRIGHT @ turn.T + np.float32([x, y])).astype(np.float32)
    return Face(FaceBox(x - eyes, y - eyes, 2 * eyes, 2.4 * eyes), marks, 0.99)


def gray(level: float, side: int = 300) -> Photo:
    return Photo(np.full((side, side, 3), level, np.float32))


def noise(seed: int = 0, side: int = 300) -> np.ndarray:
    """uint8 (side, side, 3): detail of every scale, so that nothing leaves it as it is."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (side, side, 3), np.uint8)


class Counting:
    """A judge that counts how often its network runs."""

    def __init__(self, judge: FaceJudge) -> None:
        self.inner, self.runs = judge.session, 0
        self.judge = FaceJudge(self, judge.card)

    def run(self, *given: object) -> object:
        self.runs += 1
        return self.inner.run(*given)

    def get_inputs(self) -> object:
        return self.inner.get_inputs()

    def get_outputs(self) -> object:
        return self.inner.get_outputs()


def judged(
    tmp_path: Path,
    photo: Photo,
    faces: list[Face] | Faces,
    *,
    rules: Rules | None = None,
    measured: float = 1.0,
    prior: float = 0.5,
    jpeg_quality: float | None = None,
    every_redelivery: bool = True,
    **network: float,
) -> tuple[PhotoScore, int]:
    """The score, and the number of runs of the network."""
    counting = Counting(FaceJudge.of(write_tiny_face(tmp_path, rules, **network)))
    found = score_photo(
        photo,
        faces,
        lambda _: measured,
        counting.judge,
        rules_of(counting.judge.card),
        prior=prior,
        jpeg_quality=jpeg_quality,
        every_redelivery=every_redelivery,
    )
    return found, counting.runs


@pytest.mark.parametrize(
    ("level", "label", "log10"),
    [(0.8, "fake", 0.8), (0.3, "unsure", 0.3), (1.0, "fake", 1.0), (0.0, "unsure", 0.0)],
)
def test_the_ratio_is_that_of_the_networks_output(tmp_path, level, label, log10):
    found, _ = judged(tmp_path, gray(level), [face_at(150, 150, 40)], gain=1.0)
    assert found.score.label == label
    assert found.score.likelihood_ratio == pytest.approx(10**log10, rel=0.02)
    assert found.faces[0].reading.logit == pytest.approx(level, abs=0.003)
    assert found.faces[0].reading.where.shape == (8, 8)
    np.testing.assert_allclose(found.faces[0].reading.where, level, atol=0.003)


def test_the_prior_is_that_which_is_stated(tmp_path):
    found, _ = judged(tmp_path, gray(0.8), [face_at(150, 150, 40)], prior=0.01, gain=1.0)
    ratio = found.score.likelihood_ratio
    assert found.score.value == pytest.approx(ratio * 0.01 / (ratio * 0.01 + 0.99))


@pytest.mark.parametrize(
    ("changes", "eyes", "measured", "quality", "code"),
    [
        ({"smallest_face_px": 41}, 40, 1.0, None, "too_small"),
        ({"least_measured": 0.5}, 40, 0.4, None, "too_little_measured"),
        ({"lowest_quality": 60}, 40, 1.0, 59.0, "compressed"),
    ],
)
def test_a_limit_forbids_to_judge_and_the_network_does_not_run(
    tmp_path, changes, eyes, measured, quality, code
):
    given = {"smallest_face_px": 10, "least_measured": 0, "lowest_quality": 1} | changes
    found, runs = judged(
        tmp_path,
        gray(0.8),
        [face_at(150, 150, eyes)],
        rules=tiny_rules(limits=Limits(**given)),
        measured=measured,
        jpeg_quality=quality,
    )
    assert (found.score.abstain_code, runs) == (code, 0)
    assert found.faces[0].reading is None and not found.faces[0].redelivered


def test_the_network_sees_what_is_passed_on_only_where_the_label_depends_on_it(tmp_path):
    face = [face_at(150, 150, 40)]
    for network, runs, names in (
        ({"bias": 0.8}, 2 + 2, {one.name for one in REDELIVERIES}),
        ({"bias": 0.2}, 2, set()),  # undecided already
    ):
        found, count = judged(tmp_path, gray(0.5), face, **network)
        assert count == runs and set(found.faces[0].redelivered) == names


def test_a_face_unlike_those_of_training_is_not_judged(tmp_path):
    rules = tiny_rules(coverage=near(0.5))
    face = [face_at(150, 150, 40)]
    assert judged(tmp_path, gray(0.5), face, rules=rules, bias=0.8)[0].score.label == "fake"
    far, runs = judged(tmp_path, gray(0.8), face, rules=rules, bias=0.8)
    assert (far.score.abstain_code, runs) == ("not_covered", 2)
    assert far.faces[0].facts.distance == pytest.approx(3.0, abs=0.1)


def test_detail_that_is_lost_when_a_picture_is_passed_on_decides_nothing(tmp_path):
    photo = Photo.from_array(noise())
    face = [face_at(150, 150, 60)]
    plain, _ = judged(tmp_path, photo, face, detail=1.0)
    fine = plain.faces[0].reading.logit  # of a gain of 1
    found, _ = judged(tmp_path, photo, face, detail=0.55 / fine)
    assert found.score.abstain_code == "not_stable"
    assert "scale 0.75" in found.score.abstain_reason or "JPEG 75" in found.score.abstain_reason
    for one in found.faces[0].redelivered.values():
        assert one < found.faces[0].reading.logit


def test_what_passing_on_changes_is_read_unmirrored(tmp_path):
    judge = FaceJudge.of(write_tiny_face(tmp_path, detail=1.0))
    rgb, face = noise(), face_at(150, 150, 60)
    before = judge.read(rgb, face)
    assert judge.read_again(before, rgb, face) == before.logit  # nothing has changed
    shifted = replace(before, logit=before.logit + 0.4)  # a mirror image that reads otherwise
    smooth = cv2.GaussianBlur(rgb, (0, 0), 1)
    change = judge.read(smooth, face).unmirrored - before.unmirrored
    assert change < -0.01
    assert judge.read_again(shifted, smooth, face) == pytest.approx(shifted.logit + change)


def test_a_network_whose_output_is_no_number_is_refused_after_passing_on(tmp_path):
    good = FaceJudge.of(write_tiny_face(tmp_path / "good"))
    bad = FaceJudge.of(write_tiny_face(tmp_path / "bad", bias=math.nan))
    rgb, face = noise(), face_at(150, 150, 60)
    with pytest.raises(InputError, match="Expected finite outputs of the face network"):
        bad.read_again(good.read(rgb, face), rgb, face)


def test_a_label_that_has_changed_once_is_not_passed_on_again_where_nobody_asks(tmp_path):
    photo, face = Photo.from_array(noise()), [face_at(150, 150, 60)]
    fine = judged(tmp_path, photo, face, detail=1.0)[0].faces[0].reading.logit
    for detail in (0.55 / fine, 3.0 / fine):  # one whose label changes, one whose label stays
        whole, every = judged(tmp_path, photo, face, detail=detail)
        short, runs = judged(tmp_path, photo, face, detail=detail, every_redelivery=False)
        assert short.score == whole.score
        changed = whole.score.abstain_code == "not_stable"
        assert (runs < every) == (changed and len(short.faces[0].redelivered) < len(REDELIVERIES))
    first = REDELIVERIES[0].name
    assert first in judged(tmp_path, photo, face, detail=0.55 / fine)[0].score.abstain_reason
    short, runs = judged(tmp_path, photo, face, detail=0.55 / fine, every_redelivery=False)
    assert (runs, set(short.faces[0].redelivered)) == (3, {first})


def test_the_face_with_the_highest_ratio_decides(tmp_path):
    rgb = np.full((300, 600, 3), 0.1, np.float32)
    rgb[:, 300:] = 0.9
    faces = [face_at(120, 150, 30), face_at(480, 150, 30), face_at(150, 150, 4)]
    found, _ = judged(tmp_path, Photo(rgb), faces, gain=1.0, bias=-0.1)
    assert (found.score.label, found.score.face) == ("fake", "face 2")
    assert [one.name for one in found.faces] == ["face 1", "face 2", "face 3"]
    assert [one.abstain_code for one in found.score.faces] == ["undecided", None, "too_small"]
    assert "1 face was not judged. Face 3: The eyes are 4 px apart" in found.score.words


def test_a_picture_without_a_face_is_unsure(tmp_path):
    found, runs = judged(tmp_path, gray(0.5), [])
    assert (found.score.abstain_code, found.faces, runs) == ("no_face", (), 0)


def test_sizes_are_in_pixels_of_the_file_as_long_as_the_network_sees_the_face_whole(tmp_path):
    photo = replace(gray(0.8), scale=0.5, native_size=(600, 600))
    found, _ = judged(tmp_path, photo, [face_at(150, 150, 20)], gain=1.0)
    assert found.faces[0].facts.condition.face_px == pytest.approx(40)
    assert found.notes == ()
    # The network takes 64 / 3.8 = 16.8 px between the eyes.
    found, _ = judged(tmp_path, photo, [face_at(150, 150, 16)], gain=1.0)
    assert found.faces[0].facts.condition.face_px == pytest.approx(16)
    assert "32 px apart in the file, but only 16 px after the photo was reduced" in found.notes[0]


def test_what_may_be_no_face_is_not_judged(tmp_path):
    sure, doubtful = face_at(150, 150, 40), replace(face_at(150, 150, 40), probability=0.82)
    found, _ = judged(tmp_path, gray(0.8), [sure, doubtful], gain=1.0)
    assert [one.abstain_code for one in found.score.faces] == [None, "doubtful"]
    assert found.faces[1].reading is None  # the network was not asked
    assert found.score.face == "face 1"
    assert "It was found with a probability of only 0.82 and may be no face." in found.score.words
    alone, _ = judged(tmp_path, gray(0.8), [doubtful], gain=1.0)
    assert (alone.score.label, alone.score.abstain_code) == ("unsure", "doubtful")


def test_faces_and_score_count_the_same_faces(tmp_path):
    found = Faces(found=(face_at(150, 150, 40),), small=(face_at(60, 60, 4),))
    score = judged(tmp_path, gray(0.8), found, gain=1.0)[0].score
    assert [one.abstain_code for one in score.faces] == [None, "too_small"]
    only_small = judged(tmp_path, gray(0.8), Faces(small=found.small))[0].score
    assert only_small.abstain_code == "too_small"
    boxes = judged(tmp_path, gray(0.8), Faces(boxes=(FaceBox(0, 0, 90, 90),)))[0].score
    assert boxes.abstain_code == "no_face"
    assert boxes.words.startswith("One place may be a face, but its eyes")


def test_a_reduced_photo_loses_nothing_to_a_file_that_is_reduced_less(tmp_path):
    face, photo = [face_at(150, 150, 60)], Photo.from_array(noise())
    alone, _ = judged(tmp_path, photo, face, bias=0.8, detail=1e-3)
    assert alone.faces[0].redelivered["scale 0.75"] != alone.faces[0].reading.logit
    reduced = replace(photo, scale=0.7, native_size=(430, 430))
    found, _ = judged(tmp_path, reduced, face, bias=0.8, detail=1e-3)
    assert found.faces[0].redelivered["scale 0.75"] == found.faces[0].reading.logit


def test_the_quality_is_that_of_the_file(tmp_path):
    file = io.BytesIO()
    Image.fromarray(noise()).save(file, "JPEG", quality=45)
    photo, face = read_photo(file.getvalue()), [face_at(150, 150, 40)]
    assert judged(tmp_path, photo, face)[0].jpeg_quality == 45
    stated, _ = judged(tmp_path, photo, face, jpeg_quality=31)
    assert stated.jpeg_quality == stated.faces[0].facts.condition.jpeg_quality == 31
    assert judged(tmp_path, gray(0.5), face)[0].notes == ()
    webp, _ = judged(tmp_path, replace(photo, format="WEBP", jpeg_quality=None), face)
    assert webp.jpeg_quality == 100 and "WEBP) is compressed is unknown" in webp.notes[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"faces": [face_at(150, 150, 40), face_at(math.nan, 150, 40)]}, "face 2: Expected finite"),
        ({"faces": [face_at(150, 150, 0)]}, "face 1: Expected `face_px` to be above 0"),
        ({"faces": [face_at(-900, 150, 40)]}, "face 1: Expected a face within 300 x 300 px"),
        ({"measured": math.nan}, "face 1: Expected `measured` in"),
        ({"jpeg_quality": math.nan}, "Expected `jpeg_quality` to be from 1 to 100"),
        ({"prior": math.nan}, "prior"),
        ({"prior": 1.0}, "prior"),
        ({"bias": math.nan}, "face 1: Expected finite outputs of the face network"),
    ],
)
def test_what_is_no_number_is_refused(tmp_path, changes, words):
    given = {"photo": replace(gray(0.5), source="a.png"), "faces": [face_at(150, 150, 40)]}
    with pytest.raises(InputError, match=words) as error:
        judged(tmp_path, **(given | changes))
    assert str(error.value).startswith("a.png: ") or "prior" in changes


@pytest.mark.parametrize("lean", [0.0, 0.7, -2.0])
@pytest.mark.parametrize("at", [(150, 140), (12, 280), (299, 3)])
@pytest.mark.parametrize("eyes", [9.0, 40.0])
def test_the_surroundings_hold_all_that_the_network_sees(tmp_path, lean, at, eyes):
    judge = FaceJudge.of(write_tiny_face(tmp_path, gain=1.0, detail=1.0))
    face, rgb = face_at(*at, eyes, lean), noise()
    part, place = surroundings(rgb, face, size=SIZE, width=WIDTH)
    assert judge.read(part, place).logit == pytest.approx(judge.read(rgb, face).logit, abs=1e-3)
    shift = face.landmarks[0] - place.landmarks[0]
    np.testing.assert_allclose(shift % 16, 0, atol=1e-3)


def test_a_part_is_compressed_as_the_whole_picture_is():
    rgb, face = cv2.GaussianBlur(noise(), (0, 0), 2), face_at(150, 150, 20)
    how = Redelivery("JPEG 75", jpeg_quality=75)
    part, place = surroundings(rgb, face, size=SIZE, width=WIDTH)
    left, top = np.rint(face.landmarks[0] - place.landmarks[0]).astype(int)
    whole, _ = redelivered(rgb, face, how)
    alone, same = redelivered(part, place, how)
    assert same is place
    high, wide = alone.shape[:2]
    inner = np.s_[8:-8, 8:-8]  # colour is smoothed over the borders of its blocks
    np.testing.assert_array_equal(whole[top : top + high, left : left + wide][inner], alone[inner])
    assert np.abs(alone.astype(int) - part)[inner].max() > 2  # it was compressed


def test_a_face_is_where_it_was_after_its_picture_is_reduced():
    rgb = np.zeros((160, 320, 3), np.uint8)
    face = face_at(100, 80, 40)
    x, y = np.rint(face.landmarks[0]).astype(int)
    rgb[y - 4 : y + 5, x - 4 : x + 5] = 255
    small, place = redelivered(rgb, face, Redelivery("scale 0.75", scale=0.75))
    assert small.shape == (120, 240, 3)
    rows, columns = np.indices(small.shape[:2])
    weight = small[..., 0].astype(float)
    centre = [(columns * weight).sum() / weight.sum(), (rows * weight).sum() / weight.sum()]
    np.testing.assert_allclose(place.landmarks[0], centre, atol=0.02)
    assert place.eye_distance == pytest.approx(0.75 * face.eye_distance)


def map_of(confidence: np.ndarray, mask: np.ndarray | None = None) -> DefocusMap:
    given = {} if mask is None else {"mask": mask}
    return DefocusMap(np.ones(confidence.shape, np.float32), confidence, "net", **given)


def test_the_measured_share_is_that_of_the_oval():
    trust = np.zeros((300, 300), np.float32)
    face = face_at(150, 150, 40)
    assert measured_share(map_of(trust), face) == 0
    trust[:, :150] = 0.5
    assert measured_share(map_of(trust), face) == pytest.approx(0.5, abs=0.02)
    trust[:] = 0.49
    trust[:60] = trust[240:] = 1  # above and below the oval, which is 62 px up and 57 px down
    assert measured_share(map_of(trust), face) == 0


def test_what_lies_outside_the_picture_is_not_measured():
    whole = map_of(np.ones((300, 300), np.float32))
    assert measured_share(whole, face_at(150, 150, 40)) == 1
    assert measured_share(whole, face_at(0, 150, 40)) == pytest.approx(0.5, abs=0.02)
    for x in (-300, 700):
        assert measured_share(whole, face_at(x, 150, 40)) == 0
    shown = np.zeros((300, 300), bool)
    shown[:, :150] = True
    half = map_of(shown.astype(np.float32), shown)
    assert measured_share(half, face_at(150, 150, 40)) == pytest.approx(0.5, abs=0.02)
    for wrong in (face_at(math.nan, 0, 40), face_at(0, 0, 1e6)):
        with pytest.raises(InputError):
            measured_share(whole, wrong)


def test_a_network_of_another_size_than_the_card_says_is_refused(tmp_path):
    card = write_tiny_face(tmp_path)
    content = json.loads(card.read_text("utf-8")) | {"input": {"size": 96, "width": WIDTH}}
    card.write_text(json.dumps(content), "utf-8")
    with pytest.raises(InputError, match=r"face.json: .* takes \(N, 3, 96, 96\), but it takes \(N"):
        FaceJudge.of(card)


def test_without_a_network_that_ships_it_says_so(monkeypatch):
    monkeypatch.setattr("blurprint.score.face_judge.ships", lambda _: False)
    with pytest.raises(InputError, match="No face network ships with this version"):
        FaceJudge.shipped()


def test_faces_are_searched_in_the_photo_and_the_map_must_be_its_own(tmp_path, monkeypatch):
    judge = FaceJudge.of(write_tiny_face(tmp_path, bias=0.8))
    photo, trust = Photo.from_array(data.astronaut()), np.ones((512, 512), np.float32)
    found = score_with(judge, rules_of(judge.card), photo, map_of(trust))
    assert found.score.label == "fake" and len(found.faces) == 1
    assert 170 < found.faces[0].face.centre[0] < 260
    assert found.faces[0].facts.measured == 1
    with pytest.raises(InputError, match=r"Expected the map of the photo, \(512, 512\)"):
        score_with(judge, rules_of(judge.card), photo, map_of(trust[:100]))
    whole = (judge, rules_of(judge.card))
    monkeypatch.setattr("blurprint.score.photo_score._shipped", lambda: whole)
    assert score_of(photo, map_of(trust)).score == found.score


MANY_TIMES = """
import sys
import cv2
cv2.setNumThreads(int(sys.argv[1]))
sys.path.insert(0, sys.argv[3])
from test_photo_score import numbers
print(numbers(sys.argv[2]))
"""


def numbers(card: str) -> list[float]:
    """All numbers of one picture, with all that comes before the network."""
    judge = FaceJudge.of(Path(card))
    photo = Photo.from_array(data.astronaut())
    found = score_with(judge, rules_of(judge.card), photo, estimate_defocus(photo))
    one = found.faces[0]
    logits = [one.reading.logit, one.reading.unmirrored, *one.redelivered.values()]
    where = float(np.float64(one.reading.where).sum())
    return [*logits, where, one.facts.measured, found.score.likelihood_ratio]


def test_the_same_file_gives_the_same_numbers_whatever_the_threads(tmp_path):
    card = write_tiny_face(tmp_path, gain=1.0, bias=0.5, detail=1.0)
    here = [sys.executable, "-c", MANY_TIMES]
    where = str(Path(__file__).parent)
    printed = {
        subprocess.run(
            [*here, threads, str(card), where],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for threads in ("1", "2")
    }
    assert len(printed) == 1
    alone = numbers(str(card))
    assert printed == {f"{alone}\n"}
    assert len(alone) == 7  # with both of what is passed on
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(numbers, [str(card)] * 4)) == [alone] * 4
