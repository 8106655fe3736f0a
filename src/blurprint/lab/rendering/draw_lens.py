"""Lenses as they are: soft disks and polygons, vignetted, a little oval; plain ones at the ends.

Kernels of real cameras lie between a disk and a Gaussian: calibrated ones of a phone have
``E[r^4] / E[r^2]^2`` from 1.53 to 1.73, where a disk has 4/3 and a Gaussian 2, and widths along x
and y that differ by up to 10 %. Any kernel here has the second moment that it is asked for, as the
mean of the two axes (:func:`blurprint.lens.aperture.psf`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from blurprint.arrays import FloatMap
from blurprint.lens.aperture import DISK, GAUSSIAN, Aperture, gaussian_variance, shape_of

SHARES: Final = {"real": 0.64, "disk": 0.13, "polygon": 0.07, "gaussian": 0.16}
"""Share of each class of lens."""
SOFTNESS: Final = (1.5, 1.76)
"""Range of E[r^4] / E[r^2]^2 that most real lenses are drawn from."""
VARYING: Final = 0.25
"""Share of the real lenses whose kernel changes over the picture."""
MOST_OVAL: Final = 0.10
"""Most that the narrow axis of a real lens falls short of the wide one, relative to it."""


class Lens(NamedTuple):
    """A lens: its aperture at one end of the picture, and at the other if that differs."""

    aperture: Aperture
    other: Aperture | None = None


DrawLens = Callable[[np.random.Generator], Lens]


def draw_lens(rng: np.random.Generator) -> Lens:
    """A lens of one of the classes :data:`SHARES`.

    Real: a disk (45 %) or a polygon of 5 to 9 blades, most of them rounded, with a bright or soft
    rim (70 %), a cat's eye (60 %) and astigmatism, softened by a Gaussian to a kurtosis drawn from
    :data:`SOFTNESS` (85 %), else 1.4 to 1.95; three in ten leave a Gaussian of 0.15 to 0.6 px even
    in focus. Plain disks and polygons have hard, even rims.
    """
    kind = rng.choice(list(SHARES), p=list(SHARES.values()))
    if kind == "gaussian":
        return Lens(GAUSSIAN)
    if kind == "disk":
        return Lens(DISK)
    if kind == "polygon":
        return Lens(_blades(rng, rounded=0.3))
    shape = DISK if rng.random() < 0.45 else _blades(rng, rounded=0.75)
    if rng.random() < 0.7:
        shape = replace(shape, rim=float(np.clip(rng.normal(0, 0.4), -0.9, 0.9)))
    softness = rng.uniform(*SOFTNESS) if rng.random() < 0.85 else rng.uniform(1.4, 1.95)
    core = float(rng.uniform(0.15, 0.6)) if rng.random() < 0.3 else 0.0
    shape = replace(shape, axis=float(rng.uniform(0, 2 * np.pi)), core=core)
    aperture = softened(_ovalled(shape, rng), float(softness))
    if rng.random() >= VARYING:
        return Lens(aperture)
    turned = replace(shape, axis=shape.axis + float(rng.uniform(0.5, np.pi)))
    other = float(np.clip(softness + rng.normal(0, 0.06), 1.36, 1.95))
    return Lens(aperture, softened(_ovalled(turned, rng), other))


def softened(aperture: Aperture, kurtosis: float) -> Aperture:
    """`aperture` convolved with the Gaussian that gives it this ``E[r^4] / E[r^2]^2``.

    With a share s of the variance in the Gaussian, the shape's shortfall from 2 shrinks by
    ``(1 - s)^2``: for a sum of two independent, round, centred spreads of variances a and g per
    axis, ``E[r^4] = k (2a)^2 + 16 a g + 8 g^2``. A shape that exceeds `kurtosis` stays as it is.
    """
    short = 2 - shape_of(aperture).kurtosis
    if short <= 0:
        return aperture
    return replace(aperture, soften=1 - sqrt(min(1.0, max(2 - kurtosis, 0) / short)))


def oval_of(aperture: Aperture, sigma: FloatMap) -> FloatMap:
    """How oval the kernel is at the blur `sigma`, float32 (H, W) in pixels.

    Returns:
        float32 (H, W, 2), px^2: (variance along x less that along y) / 2, and the covariance. They
        add when blurs follow one another, as variances do.
    """
    if aperture.kind == "gaussian":
        return np.zeros((*sigma.shape, 2), np.float32)
    variance = np.square(sigma)
    shaped = (variance - gaussian_variance(aperture, variance)) * np.float32(1 - aperture.mix)
    return np.asarray(shaped[..., None] * np.array(shape_of(aperture).oval, np.float32))


def _ovalled(shape: Aperture, rng: np.random.Generator) -> Aperture:
    """`shape` with a cat's eye and astigmatism, drawn again until it is not too oval."""
    for _ in range(20):
        drawn = replace(
            shape,
            cat_eye=float(rng.uniform(0.05, 0.45)) if rng.random() < 0.6 else 0.0,
            stretch=float(np.exp(rng.uniform(-0.09, 0.09))),
        )
        uneven = float(np.hypot(*shape_of(drawn).oval))
        if sqrt((1 - uneven) / (1 + uneven)) >= 1 - MOST_OVAL:
            return drawn
    return shape


def _blades(rng: np.random.Generator, rounded: float) -> Aperture:
    return Aperture(
        kind="polygon",
        blades=int(rng.integers(5, 10)),
        rotation=float(rng.uniform(0, 2 * np.pi)),
        roundness=float(rng.uniform(0.1, 0.95)) if rng.random() < rounded else 0.0,
    )
