"""The forward model: what a lens makes of a sharp picture, with the blur known at every pixel.

Two measures of blur are in use, both in pixels of the picture:

- ``sigma``: root of the second moment of the point spread function (PSF) about its centre, per
  axis. For a Gaussian PSF this is its standard deviation. All public functions use sigma.
- disk radius ``r``, the radius of the circle of confusion: the thin lens images a point out of
  focus as a uniform disk (Pentland, *A New Sense for Depth of Field*, PAMI 1987). The mean of
  ``x^2`` over a disk is ``r^2 / 4``, hence ``sigma = r / 2``.

An aperture of any other shape (polygonal, soft or bright at the rim) is scaled until its second
moment is ``sigma^2``. Second moments of successive PSFs add, so two blurs of any shapes combine as
``sqrt(sigma1^2 + sigma2^2)``.

A lens adds light, not pixel values: functions here expect linear light (:func:`to_linear`) to be
physically right, but work on any float32 picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.lens.aperture import DISK, GAUSSIAN, Aperture, psf

__all__ = [
    "DISK",
    "GAUSSIAN",
    "LEVELS",
    "Aperture",
    "Layer",
    "Rendering",
    "blur",
    "blur_field",
    "compose",
    "psf",
    "sigma_of_disk",
    "to_linear",
    "to_srgb",
]

Window = tuple[slice, slice]

LEVELS: Final = (0.0, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.55, 1.95, 2.5, 3.2, 4.1, 5.3, 6.8)
"""Ladder of blurs between which :func:`blur_field` interpolates, in pixels."""


def sigma_of_disk(radius: float) -> float:
    """Sigma of a uniform disk of `radius`, both in pixels: ``r / 2``.

    >>> sigma_of_disk(3.0)
    1.5
    """
    return radius / 2


def to_linear(srgb: npt.NDArray[np.floating]) -> FloatMap:
    """Linear light in [0, 1] of sRGB values in [0, 1], any shape (IEC 61966-2-1)."""
    srgb = np.asarray(srgb, np.float32)
    curve = cv2.pow((srgb + np.float32(0.055)) / np.float32(1.055), 2.4)
    return np.where(srgb <= 0.04045, srgb / np.float32(12.92), curve.reshape(srgb.shape))


def to_srgb(linear: npt.NDArray[np.floating]) -> FloatMap:
    """sRGB values in [0, 1] of linear light, any shape, clipped to [0, 1] (IEC 61966-2-1)."""
    linear = np.clip(np.asarray(linear, np.float32), 0, 1)
    curve = cv2.pow(linear, 1 / 2.4).reshape(linear.shape) * np.float32(1.055) - np.float32(0.055)
    return np.where(linear <= 0.0031308, linear * np.float32(12.92), curve)


def blur(image: FloatMap, sigma: float, aperture: Aperture = DISK) -> FloatMap:
    """`image`, float32 (H, W) or (H, W, C), through one point spread function everywhere.

    The picture is mirrored beyond its border. `sigma` in pixels.

    Raises:
        InputError: if `sigma` is negative or not finite.
    """
    kernel = psf(aperture, float(sigma))
    if len(kernel) == 1:
        return image.copy()
    if aperture.kind == "gaussian":
        taps = kernel.sum(axis=0)
        return cv2.sepFilter2D(image, cv2.CV_32F, taps, taps)
    # OpenCV correlates; a convolution turns the kernel by half a turn.
    return cv2.filter2D(image, cv2.CV_32F, cv2.flip(kernel, -1))


def _ladder(low: float, high: float, levels: Sequence[float]) -> list[float]:
    """The rungs that a map from `low` to `high` needs, extended upwards at the last ratio."""
    rungs = sorted(set(levels))
    while rungs[-1] < high:
        rungs.append(rungs[-1] * max(1.2, rungs[-1] / rungs[-2]))
    first = max(0, int(np.searchsorted(rungs, low, side="right")) - 1)
    last = int(np.searchsorted(rungs, high, side="left"))
    return rungs[first : last + 1]


def blur_field(
    image: FloatMap,
    sigma: FloatMap | float,
    aperture: Aperture = DISK,
    levels: Sequence[float] = LEVELS,
) -> FloatMap:
    """`image`, float32 (H, W) or (H, W, C), each pixel blurred by its own `sigma`.

    The picture is blurred at a ladder of levels, and each pixel interpolates between the two
    around its sigma with weights linear in variance: since moments add, the kernel it sees has
    exactly the second moment ``sigma^2``.

    Args:
        image: any float32 picture; linear light for a physical result.
        sigma: (H, W) in pixels, not negative; a number blurs uniformly.
        aperture: shape of the PSF.
        levels: the ladder in pixels, from 0 upwards; extended if `sigma` exceeds it.

    Raises:
        InputError: if `sigma` has another shape than the picture, or is negative or not finite.

    >>> point = np.zeros((32, 32), np.float32)
    >>> point[16, 16] = 1
    >>> spread = blur_field(point, np.full((32, 32), 1.5, np.float32))
    >>> across = spread.sum(axis=0) @ np.square(np.arange(32) - 16)
    >>> round(float(across) ** 0.5, 3)
    1.5
    """
    if isinstance(sigma, (int, float)):
        return blur(image, sigma, aperture)
    if sigma.shape != image.shape[:2]:
        raise InputError(f"Expected `sigma` of shape {image.shape[:2]}, but got {sigma.shape}")
    low, high = float(sigma.min()), float(sigma.max())
    if not 0 <= low <= high < inf:
        raise InputError(f"Expected `sigma` finite and not negative, but got {low} to {high}")
    if high - low < 0.002:
        return blur(image, (low + high) / 2, aperture)
    rungs = _ladder(low, high, levels)
    variances = np.square(rungs)
    # Position on the ladder: a whole number on a rung, linear in variance between two.
    place = np.interp(np.square(sigma), variances, np.arange(len(rungs))).astype(np.float32)
    result = np.zeros_like(image)
    for index, rung in enumerate(rungs):
        share = np.maximum(1 - np.abs(place - np.float32(index)), 0)
        window, padded = _windows(share, len(psf(aperture, rung)) // 2)
        blurred = blur(image[padded], rung, aperture)[_inside(window, padded)]
        if image.ndim == 3:
            blurred *= share[window][..., None]
        else:
            blurred *= share[window]
        result[window] += blurred
    return result


def _windows(where: FloatMap, reach: int) -> tuple[Window, Window]:
    """The smallest window around what is positive, and the same grown by `reach` in the picture."""
    left, top, width, height = cv2.boundingRect((where > 0).astype(np.uint8))
    rows, columns = where.shape
    window = (slice(top, top + height), slice(left, left + width))
    padded = (
        slice(max(0, top - reach), min(rows, top + height + reach)),
        slice(max(0, left - reach), min(columns, left + width + reach)),
    )
    return window, padded


def _inside(window: Window, padded: Window) -> Window:
    return (
        slice(window[0].start - padded[0].start, window[0].stop - padded[0].start),
        slice(window[1].start - padded[1].start, window[1].stop - padded[1].start),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One depth of a scene, sharp.

    Attributes:
        rgb: float32 (H, W, C), linear light.
        alpha: float32 (H, W) in [0, 1], how much of each pixel it covers; None: all of it.
        sigma: its blur in pixels, a number or float32 (H, W); beyond its border, too, as far as
            the blurred layer reaches.
    """

    rgb: FloatMap
    sigma: FloatMap | float
    alpha: FloatMap | None = None


