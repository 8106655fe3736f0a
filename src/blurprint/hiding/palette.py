"""Whether a picture holds so few colours that the steps between them hide its blur.

A palette of 256 colours, as of a GIF, leaves the blur of most photographs as it is; one of 16 or,
without dither, one of 64 does not: each band of colour ends in a step as sharp as a pixel. Dither
that is coarse enough to matter is recognised as well, as long as the colours are exact; after a
lossy codec only the dots of :mod:`blurprint.hiding.dots` are.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap

FEW_COLOURS: Final = (
    "The picture holds so few colours that the steps between them hide the blur: nothing counts as"
    " measured."
)
_SAMPLE: Final = 40_000
# The largest palette of GIF and PNG: docs/thresholds.md.
_MOST_COLOURS: Final = 256
# A convention: docs/thresholds.md.
_FEWEST_COLOURS: Final = 4
"""Two or three even colours are a silhouette, of which nothing says that it was a photograph."""
_LINES: Final = 64
# On 8 photographs: blur differs by 0.3 px at most below it, by up to 10 beyond:
# docs/thresholds.md.
_COARSE: Final = 12.0
# Found on 8 photographs, as _COARSE: docs/thresholds.md.
_BANDED: Final = (1.5, 0.35)
# Stripes and a single step change in fewer pixels one way: docs/thresholds.md.
_LEAST_CHANGE: Final = 0.02
"""Share of the pixels that differ from the one before, down and across: not stripes, nor a step."""


def has_few_colours(rgb: FloatMap) -> bool:
    """Whether `rgb`, float32 (H, W, 3) in [0, 1], shows a photograph in too few colours.

    Each colour's distance to the nearest other one that is in use, in 8-bit values, weighted by how
    much of the picture has it, must exceed 12; or 1.5, where steps stand alone: where of the pixels
    after a step at most 35 % bring another step. Found on 8 photographs, sharp and blurred by 1 and
    3 px, in palettes of 16 to 256 colours with and without dither, against what method "net" reads
    of them in full colour: where none is exceeded it differs by 0.3 px at most, and by 0.1 px on
    average, over the pixels it is sure of; where one is, by up to 10 px. Of 2,657 photographs and
    portraits, black-and-white ones among them, none exceeds them.

    >>> rng = np.random.default_rng(0)
    >>> smooth = np.cumsum(rng.normal(size=(2, 200)), axis=1)
    >>> smooth = smooth[0][:, None] + smooth[1] + rng.normal(size=(200, 200)) / 4
    >>> smooth = (smooth - smooth.min()) / np.ptp(smooth)
    >>> [has_few_colours(np.repeat(np.rint(smooth * n)[..., None] / n, 3, 2)) for n in (255, 7)]
    [False, True]
    """
    height, width = rgb.shape[:2]
    if min(height, width) < 3:
        return False
    every = max(1, int(np.sqrt(height * width / _SAMPLE)))
    some = np.sort(_packed(rgb[:: 8 * every, :: 4 * every]), axis=None)
    if np.count_nonzero(some[1:] != some[:-1]) >= _MOST_COLOURS:
        return False  # most photographs end here, at a tenth of the time
    colours, counts = np.unique(_packed(rgb[::every, ::every]), return_counts=True)
    if not _FEWEST_COLOURS <= len(colours) <= _MOST_COLOURS:
        return False
    distance = _mean_distance(colours, counts)
    if distance <= _BANDED[0]:
        return False
    lines = [
        _packed(rgb[:: max(1, height // _LINES)]),
        _packed(rgb[:, :: max(1, width // _LINES)]).T,
    ]
    changes = [line[:, 1:] != line[:, :-1] for line in lines]
    if min(float(change.mean()) for change in changes) < _LEAST_CHANGE:
        return False
    twice = sum(int((change[:, 1:] & change[:, :-1]).sum()) for change in changes)
    alone = twice <= _BANDED[1] * sum(int(change[:, :-1].sum()) for change in changes)
    return distance > _COARSE or alone


def _packed(rgb: FloatMap) -> npt.NDArray[np.int32]:
    """Each pixel's 8-bit colour as one number, (H, W)."""
    values = np.rint(rgb * np.float32(255)).astype(np.int32)
    return np.asarray((values[..., 0] << 16) | (values[..., 1] << 8) | values[..., 2], np.int32)


def _mean_distance(colours: npt.NDArray[np.int32], counts: npt.NDArray[np.intp]) -> float:
    points = np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=1).astype(float)
    apart = np.sqrt(np.square(points[:, None] - points[None]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(np.average(apart.min(axis=1), weights=counts))
