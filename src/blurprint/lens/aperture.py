"""Point spread functions: the shape of an aperture, at any blur, sampled on pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, cos, erf, inf, pi, sin, sqrt
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError

# A definition: docs/thresholds.md.
SHARP_PX: Final = 0.02
"""Blur below this is none: its kernel would differ from the identity by less than 1e-3."""
_SHAPE_CELLS: Final = 128  # resolution at which an aperture is drawn, before any scaling
_RANGES: Final = (
    ("roundness", 0, 1),
    ("rim", -1, 1),
    ("mix", 0, 1),
    ("soften", 0, 1),
    ("core", 0, inf),
    ("cat_eye", 0, 0.9),
    ("stretch", 0.5, 2),
)


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
        mix: share of a Gaussian of the same sigma that is added to the kernel, 0 to 1.
        soften: share of the variance that is a Gaussian with which the shape is convolved, 0 to 1:
            aberrations and diffraction soften the rim of real lenses.
        core: sigma in pixels of a Gaussian that the shape is convolved with at any blur, where it
            exceeds `soften`: what a lens leaves in focus. Blur below it is that Gaussian alone.
        cat_eye: vignetting away from the middle of the picture: the shape is cut by a circle as
            large as itself whose centre lies this many radii away, 0 to less than 1.
        stretch: width along `axis` over width across it, 0.5 to 2: astigmatism.
        axis: direction of `cat_eye` and `stretch`, in radians from the x axis to the y axis.

    Raises:
        InputError: if a value is out of range.
    """

    kind: Literal["gaussian", "disk", "polygon"] = "disk"
    blades: int = 6
    rotation: float = 0.0
    roundness: float = 0.0
    rim: float = 0.0
    mix: float = 0.0
    soften: float = 0.0
    core: float = 0.0
    cat_eye: float = 0.0
    stretch: float = 1.0
    axis: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if self.kind not in ("gaussian", "disk", "polygon"):
            raise InputError(
                f'Expected `kind` to be "gaussian", "disk" or "polygon", but got {self.kind!r}'
            )
        if self.blades < 3:
            raise InputError(f"Expected `blades` to be at least 3, but got {self.blades}")
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"Expected `{name}` to be in [{low}, {high}], but got {value}")


GAUSSIAN: Final = Aperture("gaussian")
DISK: Final = Aperture("disk")


class Shape(NamedTuple):
    """An aperture before any scaling, in half widths of the square that it is drawn in.

    Attributes:
        cells: float32 (n, n), sum 1, over the square [-1, 1]^2.
        centre: its centroid (x, y).
        variance: mean of its second moments about the centroid along x and y.
        oval: how far it is from round: (variance along x less that along y) / 2 and the
            covariance, both over `variance`. Zero for what is round, whatever its profile.
        kurtosis: ``E[r^4] / E[r^2]^2`` about the centroid: 4/3 for a disk.
    """

    cells: FloatMap
    centre: tuple[float, float]
    variance: float
    oval: tuple[float, float]
    kurtosis: float


def shape_of(aperture: Aperture) -> Shape:
    """The shape of an aperture that is no Gaussian, without what softens it."""
    return _shape(replace(aperture, mix=0.0, soften=0.0, core=0.0))


@lru_cache(maxsize=16)
def _shape(aperture: Aperture) -> Shape:
    n = _SHAPE_CELLS
    centre = (np.arange(n, dtype=np.float32) + np.float32(0.5)) * np.float32(2 / n) - 1
    x, y = np.meshgrid(centre, centre)
    turn_x, turn_y = np.float32(cos(aperture.axis)), np.float32(sin(aperture.axis))
    # Coordinates of the unstretched shape, along and across the axis, scaled to fit the square.
    u = np.float32(max(1, 1 / aperture.stretch)) * (turn_x * x + turn_y * y)
    v = np.float32(max(1, aperture.stretch)) * (turn_x * y - turn_y * x)
    radius = np.sqrt(u * u + v * v)
    edge = np.full((n, n), 1 - 2 / n, np.float32)  # a margin for its anti-aliasing
    if aperture.kind == "polygon":
        sector = 2 * pi / aperture.blades
        turn = np.mod(np.arctan2(v, u) + aperture.axis - aperture.rotation, sector) - sector / 2
        straight = cos(sector / 2) / np.cos(turn)
        edge *= straight + aperture.roundness * (1 - straight)
    shape = np.clip((edge - radius) * (n / 2) + 0.5, 0, 1)
    shape *= 1 + aperture.rim * (2 * np.square(np.minimum(radius / edge, 1)) - 1)
    if aperture.cat_eye:
        other = np.hypot(u - np.float32(aperture.cat_eye), v)
        shape *= np.clip((1 - 2 / n - other) * (n / 2) + 0.5, 0, 1)
    shape = np.asarray(shape / shape.sum(), np.float32)
    middle = float((shape * x).sum()), float((shape * y).sum())
    x, y = x - np.float32(middle[0]), y - np.float32(middle[1])
    xx, yy, xy = (float((shape * moment).sum()) for moment in (x * x, y * y, x * y))
    variance = (xx + yy) / 2
    fourth = float((shape * np.square(x * x + y * y)).sum())
    oval = (xx - yy) / (2 * variance), xy / variance
    return Shape(shape, middle, variance, oval, fourth / (2 * variance) ** 2)