class Rendering(NamedTuple):
    """What :func:`compose` returns.

    Attributes:
        rgb: float32 (H, W, C), the picture behind the lens.
        sigma: float32 (H, W), blur of the layer seen at each pixel, in pixels: of the frontmost
            one that covers more than half of the pixel after its own blur.
        weight: float32 (H, W) in (0, 1]: how far that one number says what is seen. It falls where
            layers of different blur mix: with d the mean of ``|sigma_i - sigma|`` over the layers,
            weighted by the light each sends, it is ``1 / (1 + (d / t)^2)``, with t a quarter of a
            pixel or of sigma, whichever is more.
        layer: uint8 (H, W), the index of the layer that `sigma` is of.
    """

    rgb: FloatMap
    sigma: FloatMap
    weight: FloatMap
    layer: npt.NDArray[np.uint8]


def compose(layers: Sequence[Layer], aperture: Aperture = DISK) -> Rendering:
    """A scene of layers, back to front, through one aperture.

    ``out = blur(alpha rgb) + (1 - blur(alpha)) out`` for every layer in turn: a blurred occluder
    bleeds over a sharp background, and a sharp one cuts a blurred background off without mixing.
    It is the operator "over" of Porter & Duff (*Compositing Digital Images*, SIGGRAPH 1984) on
    blurred layers, as in Ikoma et al., *Depth from Defocus with Learned Optics* (ICCP 2021),
    without their renormalisation.

    Raises:
        InputError: if there is no layer, the backmost has an alpha, or shapes differ.

    >>> white, black = np.ones((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32)
    >>> right = np.float32(np.arange(8) >= 4) * np.ones((8, 1), np.float32)
    >>> seen = compose([Layer(black, 2.0), Layer(white, 0.0, right)])
    >>> seen.sigma[0].tolist()
    [2.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]
    """
    if not layers or layers[0].alpha is not None:
        raise InputError("Expected at least one layer, the backmost without `alpha`")
    shape = layers[0].rgb.shape
    out = np.zeros(shape, np.float32)
    truth = np.zeros(shape[:2], np.float32)
    front = np.zeros(shape[:2], np.uint8)
    seen: list[tuple[FloatMap | float, FloatMap | float]] = []  # blurred alpha, sigma
    for index, layer in enumerate(layers):
        if layer.rgb.shape != shape:
            raise InputError(f"Expected layers of one shape, but got {shape}, {layer.rgb.shape}")
        if layer.alpha is None:
            out = blur_field(layer.rgb, layer.sigma, aperture)
            truth[:], front[:] = layer.sigma, index
            seen = [(1.0, layer.sigma)]
            continue
        alpha = _blur_over(out, layer, layer.alpha, aperture)
        here = alpha > 0.5
        np.copyto(truth, layer.sigma, where=here)
        front[here] = index
        seen.append((alpha, layer.sigma))
    apart = np.zeros(shape[:2], np.float32)
    for share, sigma in seen:
        apart = (1 - share) * apart + share * np.abs(sigma - truth)
    relative = apart / (0.25 * np.maximum(truth, 1))
    weight = (1 / (1 + relative * relative)).astype(np.float32)
    return Rendering(out, truth, weight, front)


def _blur_over(out: FloatMap, layer: Layer, alpha: FloatMap, aperture: Aperture) -> FloatMap:
    """Lay the blurred `layer` over `out`, in place; returns its blurred alpha."""
    reach = len(psf(aperture, float(np.max(layer.sigma)))) // 2 + 1
    covered = np.zeros_like(alpha)
    if not (alpha > 0).any():
        return covered
    _, near = _windows(alpha, reach)
    sigma = layer.sigma if isinstance(layer.sigma, (int, float)) else layer.sigma[near]
    inner = alpha[near][..., None]
    both = np.concatenate([layer.rgb[near] * inner, inner], axis=2)
    both = blur_field(both, sigma, aperture)
    covered[near] = both[..., -1]
    out[near] = both[..., :-1] + (1 - both[..., -1:]) * out[near]
    return covered
