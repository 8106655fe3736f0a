"""What a measurement of a face takes: the picture, its map, a face, and what its regions hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.evidence.confident import CONFIDENT
from blurprint.evidence.error import error_of
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.file_check import FileFacts
from blurprint.evidence.percentiles import weighted_percentiles
from blurprint.evidence.wording import in_pixels
from blurprint.faces.face import Face
from blurprint.faces.faces import is_profile
from blurprint.faces.regions import NAMES, Regions, regions_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

LOG_RATIO: Final = "log ratio"
"""Unit: the natural logarithm of the ratio of two blurs, or of two levels of noise."""
LEAST_SHARE: Final = 0.03
"""Share of a region that must be measured before its blur is reported."""
LEAST_PIXELS: Final = 24
"""Pixels of a region that must be measured."""
MOST_PIXELS: Final = 1 << 16
"""Measured pixels of a region that are used, evenly picked: more change no median."""
SECTORS: Final = 8
"""Parts around the centre of a face, whose scatter gives the errors of comparisons."""
TITLES: Final = {
    "inner": "inner face",
    "oval": "whole face",
    "ring": "surround",
    "background": "background",
}
"""Regions in words, as of :data:`blurprint.faces.regions.NAMES`."""


@dataclass(frozen=True, slots=True)
class RegionBlur:
    """The blur of one region of a face.

    Attributes:
        name: one of :data:`blurprint.faces.regions.NAMES`.
        pixels: how many of its pixels are photograph.
        measured: share of them that is measured, in [0, 1].
        median: of its measured `sigma`, weighted by confidence, in the map's unit; None where less
            than :data:`LEAST_SHARE`, or fewer than :data:`LEAST_PIXELS`, are measured.
        error: expected error of `median`, in px; None where it is not known.
    """

    name: str
    pixels: int
    measured: float
    median: float | None
    error: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The measured pixels of a region, at most :data:`MOST_PIXELS` of them, (N,) each.

    Attributes:
        sigma: their blur, in the map's unit.
        confidence: at least :data:`blurprint.evidence.confident.CONFIDENT`.
        sector: 0 to 7, by the direction from the centre of the face.
    """

    sigma: FloatMap
    confidence: FloatMap
    sector: npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True, eq=False)
class FaceScene:
    """One face of a picture; :func:`scene_of` makes it.

    Attributes:
        photo: the picture.
        defocus: its map, of the same shape.
        face: in pixels of the picture.
        regions: of the face.
        samples: what is measured of each region that was asked for, by name.
        blurs: the blur of each of them, by name.
        facts: of the file of the picture; None if they are not at hand.
    """

    photo: Photo
    defocus: DefocusMap
    face: Face
    regions: Regions
    samples: Mapping[str, Sample]
    blurs: Mapping[str, RegionBlur]
    facts: FileFacts | None = None

    def missing(self, *names: str, upright: bool = True) -> str:
        """Why regions cannot be compared, as a sentence; "" where they can.

        Args:
            names: of the regions.
            upright: whether the comparison needs a face that is not in profile.
        """
        if not in_pixels(self.defocus):
            return "The map has no pixels as its unit, so no blur of a face can be compared."
        if self.defocus.doubt:
            return self.defocus.doubt
        if upright and is_profile(self.face):
            return (
                "The face is turned to a side, so that its parts are not where they are expected."
            )
        for name in names:
            if self.blurs[name].pixels < LEAST_PIXELS:
                return f"The picture shows next to nothing of the {TITLES[name]}."
            if self.blurs[name].median is None:
                return f"Too little of the {TITLES[name]} could be measured."
        return ""


def scene_of(
    photo: Photo,
    defocus: DefocusMap,
    face: Face,
    faces: Sequence[Face] = (),
    *,
    names: Sequence[str] = NAMES,
) -> FaceScene:
    """A face with what its regions hold.

    Args:
        photo: the picture.
        defocus: its map, of the same shape.
        face: one of its faces.
        faces: all of them; they are no part of this one's surround and background.
        names: of the regions whose samples and blur are wanted.
    """
    regions = regions_of(face, defocus.shape, [other for other in faces if other is not face])
    samples, blurs = {}, {}
    for name in names:
        region: Mask = getattr(regions, name)
        samples[name], blurs[name] = _read(defocus, face, region & defocus.mask, name)
    return FaceScene(photo, defocus, face, regions, samples, blurs)


def abstained(name: str, title: str, unit: str, why: str) -> Evidence:
    """A row without a value, and the reason."""
    return Evidence(name, title, None, unit, why)


def _read(defocus: DefocusMap, face: Face, region: Mask, name: str) -> tuple[Sample, RegionBlur]:
    pixels = int(np.count_nonzero(region))
    places = np.flatnonzero(region & (defocus.confidence >= CONFIDENT))
    count = places.size
    places = places[:: max(1, -(-count // MOST_PIXELS))]
    flat, width = places.astype(np.int32), defocus.shape[1]
    y = flat // width
    angle = np.arctan2(y - face.centre[1], flat - y * width - face.centre[0]) - face.tilt
    # Modulo eight, of which a power of two needs no division.
    sector = np.floor(angle / (2 * np.pi) * SECTORS).astype(np.int8) & (SECTORS - 1)
    sample = Sample(defocus.sigma.ravel()[places], defocus.confidence.ravel()[places], sector)
    share = count / max(pixels, 1)
    if share < LEAST_SHARE or count < LEAST_PIXELS:
        return sample, RegionBlur(name, pixels, share, None, None)
    (median,) = weighted_percentiles(sample.sigma, sample.confidence, (50,))
    error = None
    if in_pixels(defocus):
        (trust,) = weighted_percentiles(sample.confidence, sample.confidence, (50,))
        error = error_of(median, trust, defocus.method)
    return sample, RegionBlur(name, pixels, share, median, error)