def _solve(moment: Callable[[float], float], target: float, guess: float) -> float:
    """The scale at which `moment`, which grows with it, reaches `target`.

    Regula falsi in the square of the scale, in which moments are all but linear; an end that stays
    counts half, so that it moves as well (the Illinois rule: Dowell & Jarratt, BIT 11, 1971).
    """
    low, high = 0.0, guess**2
    below, above = -target, moment(guess) - target
    while above < 0:
        low, below = high, above
        high *= 2.25
        above = moment(sqrt(high)) - target
    side = 0
    for _ in range(60):
        middle = high - above * (high - low) / (above - below)
        error = moment(sqrt(middle)) - target
        if abs(error) <= 1e-7 * target:
            return sqrt(middle)
        if error < 0:
            low, below = middle, error
            above = above / 2 if side < 0 else above
            side = -1
        else:
            high, above = middle, error
            below = below / 2 if side > 0 else below
            side = 1
    return sqrt((low + high) / 2)


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
    shape = shape_of(aperture)
    n = _SHAPE_CELLS
    cells = [np.linspace(-1, 1, n + 1) - middle for middle in shape.centre]
    below = [
        np.concatenate([[0], np.cumsum(shape.cells.sum(axis=axis, dtype=np.float64))])
        for axis in (0, 1)
    ]
    largest = max(float(np.abs(ends).max()) for ends in cells)

    def moment(half: float) -> float:
        reach = ceil(largest * half + 0.5)
        edges = (np.arange(-reach, reach + 2) - 0.5) / half
        squares = np.square(np.arange(-reach, reach + 1))
        mass = sum(
            np.diff(np.interp(edges, *of_axis)) for of_axis in zip(cells, below, strict=True)
        )
        return float(mass @ squares) / 2

    half = _solve(moment, sigma**2, (sigma + 0.3) / sqrt(shape.variance))
    reach = max(1, ceil(largest * half - 0.5))
    edges = (np.arange(-reach, reach + 2) - 0.5) / half
    # Share of each cell (column) that falls into each pixel (row).
    across, down = (
        np.diff(np.clip((edges[:, None] - ends[None, :-1]) * (n / 2), 0, 1), axis=0)
        for ends in cells
    )
    kernel = down.astype(np.float32) @ shape.cells @ across.astype(np.float32).T
    return kernel / kernel.sum()


def gaussian_variance(aperture: Aperture, variance: FloatMap) -> FloatMap:
    """Part of a kernel's `variance`, px^2 of any shape, that is a Gaussian convolved in."""
    if aperture.kind == "gaussian":
        return variance
    least = np.minimum(np.float32(aperture.core**2), variance)
    return np.maximum(np.float32(aperture.soften) * variance, least)


def _soft_kernel(aperture: Aperture, sigma: float) -> FloatMap:
    """The shape convolved with its Gaussian; variances of kernels in a row add."""
    gaussian = float(gaussian_variance(aperture, np.array([sigma**2], np.float32))[0])
    rest = sqrt(max(sigma**2 - gaussian, 0))
    if rest < SHARP_PX:
        return _gaussian_kernel(sigma)
    kernel = _shape_kernel(aperture, rest)
    if gaussian == 0:
        return kernel
    taps = _gaussian_taps(sqrt(gaussian))
    kernel = np.pad(kernel, len(taps) // 2)
    soft = cv2.sepFilter2D(kernel, cv2.CV_32F, taps, taps, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft / soft.sum(), np.float32)


def _gaussian_kernel(sigma: float) -> FloatMap:
    taps = _gaussian_taps(sigma)
    return np.outer(taps, taps).astype(np.float32)


@lru_cache(maxsize=256)
def psf(aperture: Aperture, sigma: float) -> FloatMap:
    """Point spread function of `aperture` at the blur `sigma`, in pixels.

    The shape is integrated over pixels, and scaled so that the second moment of the kernel itself,
    averaged over the two axes, is ``sigma^2``: convolving with it adds exactly that much variance
    to a sampled picture. The pixel's own box is no part of it (:mod:`blurprint.lens.pixel`).

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
        kernel = _gaussian_kernel(sigma)
    else:
        kernel = _soft_kernel(aperture, sigma)
        if aperture.mix > 0:
            gauss = _gaussian_kernel(sigma)
            pad = (len(gauss) - len(kernel)) // 2
            kernel, gauss = np.pad(kernel, max(pad, 0)), np.pad(gauss, max(-pad, 0))
            kernel = ((1 - aperture.mix) * kernel + aperture.mix * gauss).astype(np.float32)
    kernel.setflags(write=False)
    return kernel
