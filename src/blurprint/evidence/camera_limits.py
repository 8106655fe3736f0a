"""The blur that the camera named in EXIF can make: at least by diffraction, at most by defocus.

- Pixel pitch: EXIF's focal length f and its equivalent F on 35 mm film give the diagonal of the
  sensor, 43.27 mm f / F (CIPA DCG-001: F compares angles of view on the diagonal), and the native
  diagonal in pixels the pitch.
- Diffraction: the Gaussian nearest to the Airy pattern has ``sigma = 0.42 lambda N``, N the
  F-number (Zhang, Zerubia & Olivo-Marin, *Gaussian approximations of fluorescence microscope
  point-spread function models*, Applied Optics 46, 2007: 0.21 lambda / NA, with NA = 1 / (2 N)).
- Defocus: focused at s, a thin lens images a point at infinity as a disk of diameter
  ``f^2 / (N (s - f))`` (Pentland, *A New Sense for Depth of Field*, PAMI 1987, with the far
  point at infinity), radius r, ``sigma = r / 2`` (:mod:`blurprint.lens.lens`).

Both are blur before the pixel. The pixel's own box, of sigma 0.29 px, is added as squares add.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import Final

from blurprint.evidence.confident import is_measured, measured_percentiles
from blurprint.evidence.error import is_beyond, median_error
from blurprint.evidence.file_check import FileFacts, file_facts
from blurprint.evidence.wording import in_pixels, number
from blurprint.lens.lens import sigma_of_disk
from blurprint.lens.pixel import PIXEL_SIGMA
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

WAVELENGTH_MM: Final = 550e-6
"""Green light, to which eyes and sensors are most sensitive."""
# Zhang, Zerubia & Olivo-Marin 2007: docs/thresholds.md.
DIFFRACTION: Final = 0.42
FILM_DIAGONAL_MM: Final = hypot(36, 24)
FOCUS_M: Final = (0.3, 0.5, 1.0, 2.0, 5.0)
"""Focus distances of the table, in metres; the first is taken as the nearest there is."""
# Beyond every camera that was sold: docs/thresholds.md.
CROP_FACTORS: Final = (0.25, 20.0)
"""Least and largest ratio of the equivalent to the true focal length that a camera has."""
# 0.5 is the limit of a lens in air, 256 a pinhole: docs/thresholds.md.
F_NUMBERS: Final = (0.5, 256.0)
"""Least F-number that a lens in air can have, and the largest that a camera's has."""
# Pixels of cameras have about 0.5 to 25 um: docs/thresholds.md.
PITCHES_UM: Final = (0.4, 40.0)
"""Least and largest pixel pitch that a camera has, in micrometres."""

_NEEDED: Final = {
    "focal_length_mm": "the focal length",
    "f_number": "the F-number",
    "focal_length_35mm_mm": "the equivalent focal length on 35 mm film",
}


@dataclass(frozen=True, slots=True)
class CameraLimits:
    """What EXIF allows, in working pixels, or why that is unknown.

    Attributes:
        missing: why nothing can be computed, as a sentence; "" where it can.
        pitch_um: pixel pitch at native size, in micrometres; None if unknown, as all below.
        diffraction: sigma of the sharpest image that the aperture allows, the pixel included.
        infinity: focus distance in metres and sigma of a background at infinity, the pixel
            included, for each of :data:`FOCUS_M` beyond the focal length.
        words: what the check says of the measurement, sentences.
        contradicts: whether the measured blur lies outside what EXIF allows by more than its error.
        assumptions: on which all this rests, sentences.
    """

    missing: str
    pitch_um: float | None = None
    diffraction: float | None = None
    infinity: tuple[tuple[float, float], ...] = ()
    words: tuple[str, ...] = ()
    contradicts: bool = False
    assumptions: tuple[str, ...] = ()


