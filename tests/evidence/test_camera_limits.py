"""The blur that EXIF allows: against optics worked out apart; silent where EXIF is not enough."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PIL import Image
from scipy.optimize import curve_fit
from scipy.special import j1

from blurprint.evidence.camera_limits import (
    DIFFRACTION,
    CameraLimits,
    background_disk,
    camera_limits,
)
from blurprint.lens.pixel import PIXEL_SIGMA
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo, read_photo

FULL_FRAME = {"focal_length_mm": 50.0, "focal_length_35mm_mm": 50.0, "f_number": 2.0}
"""A sensor of 36 x 24 mm."""


def limits(
    sigma: float = 0.5, *, scale: float = 1.0, native: int = 3600, **exif: float | str
) -> CameraLimits:
    rgb = np.zeros((24, 36, 3), np.float32)
    photo = Photo(
        rgb=rgb,
        exif=MappingProxyType(FULL_FRAME | exif),
        scale=scale,
        native_size=(native, native * 2 // 3),
    )
    values = np.full((24, 36), sigma, np.float32)
    return camera_limits(photo, DefocusMap(values, np.full_like(values, 0.95), "net"))


def test_the_gaussian_nearest_to_the_airy_pattern() -> None:
    place = np.linspace(-2.5, 2.5, 2000)  # in lambda N
    airy = (2 * j1(np.pi * place) / (np.pi * place)) ** 2
    (sigma,), _ = curve_fit(lambda x, s: np.exp(-(x**2) / (2 * s * s)), place, airy, p0=[0.4])
    assert pytest.approx(abs(sigma), abs=0.01) == DIFFRACTION


def test_pitch_and_diffraction_of_a_full_frame() -> None:
    found = limits(f_number=16.0)
    assert found.pitch_um == pytest.approx(10, rel=0.001)
    assert found.diffraction == pytest.approx(np.hypot(0.42 * 0.55 * 16 / 10, PIXEL_SIGMA))


def test_the_disk_of_the_background_by_rays() -> None:
    """Two rays through the rim of the lens meet behind it where the thin lens says they do."""
    focal, stop, focus = 50.0, 2.0, 1500.0
    behind = 1 / (1 / focal - 1 / focus)  # of the sensor; a point at infinity meets at `focal`
    width = focal / stop * (behind - focal) / focal
    assert background_disk(focal, stop, focus / 1000) == pytest.approx(width)


def test_blur_at_infinity_falls_with_focus_distance_and_scales_with_the_picture() -> None:
    whole, half = limits(), limits(scale=0.5)
    sigmas = [sigma for _, sigma in whole.infinity]
    assert sigmas == sorted(sigmas, reverse=True)
    (metres, sigma), (_, reduced) = whole.infinity[2], half.infinity[2]
    assert metres == 1.0
    assert sigma == pytest.approx(50**2 / (2 * 950) / 4 / 0.01, rel=0.01)
    assert reduced == pytest.approx(sigma / 2, rel=0.01)


def test_blur_within_the_limits_does_not_contradict_them() -> None:
    assert not limits(5.0).contradicts
    assert any("infinity" in sentence for sentence in limits(5.0).words)


@pytest.mark.parametrize(
    ("sigma", "exif", "words"),
    [
        (
            60.0,
            {"f_number": 16.0, "focal_length_mm": 20.0, "focal_length_35mm_mm": 20.0},
            "softest",
        ),
        (0.3, {"f_number": 64.0, "native": 7200}, "diffraction"),
    ],
)
def test_blur_beyond_the_limits_contradicts_them(
    sigma: float, exif: dict[str, float], words: str
) -> None:
    found = limits(sigma, **exif)
    assert found.contradicts
    assert any(words in sentence for sentence in found.words)


def test_a_difference_below_its_error_is_no_contradiction() -> None:
    least = limits(f_number=22.0).diffraction
    assert least is not None
    assert not limits(least - 0.02, f_number=22.0).contradicts


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("focal_length_mm", "say: the focal length."),
        ("f_number", "say: the F-number."),
        ("focal_length_35mm_mm", "say: the equivalent focal length on 35 mm film."),
    ],
)
def test_what_is_missing_is_named(key: str, words: str) -> None:
    found = limits(**{key: "unknown"})
    assert found.diffraction is None
    assert found.missing.endswith(words)


def test_nonsense_is_not_computed_with() -> None:
    assert "contradict each other" in limits(focal_length_35mm_mm=5000.0).missing
    assert "no camera" in limits(native=36).missing
    for stop in (0.01, 1000.0):
        assert "F-number" in limits(f_number=stop).missing


def test_a_map_without_pixels_is_not_compared() -> None:
    one = np.ones((24, 36), np.float32)
    photo = Photo(rgb=np.zeros((24, 36, 3), np.float32), exif=MappingProxyType(FULL_FRAME))
    assert camera_limits(photo, DefocusMap(one, one, "paper", unit="map units")).missing


@pytest.mark.parametrize(("size", "said"), [((60, 40), False), ((600, 400), True)])
def test_a_file_of_another_size_than_its_exif_is_not_compared(
    tmp_path: Path, size: tuple[int, int], said: bool
) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Box"
    tags = {0x920A: 2.0, 0x829D: 2.0, 0xA405: 5, 0xA002: size[0], 0xA003: size[1]}
    exif.get_ifd(0x8769).update(tags)
    Image.new("RGB", (60, 40)).save(tmp_path / "a.jpg", exif=exif)
    photo = read_photo(tmp_path / "a.jpg")
    one = np.ones((40, 60), np.float32)
    missing = camera_limits(photo, DefocusMap(one, one, "net")).missing
    assert ("resized or cropped after" in missing) is said
