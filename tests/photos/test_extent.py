"""What is no photograph: transparent parts and bars, from the file to the numbers of the report."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import InputError, analyze, estimate_defocus, read_photo
from blurprint.evidence.measure import MEASURES
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import OUTLINE_PX
from blurprint.optics.methods import METHODS
from blurprint.photos.bars import Rectangle
from blurprint.photos.extent import bounding_box
from blurprint.photos.photo import Photo

CAT = data.chelsea()[:240, 60:380]
LETTERBOXED = cv2.copyMakeBorder(CAT, 41, 43, 0, 0, cv2.BORDER_CONSTANT)
INSIDE = np.s_[41:-43]


def png(array: np.ndarray, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", **options)
    return buffer.getvalue()


def oval(shape: tuple[int, int]) -> np.ndarray:
    """Alpha of an ellipse in the middle, with a soft outline."""
    height, width = shape
    alpha = np.zeros(shape, np.uint8)
    cv2.ellipse(alpha, (width // 2, height // 2), (120, 90), 20, 0, 360, 255, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 0.7)


def cut_out(photo: np.ndarray, below: object = 0) -> np.ndarray:
    """RGBA of `photo` in an oval; `below` is the colour where it is wholly transparent."""
    alpha = oval(photo.shape[:2])
    return np.dstack([np.where(alpha[..., None] > 0, photo, np.uint8(below)), alpha])


class TestMask:
    def test_an_ordinary_picture_is_all_photograph(self):
        photo = read_photo(png(CAT))
        assert photo.mask.all()
        assert photo.mask.shape == CAT.shape[:2]
        assert photo.rectangle == Rectangle(0, 0, 240, 320)
        assert (dict(photo.absent), photo.notes) == ({}, ())

    @pytest.mark.parametrize("read", [Photo.from_array, lambda array: read_photo(png(array))])
    def test_bars_are_masked_and_said(self, read):
        photo = read(LETTERBOXED)
        expected = np.zeros(LETTERBOXED.shape[:2], bool)
        expected[INSIDE] = True
        np.testing.assert_array_equal(photo.mask, expected)
        assert photo.absent == {"bars": pytest.approx(84 / 324)}
        assert photo.notes == (
            "Not all of the picture is a photograph: 26 % of it is even bars. The photograph lies "
            "in a rectangle of 320 x 240 pixels, 0 from the left and 41 from the top; only it is "
            "measured.",
        )

    def test_bars_turn_with_the_picture(self):
        upright = Image.fromarray(LETTERBOXED)
        exif = Image.Exif()
        exif[0x0112] = 6  # stored lying on its side
        buffer = io.BytesIO()
        upright.transpose(Image.Transpose.ROTATE_90).save(buffer, "PNG", exif=exif)
        assert read_photo(buffer.getvalue()).rectangle == Rectangle(41, 0, 281, 320)

    def test_a_frame_is_called_one(self):
        photo = Photo.from_array(
            cv2.copyMakeBorder(CAT, 10, 40, 12, 12, cv2.BORDER_CONSTANT, value=(250, 248, 240))
        )
        assert photo.rectangle == Rectangle(10, 12, 250, 332)
        assert photo.absent == {"frame": pytest.approx(1 - CAT[..., 0].size / photo.mask.size)}

    def test_half_opacity_divides(self):
        alpha = np.full(CAT.shape[:2], 255, np.uint8)
        alpha[:, :100], alpha[:, 100:200] = 127, 128
        photo = read_photo(png(np.dstack([CAT, alpha])))
        assert photo.rectangle == Rectangle(0, 100, 240, 320)
        assert photo.absent == {"transparent": pytest.approx(100 / 320)}

    def test_transparent_rows_around_a_letterboxed_picture(self):
        alpha = np.full(LETTERBOXED.shape[:2], 255, np.uint8)
        rgba = cv2.copyMakeBorder(
            np.dstack([LETTERBOXED, alpha]), 9, 9, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
        )
        photo = read_photo(png(rgba))
        assert photo.rectangle == Rectangle(50, 0, 290, 320)
        assert set(photo.absent) == {"transparent", "bars"}

    def test_reduced_alpha_stays_with_the_picture(self):
        photo = read_photo(png(cut_out(CAT)), max_side=160)
        whole = read_photo(png(cut_out(CAT)))
        assert photo.mask.shape == (120, 160)
        assert photo.mask.mean() == pytest.approx(whole.mask.mean(), abs=0.01)

    def test_nothing_but_transparency_is_said(self):
        photo = read_photo(png(np.zeros((40, 50, 4), np.uint8)))
        assert photo.notes[-1] == (
            "The picture is transparent throughout: it holds nothing that could be measured."
        )
        report = analyze(photo)
        assert not report.defocus.confidence.any()
        values = {row.name: row.value for row in report.evidence}
        assert values.pop("measured_share") == 0
        assert set(values.values()) == {None}

    @pytest.mark.parametrize("method", METHODS)
    def test_too_little_is_said_and_not_measured(self, method):
        alpha = np.zeros((40, 50), np.uint8)
        alpha[3:9, 4:40] = 255
        photo = read_photo(png(np.dstack([data.coffee()[:40, :50], alpha])))
        assert "36 x 6 pixels" in photo.notes[-1]
        assert "too small to be measured" in photo.notes[-1]
        found = estimate_defocus(photo, method)
        assert not found.confidence.any()
        assert found.unit == estimate_defocus(CAT, method).unit

    def test_a_mask_of_another_shape_or_type_is_refused(self):
        rgb = np.zeros((20, 30, 3), np.float32)
        for wrong in (np.ones((20, 31), bool), np.ones((20, 30), np.uint8)):
            with pytest.raises(InputError, match=r"bool \(20, 30\)"):
                Photo(rgb, mask=wrong)

    def test_bounding_box(self):
        mask = np.zeros((6, 7), bool)
        assert bounding_box(mask) == Rectangle(0, 0, 0, 0)
        mask[2, 3] = mask[4, 1] = True
        assert bounding_box(mask) == Rectangle(2, 1, 5, 4)


@pytest.mark.parametrize("method", METHODS)
class TestMap:
    def test_bars_change_nothing_within(self, method):
        found, alone = (estimate_defocus(one, method) for one in (LETTERBOXED, CAT))
        np.testing.assert_allclose(found.sigma[INSIDE], alone.sigma, atol=1e-5)
        np.testing.assert_allclose(found.confidence[INSIDE], alone.confidence, atol=1e-5)
        assert not found.confidence[~found.mask].any()
        assert (found.method, found.unit) == (alone.method, alone.unit)

    def test_bars_change_no_evidence(self, method):
        framed, alone = (analyze(one, method).evidence for one in (LETTERBOXED, CAT))
        for ours, expected in zip(framed, alone, strict=True):
            assert (ours.value is None) == (expected.value is None)
            if expected.value is not None:
                assert ours.value == pytest.approx(expected.value, rel=1e-6, abs=1e-9)
            assert dict(ours.details) == pytest.approx(dict(expected.details), rel=1e-6, abs=1e-9)

    def test_what_lies_under_transparent_pixels_does_not_matter(self, method):
        noise = np.random.default_rng(0).integers(0, 256, CAT.shape)
        maps = [estimate_defocus(read_photo(png(cut_out(CAT, b))), method) for b in (0, 255, noise)]
        for other in maps[1:]:
            np.testing.assert_array_equal(other.sigma, maps[0].sigma)
            np.testing.assert_array_equal(other.confidence, maps[0].confidence)

    def test_nothing_is_sure_at_an_outline_or_beyond(self, method):
        found = estimate_defocus(read_photo(png(cut_out(CAT))), method)
        depth = cv2.distanceTransform(found.mask.astype(np.uint8), cv2.DIST_L2, 5)
        assert not found.confidence[depth <= OUTLINE_PX].any()
        assert found.confidence[depth > OUTLINE_PX].any()


@pytest.mark.parametrize(("method", "most"), [("net", 0.45), ("edge", 0.8)])
def test_an_outline_is_no_sharp_edge(method, most):
    """Cut out of a blurred photograph, the rim reads as blurred as in the whole.

    Within 15 % of 3 px for "net", which is what its confidence of a half and more speaks of.
    """
    blurred = cv2.GaussianBlur(data.astronaut()[:240, 60:380], (0, 0), 3)
    whole = estimate_defocus(blurred, method)
    found = estimate_defocus(read_photo(png(cut_out(blurred))), method)
    depth = cv2.distanceTransform(found.mask.astype(np.uint8), cv2.DIST_L2, 5)
    rim = (depth > OUTLINE_PX) & (depth < 12)
    sure = rim & (found.confidence >= 0.5) & (whole.confidence >= 0.5)
    assert sure.sum() > 50
    assert np.median(np.abs(found.sigma - whole.sigma)[sure]) < most


def test_a_map_refuses_confidence_off_its_mask():
    one = np.ones((4, 5), np.float32)
    with pytest.raises(InputError, match="0 where `mask` is False"):
        DefocusMap(one, one, "edge", mask=np.zeros((4, 5), bool))


def test_a_stored_map_keeps_its_mask():
    buffer = io.BytesIO()
    found = estimate_defocus(LETTERBOXED, "edge")
    found.save(buffer)
    buffer.seek(0)
    np.testing.assert_array_equal(DefocusMap.load(buffer).mask, found.mask)


def test_the_centre_is_that_of_the_photograph():
    sigma = np.full((40, 20), 3, np.float32)
    sigma[25:35, 5:15] = 1  # the middle of the lower half
    mask = np.zeros(sigma.shape, bool)
    mask[20:] = True
    trust = mask.astype(np.float32)
    found = MEASURES["centre_border"](DefocusMap(sigma, trust, "edge", mask=mask))
    assert found.value == 2.0
    assert found.sentence.startswith("The border of the photograph is 2.00 px more blurred")
    share = MEASURES["measured_share"](DefocusMap(sigma, trust, "edge", mask=mask))
    assert share.value == 100.0