def camera_limits(
    photo: Photo, defocus: DefocusMap, facts: FileFacts | None = None
) -> CameraLimits:
    """The least and the largest blur that the photo's EXIF allows, beside what was measured.

    Args:
        photo: the picture.
        defocus: its map.
        facts: of the file that it was read from; left out, it is read again if it is there.
    """
    if not in_pixels(defocus):
        return CameraLimits("The map has no pixels as its unit, so nothing can be compared.")
    values: dict[str, float] = {}
    for key in _NEEDED:
        value = photo.exif.get(key)
        if isinstance(value, (int, float)):
            values[key] = float(value)
    lacking = [words for key, words in _NEEDED.items() if key not in values]
    if lacking:
        return CameraLimits(f"The file does not say: {_listed(lacking)}.")
    focal, stop, film = (values[key] for key in _NEEDED)
    if not F_NUMBERS[0] <= stop <= F_NUMBERS[1]:
        return CameraLimits(f"EXIF states F-number {stop:.2g}, which no camera has.")
    crop = film / focal
    pitch = FILM_DIAGONAL_MM / crop / hypot(*photo.native_size)
    if problem := _contradiction(photo, facts or file_facts(photo), crop, pitch):
        return CameraLimits(problem)

    pixels = photo.scale / pitch  # working pixels in a millimetre on the sensor
    box = PIXEL_SIGMA if defocus.includes_pixel else 0.0
    least = hypot(DIFFRACTION * WAVELENGTH_MM * stop * pixels, box)
    infinity = tuple(
        (metres, hypot(sigma_of_disk(background_disk(focal, stop, metres) / 2) * pixels, least))
        for metres in FOCUS_M
        if metres * 1000 > 2 * focal
    )
    words, contradicts = _compared(defocus, least, infinity)
    return CameraLimits(
        missing="",
        pitch_um=pitch * 1000,
        diffraction=least,
        infinity=infinity,
        words=words,
        contradicts=contradicts,
        assumptions=(
            "EXIF is true; anybody can write it.",
            "The file shows the whole sensor: neither cropped nor zoomed digitally. A crop makes "
            "these limits too small, since fewer pixels then seem to share the whole sensor.",
            "The picture was not resized after it was taken, and nothing was blurred or sharpened "
            "afterwards; a portrait mode blurs by computation.",
            "A thin lens, green light of 550 nm, nothing moved. What lies nearer than the focus "
            "can be blurred without bound.",
        ),
    )


def background_disk(focal_mm: float, f_number: float, focus_m: float) -> float:
    """Diameter in mm on the sensor of a point at infinity, focused at `focus_m` metres.

    >>> round(background_disk(50, 2.0, 2.05), 3)
    0.625
    """
    return focal_mm**2 / (f_number * (1000 * focus_m - focal_mm))


def _contradiction(photo: Photo, facts: FileFacts | None, crop: float, pitch: float) -> str:
    if not CROP_FACTORS[0] <= crop <= CROP_FACTORS[1]:
        return (
            f"The focal lengths of EXIF contradict each other: their ratio is {crop:.2g}, which no "
            "camera has without a digital zoom."
        )
    size = None if facts is None else facts.exif_size
    if size is not None and sorted(size) != sorted(photo.native_size):
        width, height = photo.native_size
        return (
            f"EXIF speaks of {size[0]} × {size[1]} px, the file has {width} × {height} px: it was "
            "resized or cropped after it was taken, so the size of its pixels on the sensor is "
            "unknown."
        )
    if not PITCHES_UM[0] <= 1000 * pitch <= PITCHES_UM[1]:
        return (
            f"By EXIF a pixel would be {1000 * pitch:.2g} µm wide on the sensor, which no camera "
            "has: the file was resized or cropped, or its EXIF is not its own."
        )
    return ""


def _compared(
    defocus: DefocusMap, least: float, infinity: tuple[tuple[float, float], ...]
) -> tuple[tuple[str, ...], bool]:
    if not is_measured(defocus):
        return ("Nothing was measured that could be compared.",), False
    sharp, soft = measured_percentiles(defocus, (5, 95))
    off_sharp = median_error(defocus, defocus.sigma <= sharp)
    off_soft = median_error(defocus, defocus.sigma >= soft)
    words, contradicts = [], False
    below = sharp < least and is_beyond(least - sharp, off_sharp)
    if below:
        contradicts = True
        words.append(
            f"The sharpest twentieth of the measured blur, at most {number(sharp)} px, is sharper "
            f"than diffraction allows, {number(least)} px: the file was reduced or sharpened, or "
            "its EXIF is not its own."
        )
    else:
        within = " within its error" if sharp < least else ""
        words.append(
            f"The sharpest twentieth of the measured blur, at most {number(sharp)} px, agrees"
            f"{within} with what diffraction allows: at least {number(least)} px."
        )
    if infinity:
        nearest, largest = infinity[0]
        if soft > largest and is_beyond(soft - largest, off_soft):
            contradicts = True
            words.append(
                f"The softest twentieth, from {number(soft)} px, is more blurred than a "
                f"background at infinity behind a focus at {nearest:g} m, {number(largest)} px: "
                "it lies nearer than the focus, moved, was cropped, or was blurred by computation."
            )
        else:
            reach = [metres for metres, sigma in infinity if sigma >= soft]
            words.append(
                f"The softest twentieth, from {number(soft)} px, is blur that a background at "
                f"infinity has behind a focus at {max(reach or [nearest]):g} m or nearer."
            )
    return tuple(words), contradicts


def _listed(words: list[str]) -> str:
    """Words with commas and "and" or "nor".

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
