"""Whether noise or film grain hides the blur of a picture: what is fine in it is the same all over.

Noise of 5 % and grain of 2 % upwards lie beyond what the network behind "net" was trained on; it
takes them for sharp detail and is sure. In a photograph fine detail varies from place to place, in
noise and grain it does not: the strength of the second differences (Immerkaer, *Fast noise variance
estimation*, CVIU 1996) in blocks of 16 x 16 px hardly changes over the picture. Looked at on three
levels of a pyramid, since grain has a size.

The bounds were set on 1,108 photographs (bsds500, an ImageNet sample, DreamBooth), on which they
call 0.5 % hidden, repeating textures such as cloth and feathers; and on 40 others of these blurred
by 2 to 4 px under noise of 5 to 15 %, white or with grain of up to 1.8 px, JPEG 75 and 95, of which
they miss 6 %.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap

HIDDEN: Final = (
    "Noise or grain as strong as this hides the blur, or a fine texture repeats all over the"
    " picture, which looks the same: nothing counts as measured."
)
_SECOND_DIFFERENCES: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""White noise keeps its standard deviation under this filter."""
_BLOCK: Final = 16
_FEWEST_BLOCKS: Final = 25
# Of each level: weak blocks (10th percentile) above the first, strong ones (80th) below the second
# times them. Level 2 counts only where level 1 is even as well: sharp skin and hair are not.
# Missed under noise: 2 % with 0.05 or 1.3, 0.7 here; photographs called: 0 of 60, 0.5 % of 1,108:
# docs/thresholds.md.
_WHITE: Final = (0.025, 1.5)
# Missed under noise: 0 % with 0.006, 0.7 here, 2 with 0.016; 2 with 1.25: docs/thresholds.md.
_FINE: Final = (0.008, 1.42)
# Missed under noise: 11 % with 1.22, 2.7 with 1.3, 0.7 here and above: docs/thresholds.md.
_COARSE: Final = (0.005, 1.37)
# Missed under noise: 3.3 % with 1.3, 1.3 with 1.4, 0.7 here and above: docs/thresholds.md.
_FINE_EVEN: Final = 1.5


def noise_hides_blur(rgb: FloatMap) -> bool:
    """Whether the finest detail of `rgb`, float32 (H, W, 3) in [0, 1], is the same all over.

    Never of pictures of fewer than 25 blocks on the coarsest level, some 330 px squared, which are
    looked at on as many levels as they have.

    >>> rng = np.random.default_rng(0)
    >>> smooth = np.full((256, 256, 3), 0.5, np.float32)
    >>> noise_hides_blur(smooth), noise_hides_blur(smooth + 0.08 * rng.normal(size=(256, 256, 1)))
    (False, True)
    """
    if not rgb.size:
        return False
    gray = cv2.cvtColor(np.asarray(rgb, np.float32), cv2.COLOR_RGB2GRAY)
    white = _level(gray)
    if white is None or _even(white, _WHITE):
        return white is not None
    gray = _halved(gray)
    fine = _level(gray)
    if fine is None or _even(fine, _FINE):
        return fine is not None
    if fine[1] >= _FINE_EVEN:
        return False
    coarse = _level(_halved(gray))
    return coarse is not None and _even(coarse, _COARSE)


def _halved(gray: FloatMap) -> FloatMap:
    size = gray.shape[1] // 2, gray.shape[0] // 2
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.float32)


def _level(gray: FloatMap) -> tuple[float, float] | None:
    """The strength of weak blocks, and how often strong ones have it; None of too few blocks."""
    strengths = np.sort(_strengths(gray))
    if len(strengths) < _FEWEST_BLOCKS:
        return None
    weak, strong = (_percentile(strengths, percent) for percent in (10, 80))
    return weak, strong / max(weak, 1e-5)


def _percentile(ordered: FloatMap, percent: float) -> float:
    """As np.percentile gives it, of values in order; that takes thirty times as long."""
    place = percent / 100 * (len(ordered) - 1)
    before = int(place)
    low, high = float(ordered[before]), float(ordered[min(before + 1, len(ordered) - 1)])
    return low + (high - low) * (place - before)


def _even(level: tuple[float, float], bounds: tuple[float, float]) -> bool:
    return level[0] > bounds[0] and level[1] < bounds[1]


def _strengths(gray: FloatMap) -> FloatMap:
    """Root mean square of the second differences in each block, (blocks,)."""
    fine = cv2.filter2D(gray, cv2.CV_32F, _SECOND_DIFFERENCES, borderType=cv2.BORDER_REFLECT_101)
    height, width = (side - side % _BLOCK for side in gray.shape)
    if not height or not width:
        return np.zeros(0, np.float32)
    squares = np.square(fine[:height, :width])
    # Means over blocks, as a resize by whole factors gives them.
    means = cv2.resize(squares, (width // _BLOCK, height // _BLOCK), interpolation=cv2.INTER_AREA)
    return np.sqrt(means).ravel()
