"""Each row of a face against what was planted, and every reason to abstain."""

from __future__ import annotations

from math import log

import cv2
import numpy as np
import pytest

from blurprint.evidence.evidence import Evidence
from blurprint.evidence.face_scene import FaceScene, scene_of
from blurprint.evidence.measure_faces import FACE_MEASURES, MOST, measure_faces
from blurprint.faces.face import Face
from blurprint.faces.faces import Faces
from blurprint.faces.find import FaceBox
from blurprint.faces.outline import FACE_HULL, outline
from blurprint.faces.regions import filled, regions_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

SHAPE = (420, 420)


def face(x: float = 210, y: float = 200, eyes: float = 50, nose: float = 0.0) -> Face:
    frame = np.array([(-0.5, -0.55), (0.5, -0.55), (nose, 0.1), (-0.4, 0.55), (0.4, 0.55)])
    box = FaceBox(x - eyes, y - eyes, 2 * eyes, 2 * eyes)
    return Face(box, (eyes * frame + (x, y)).astype(np.float32), 1.0)


def scene(
    sigma: np.ndarray | float = 1.0,
    confidence: np.ndarray | float = 0.8,
    *,
    at: Face | None = None,
    rgb: np.ndarray | None = None,
    unit: str = "px",
    **facts: object,
) -> FaceScene:
    values = np.broadcast_to(np.float32(sigma), SHAPE).copy()
    trust = np.broadcast_to(np.float32(confidence), SHAPE).copy()
    gray = np.full((*SHAPE, 3), 0.5, np.float32) if rgb is None else rgb
    method = "net" if unit == "px" else "paper"
    return scene_of(
        Photo(rgb=gray, **facts), DefocusMap(values, trust, method, unit=unit), at or face()
    )


def row(name: str, one: FaceScene) -> Evidence:
    return FACE_MEASURES[name](one)


def planted(blur: float, region: str = "inner") -> np.ndarray:
    """A map of 1 px with a region of another blur."""
    return np.where(getattr(regions_of(face(), SHAPE), region), np.float32(blur), np.float32(1))


@pytest.mark.parametrize("times", [0.5, 1.0, 1.3, 2.0])
def test_a_planted_ratio_of_inner_face_and_surround_is_found(times: float):
    found = row("face_inner_ring", scene(planted(times)))
    assert found.value == pytest.approx(log(times), abs=1e-5)
    assert found.details["inner_px"] == pytest.approx(times)
    assert found.details["difference_px"] == pytest.approx(times - 1)


def test_regions_are_compared_at_equal_confidence():
    """Where less certain pixels are more blurred everywhere, a less certain face is not."""
    inner = regions_of(face(), SHAPE).inner
    rng = np.random.default_rng(0)
    unsure = rng.uniform(size=SHAPE) < np.where(inner, 0.8, 0.2)
    found = row("face_inner_ring", scene(np.where(unsure, 1.5, 1.0), np.where(unsure, 0.55, 0.95)))
    assert found.details["difference_px"] == pytest.approx(0.5)
    assert found.value == pytest.approx(0, abs=1e-5)


def test_the_error_of_a_ratio_is_the_scatter_of_directions():
    _, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    even = row("face_inner_ring", scene(planted(1.3)))
    uneven = row("face_inner_ring", scene(planted(1.3) * np.where(x < 210, 0.8, 1.25)))
    assert even.error == pytest.approx(0, abs=1e-6)
    # four sectors of eight at log 0.8, four at log 1.25, over the root of 8, of both regions
    scatter = np.std([log(0.8)] * 4 + [log(1.25)] * 4, ddof=1) / np.sqrt(8)
    assert uneven.error == pytest.approx(np.hypot(scatter, scatter), rel=0.02)


def test_face_against_background_has_the_sign_of_the_difference():
    found = row("face_background", scene(planted(3.0, "background")))
    assert found.value == pytest.approx(-log(3), abs=1e-5)
    assert "portrait mode" in found.sentence


def test_a_step_at_the_outline_is_found_and_elsewhere_it_is_none():
    hull = filled(outline(face(), np.array(FACE_HULL, np.float32)), SHAPE)
    found = row("face_outline", scene(np.where(hull, 1.3, 1.0)))
    # of five sizes within 20 % those that lie within reach of the step see it
    assert log(1.3) / 3 < (found.value or 0) < log(1.3)
    assert "elsewhere" in found.details
    flat = row("face_outline", scene(1.0))
    assert (flat.value, flat.details["elsewhere"]) == (pytest.approx(0), pytest.approx(0))
    assert "by no more than it scatters" in flat.sentence


