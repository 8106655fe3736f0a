"""What a measurement of a face takes: the picture, its map, a face, and the face's regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from blurprint.arrays import Mask
from blurprint.evidence.confident import CONFIDENT, measured_percentiles
from blurprint.evidence.error import median_error
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.wording import in_pixels
from blurprint.faces.face import Face
from blurprint.faces.faces import is_profile
from blurprint.faces.regions import NAMES, Regions
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

LOG_RATIO: Final = "log ratio"
"""Unit: the natural logarithm of the ratio of two blurs, or of two levels of noise."""
LEAST_SHARE: Final = 0.03
"""Share of a region that must be measured before its blur is reported."""
LEAST_PIXELS: Final = 24
"""Pixels of a region that must be measured."""
TITLES: Final = {
    "inner": "inner face",
    "oval": "whole face",
    "ring": "surround",
    "background": "background",
}
"""Regions in words, as of :data:`blurprint.faces.regions.NAMES`."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceScene:
    """One face of a picture.

    Attributes:
        photo: the picture.
        defocus: its map, of the same shape.
        face: in pixels of the picture.
        regions: of the face.
    """

    photo: Photo
    defocus: DefocusMap
    face: Face
    regions: Regions

    def region(self, name: str) -> Mask:
        """One of :data:`blurprint.faces.regions.NAMES` as a mask, bool (H, W)."""
        found: Mask = getattr(self.regions, name)
        return found

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
            return "The face is turned to a side, so that its parts are not where they are expected."
        for name in names:
            blur = region_blur(self.defocus, self.region(name), name)
            if blur.pixels < LEAST_PIXELS:
                return f"The picture shows next to nothing of the {TITLES[name]}."
            if blur.median is None:
                return f"Too little of the {TITLES[name]} could be measured."
        return ""


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


def region_blur(defocus: DefocusMap, region: Mask, name: str) -> RegionBlur:
    """The blur of a region, bool (H, W)."""
    shown = region & defocus.mask
    pixels = int(np.count_nonzero(shown))
    sure = shown & (defocus.confidence >= CONFIDENT)
    count = int(np.count_nonzero(sure))
    share = count / max(pixels, 1)
    if share < LEAST_SHARE or count < LEAST_PIXELS:
        return RegionBlur(name, pixels, share, None, None)
    (median,) = measured_percentiles(defocus, (50,), sure)
    return RegionBlur(name, pixels, share, median, median_error(defocus, sure))


def region_blurs(scene: FaceScene) -> tuple[RegionBlur, ...]:
    """The blur of every region of a face, in the order of their names."""
    return tuple(region_blur(scene.defocus, scene.region(name), name) for name in NAMES)


def abstained(name: str, title: str, unit: str, why: str) -> Evidence:
    """A row without a value, and the reason."""
    return Evidence(name, title, None, unit, why)
