"""Point spread functions: the shape of an aperture, at any blur, sampled on pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, erf, inf, pi, sqrt
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError

FloatMap = npt.NDArray[np.float32]

SHARP_PX: Final = 0.02
"""Blur below this is none: its kernel would differ from the identity by less than 1e-3."""
_SHAPE_CELLS: Final = 128  # resolution at which an aperture is drawn, before any scaling


@dataclass(frozen=True, slots=True)
class Aperture:
    """Shape of the point spread function, whatever its size.

    Attributes:
        kind: "gaussian", "disk", or "polygon" with straight blades.
        blades: corners of the polygon, 3 or more.
        rotation: of the polygon, in radians.
        roundness: 0 leaves the blades straight, 1 bends them into the disk.
        rim: brightness of the rim against the centre, -1 (dark, to zero) to 1 (bright): the
            intensity is ``1 + rim (2 rho^2 - 1)`` over the relative radius rho, as spherical
            aberration makes it on either side of the focus.
        mix: share of a Gaussian of the same sigma in the kernel, 0 to 1: aberrations and
            diffraction soften the rim of real lenses.

    Raises:
        InputError: if a value is out of range.
    """

    kind: Literal["gaussian", "disk", "polygon"] = "disk"
    blades: int = 6
    rotation: float = 0.0
    roundness: float = 0.0
    rim: float = 0.0
    mix: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if self.kind not in ("gaussian", "disk", "polygon"):
            raise InputError(
                f'Expected `kind` to be "gaussian", "disk" or "polygon", but got {self.kind!r}'
            )
        if self.blades < 3:
            raise InputError(f"Expected `blades` to be at least 3, but got {self.blades}")
        for name, low in (("roundness", 0), ("rim", -1), ("mix", 0)):
            value = getattr(self, name)
            if not low <= value <= 1:
                raise InputError(f"Expected `{name}` to be in [{low}, 1], but got {value}")


GAUSSIAN: Final = Aperture("gaussian")
DISK: Final = Aperture("disk")


@lru_cache(maxsize=16)
def _shape(aperture: Aperture) -> tuple[FloatMap, float]:
    """The aperture in cells over [-1, 1]^2, sum 1, and its sigma in half widths of that square."""
    n = _SHAPE_CELLS
    centre = (np.arange(n, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / n) - 1
    x, y = centre[None, :], centre[:, None]
    radius = np.sqrt(x * x + y * y)
    edge = np.full((n, n), 1 - 2 / n, np.float32)  # a margin for its anti-aliasing
    if aperture.kind == "polygon":
        sector = 2 * pi / aperture.blades
        turn = np.mod(np.arctan2(y, x) - aperture.rotation, sector) - sector / 2
        straight = cos(sector / 2) / np.cos(turn)
        edge *= straight + aperture.roundness * (1 - straight)
    shape = np.clip((edge - radius) * (n / 2) + 0.5, 0, 1)
    shape *= 1 + aperture.rim * (2 * np.square(np.minimum(radius / edge, 1)) - 1)
    shape /= shape.sum()
    return shape, sqrt(float((shape * (x * x + y * y)).sum()) / 2)


def _solve(moment: Callable[[float], float], target: float, guess: float) -> float:
    """The scale at which `moment`, which grows with it, reaches `target`."""
    low, high = 0.0, guess
    while moment(high) < target:
        low, high = high, 1.5 * high
    for _ in range(24):
        middle = (low + high) / 2
        if moment(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _gaussian_taps(sigma: float) -> npt.NDArray[np.float64]:
    """Gaussian integrated over pixels, whose discrete second moment is ``sigma^2``; sum 1."""
    radius = max(1, ceil(4 * sigma))
    edges = np.arange(-radius, radius + 2) - 0.5
    squares = np.square(np.arange(-radius, radius + 1))

    def taps(scale: float) -> npt.NDArray[np.float64]:
        below = np.array([erf(edge / (scale * sqrt(2))) for edge in edges])
        mass = np.diff(below)
        normalised: npt.NDArray[np.float64] = mass / mass.sum()
        return normalised

    scale = _solve(lambda s: float(taps(s) @ squares), sigma**2, sigma + 0.3)
    return taps(scale)


def _shape_kernel(aperture: Aperture, sigma: float) -> FloatMap:
    """The aperture integrated over pixels at the scale that gives this discrete moment."""
    shape, unit = _shape(aperture)
    n = _SHAPE_CELLS
    cells = np.linspace(-1, 1, n + 1)
    below_x = np.concatenate([[0], np.cumsum(shape.sum(axis=0, dtype=np.float64))])
    below_y = np.concatenate([[0], np.cumsum(shape.sum(axis=1, dtype=np.float64))])

    def moment(half: float) -> float:
        reach = ceil(half + 0.5)
        edges = (np.arange(-reach, reach + 2) - 0.5) / half
        squares = np.square(np.arange(-reach, reach + 1))
        mass = np.diff(np.interp(edges, cells, below_x)) + np.diff(np.interp(edges, cells, below_y))
        return float(mass @ squares) / 2

    half = _solve(moment, sigma**2, (sigma + 0.3) / unit)
    reach = max(1, ceil(half - 0.5))
    edges = np.clip((np.arange(-reach, reach + 2) - 0.5) / half, -1, 1)
    # Share of each cell (column) that falls into each pixel (row).
    covered = np.clip((edges[:, None] - cells[None, :-1]) * (n / 2), 0, 1)
    share = np.diff(covered, axis=0).astype(np.float32)
    kernel = share @ shape @ share.T
    return kernel / kernel.sum()


@lru_cache(maxsize=256)
def psf(aperture: Aperture, sigma: float) -> FloatMap:
    """Point spread function of `aperture` at the blur `sigma`, in pixels.

    The shape is integrated over pixels, and scaled so that the second moment of the kernel itself
    is ``sigma^2``: convolving with it adds exactly that much variance to a sampled picture.

    Returns:
        float32 (K, K), K odd, read-only, sum 1; (1, 1) for a sigma under 0.02 px.

    Raises:
        InputError: if `sigma` is negative or not finite.

    >>> kernel = psf(DISK, 2.0)
    >>> kernel.shape, round(float(kernel.sum()), 5)
    ((9, 9), 1.0)
    """
    if not 0 <= sigma < inf:
        raise InputError(f"Expected `sigma` to be finite and not negative, but got {sigma}")
    if sigma < SHARP_PX:
        kernel = np.ones((1, 1), np.float32)
    elif aperture.kind == "gaussian" or aperture.mix == 1:
        taps = _gaussian_taps(sigma)
        kernel = np.outer(taps, taps).astype(np.float32)
    else:
        kernel = _shape_kernel(aperture, sigma)
        if aperture.mix > 0:
            taps = _gaussian_taps(sigma)
            pad = (len(taps) - len(kernel)) // 2
            gauss = np.outer(taps, taps)
            if pad > 0:
                kernel = np.pad(kernel, pad)
            else:
                gauss = np.pad(gauss, -pad)
            kernel = ((1 - aperture.mix) * kernel + aperture.mix * gauss).astype(np.float32)
    kernel.setflags(write=False)
    return kernel
