"""A test of the map by the picture itself: blur a deblurred estimate again and compare.

If light was spread by sigma, then the picture is some sharp picture blurred by sigma, and a
deblurred estimate, blurred again, equals it except for noise. Where the picture has detail that so
wide a blur would have removed, the map has too much blur: because of grain, dither, text drawn over
the picture, or an error of the method. The test finds only values that are too large: a picture
that is blurred more than the map says has no such detail.

The deblurred estimate is that of Van Cittert's iteration (*Zum Einfluss der Spaltbreite auf die
Intensitaetsverteilung in Spektrallinien II*, Z. Physik 69, 1931): after n - 1 steps its blurred
version leaves ``(1 - G)^n`` of the picture, with G the blur. So it needs no deconvolution, stays
local and cannot ring.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Final, NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.bars import Rectangle
from blurprint.photos.extent import bounding_box

# Blurred photographs called: 0 % up to here, 30 with 0.75; maps 1.5 times too large: 30 % with
# 0.5, 60: docs/thresholds.md.
CLAIMED: Final = 0.6
"""Share of sigma that is put to the test: a disk passes some detail that a Gaussian of its second
moment does not, and estimates have errors."""
STEPS: Final = 4
"""Steps n of the iteration, with which detail four times coarser than the blur is explained."""
LADDER_PX: Final = (0.6, 0.9, 1.35, 2.0, 3.0, 4.5, 6.75)
"""Blurs that are put to the test, in pixels; wider ones count as the last."""
AROUND_PX: Final = 15
"""Side of the square whose root mean square is taken."""
# Maps twice too large found: 90 % here, 65 with 0.2, 45 with 0.35; photographs called: none:
# docs/thresholds.md.
QUIET: Final = 0.1
"""Share of the measured pixels that is taken to show noise alone."""
# Photographs called: 7 % with 2, 0 here; maps twice too large found: 95, 90, with 6 65 %:
# docs/thresholds.md.
NOTICEABLE: Final = 4.0
"""Times the picture's own noise from which detail counts as unexplained."""
# Blurred photographs called: 60 % with 1 / 255, 0 here; maps 1.5 times too large: 80, 60 %:
# docs/thresholds.md.
LEAST: Final = 2 / 255
"""Unexplained detail is never fainter than two gray levels: files round by half of one."""


class Residual(NamedTuple):
    """What a map leaves unexplained.

    Attributes:
        strength: float32 (H, W), root mean square of the detail left over, as a share of the full
            range of gray; 0 where nothing is measured, or less than 0.6 px of blur is claimed,
            which leaves nothing over.
        noise: strength that :data:`QUIET` of the measured pixels stay under, which the picture's
            noise explains, in the same unit.
        unexplained: bool (H, W), where strength is above :data:`NOTICEABLE` times the noise and
            above :data:`LEAST`.
    """

    strength: FloatMap
    noise: float
    unexplained: Mask


def residual(rgb: FloatMap, defocus: DefocusMap) -> Residual:
    """Put a map to the test against the picture that it was made of.

    Args:
        rgb: float32 (H, W, 3) in [0, 1].
        defocus: its map, in pixels.

    Raises:
        InputError: if they are not of one size, or the unit of the map is not pixels.
    """
    if rgb.shape[:2] != defocus.shape:
        raise InputError(f"Expected a map of {rgb.shape[:2]} pixels, but got {defocus.shape}")
    claimed = np.float32(CLAIMED) * defocus.lens_sigma
    tested = (claimed >= LADDER_PX[0]) & (defocus.confidence >= 0.5)
    strength = np.zeros_like(claimed)
    if not tested.any():
        return Residual(strength, 0.0, tested)
    # What is farther from all that is tested counts in no square.
    around = cv2.dilate(tested.astype(np.uint8), np.ones((AROUND_PX, AROUND_PX), np.uint8))
    claimed *= around
    gray = cv2.cvtColor(np.asarray(rgb, np.float32), cv2.COLOR_RGB2GRAY)
    power, fainter = np.zeros_like(gray), np.zeros_like(gray)
    for below, above in pairwise((0.0, *LADDER_PX)):
        box = bounding_box(claimed > below if below else claimed >= LADDER_PX[0])
        if not box.area:
            break
        stronger = np.square(_left_over(gray, above, box))
        part = (claimed[box.cut] - np.float32(below)) / np.float32(above - below)
        if below == 0:  # less than the first rung is not put to the test
            part = (part >= 1).astype(np.float32)
        else:
            np.clip(part, 0, 1, out=part)
        part *= stronger - fainter[box.cut]
        power[box.cut] += part
        fainter[box.cut] = stronger
    squares = cv2.blur(power, (AROUND_PX, AROUND_PX))[tested]
    found = np.sqrt(np.maximum(squares, 0))
    strength[tested] = found
    noise = _quantile(found, QUIET)
    unexplained = np.zeros_like(tested)
    unexplained[tested] = found > max(NOTICEABLE * noise, LEAST)
    return Residual(strength, noise, unexplained)


def _left_over(gray: FloatMap, sigma: float, box: Rectangle) -> FloatMap:
    """What the iteration leaves of a part of the picture: no more of it is blurred than matters."""
    reach = STEPS * ceil(4 * sigma + 0.5)  # as far as OpenCV carries a Gaussian on
    top, left = max(0, box.top - reach), max(0, box.left - reach)
    seen = gray[top : box.bottom + reach, left : box.right + reach]
    for _ in range(STEPS):
        blurred = np.asarray(cv2.GaussianBlur(seen, (0, 0), sigma), np.float32)
        seen = np.subtract(seen, blurred, out=blurred)
    return seen[box.moved(-top, -left).cut]


def _quantile(values: FloatMap, share: float) -> float:
    """As np.quantile gives it, of N values, in a tenth of the time."""
    place = share * (len(values) - 1)
    before = int(place)
    after = min(before + 1, len(values) - 1)
    low, high = (float(one) for one in np.partition(values, (before, after))[[before, after]])
    return low + (high - low) * (place - before)