def test_a_ramp_of_depth_is_no_step():
    _, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    ramp = row("face_outline", scene(np.exp(x / 400)))
    assert ramp.value == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0])
def test_planted_noise_is_found(times: float):
    rng = np.random.default_rng(1)
    _, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    level = np.where(regions_of(face(), SHAPE).inner, 0.02 * times, 0.02)
    gray = 0.3 + 0.4 * x / SHAPE[1] + level * rng.standard_normal(SHAPE)
    rgb = np.repeat(np.clip(gray, 0, 1)[..., None], 3, axis=2).astype(np.float32)
    found = row("face_noise", scene(rgb=rgb))
    assert found.value == pytest.approx(log(times), abs=0.12)


def test_noise_that_grows_with_light_is_no_difference():
    """The face is bright, its surround half bright, half dark, and noise follows the light."""
    rng = np.random.default_rng(2)
    inner = regions_of(face(), SHAPE).inner
    dark = (np.mgrid[: SHAPE[0], : SHAPE[1]][0] // 20 % 2 == 0) & ~inner
    light = np.where(dark, 0.25, 0.62) + 0.2 * (rng.uniform(size=SHAPE) < 0.5)
    light = cv2.GaussianBlur(light, (0, 0), 4)
    gray = light * (1 + 0.05 * rng.standard_normal(SHAPE))
    rgb = np.repeat(np.clip(gray, 0, 1)[..., None], 3, axis=2).astype(np.float32)
    found = row("face_noise", scene(rgb=rgb))
    assert found.value == pytest.approx(0, abs=0.15)


def test_noise_without_a_common_brightness_is_not_compared():
    inner = regions_of(face(), SHAPE).inner
    rgb = np.repeat(np.where(inner, 0.9, 0.2)[..., None], 3, axis=2).astype(np.float32)
    found = row("face_noise", scene(rgb=rgb))
    assert found.value is None
    assert "unlike in brightness" in found.sentence


EXIF = {"focal_length_mm": 4.2, "f_number": 1.8, "focal_length_35mm_mm": 26.0}


def test_a_face_within_what_exif_allows_is_0():
    found = row("face_camera", scene(0.6, 0.99, exif=EXIF, native_size=SHAPE))
    assert found.value == 0
    assert "can make" in found.sentence
    assert "Not compared" in found.no_reference


def test_a_face_sharper_than_diffraction_is_said():
    exif = {**EXIF, "f_number": 64.0}
    # 64 at this pitch: a sigma of over a pixel by diffraction alone
    found = row("face_camera", scene(0.3, 0.999, exif=exif, native_size=(4000, 4000)))
    assert found.value is not None
    assert found.value < 0
    assert "sharper than diffraction allows" in found.sentence


def test_a_face_more_blurred_than_the_camera_can_is_said():
    found = row("face_camera", scene(20.0, 0.999, exif=EXIF, native_size=SHAPE))
    assert found.value is not None
    assert 15 < found.value < 20
    assert "was blurred by computation" in found.sentence


def test_without_exif_it_says_what_is_missing():
    found = row("face_camera", scene())
    assert (found.value, "does not say" in found.sentence) == (None, True)


BLURS = ("face_inner_ring", "face_outline", "face_background")


@pytest.mark.parametrize("name", BLURS)
@pytest.mark.parametrize(
    ("one", "why"),
    [
        (scene(confidence=0.2), "oo little"),
        (scene(at=face(nose=0.45)), "turned to a side"),
        (scene(unit="map units"), "no pixels as its unit"),
    ],
)
def test_what_cannot_be_measured_abstains_with_the_reason(name: str, one: FaceScene, why: str):
    found = row(name, one)
    assert found.value is None
    assert why in found.sentence


def test_a_picture_that_is_all_face_has_no_background():
    found = row("face_background", scene(at=face(eyes=200)))
    assert (found.value, "next to nothing of the background" in found.sentence) == (None, True)


def test_at_most_ten_faces_are_measured_and_the_rest_is_said():
    faces = tuple(face(30 + 32 * (place % 12), 100, eyes=16) for place in range(12))
    one = scene()
    found = measure_faces(one.photo, one.defocus, Faces(found=faces))
    assert len(found.measured) == MOST
    assert "The 10 largest are measured, 2 are not." in found.sentence


def test_every_face_has_every_row_and_region():
    one = scene()
    (found,) = measure_faces(one.photo, one.defocus, Faces(found=(one.face,))).measured
    assert [known.name for known in found.rows] == list(FACE_MEASURES)
    assert [region.name for region in found.regions] == ["inner", "oval", "ring", "background"]
    assert found["face_noise"].name == "face_noise"
    assert all(known.reference is None or not known.no_reference for known in found.rows)
