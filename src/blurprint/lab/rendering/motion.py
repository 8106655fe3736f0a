"""Motion during the exposure: lines and curves that a point draws, and what they do to a scene."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap
from blurprint.lab.rendering.scenes import Scene
from blurprint.lab.rendering.shapes import draw_outline

Points = npt.NDArray[np.float64]

LENGTHS: Final = (3.0, 30.0)
"""Lengths of the paths, in pixels, uniform in their logarithm."""
LINES: Final = 0.55
"""Share of straight paths; the others curve."""
_SAMPLES: Final = 40  # of a path, a pixel of its length


class Motion(NamedTuple):
    """A motion kernel and its moments.

    Attributes:
        kernel: float32 (K, K), K odd, sum 1.
        variance: mean of its second moments along x and y about the centroid, px^2.
        oval: (variance along x less that along y) / 2, and the covariance, px^2.
    """

    kernel: FloatMap
    variance: float
    oval: tuple[float, float]


def draw_path(rng: np.random.Generator, length: float | None = None) -> Points:
    """Places (N, 2), x and y in pixels, of a point at equal times: a line or a smooth curve.

    A curve turns by a random walk of its direction, smoothed, as a shaking hand does.

    Args:
        rng: source of every draw.
        length: of the path; drawn from :data:`LENGTHS` if None.
    """
    if length is None:
        length = float(np.exp(rng.uniform(*np.log(LENGTHS))))
    count = max(32, int(_SAMPLES * length))
    direction = np.full(count, rng.uniform(0, 2 * np.pi))
    speed = np.ones(count)
    if rng.random() >= LINES:
        knots = int(rng.integers(3, 7))
        at, to = np.linspace(0, 1, count), np.linspace(0, 1, knots)
        turns = np.cumsum(rng.normal(0, rng.uniform(0.4, 2.0), knots))
        direction = direction + np.interp(at, to, turns)
        speed = np.exp(np.interp(at, to, rng.normal(0, 0.4, knots)))
    speed = speed * (length / speed.sum())
    steps = np.stack([speed * np.cos(direction), speed * np.sin(direction)], axis=1)
    return np.cumsum(steps, axis=0)


def motion_kernel(path: Points) -> Motion:
    """The kernel of a path (N, 2), integrated over pixels, with the moments that it itself has.

    A straight path of length L adds ``L^2 / 12`` along it and nothing across: as the root of the
    mean over both axes, ``L / sqrt(24)``. The discrete kernel differs by 1/12 px^2 or so.
    """
    centred = path - path.mean(axis=0)
    reach = int(np.ceil(np.abs(centred).max())) + 1
    side = 2 * reach + 1
    column, row = (np.rint(centred[:, axis]).astype(np.intp) + reach for axis in (0, 1))
    flat = np.bincount(row * side + column, minlength=side * side).astype(np.float64)
    kernel = (flat / flat.sum()).reshape(side, side)
    at = np.arange(side) - reach
    mass_x, mass_y = kernel.sum(axis=0), kernel.sum(axis=1)
    x, y = at - mass_x @ at, at - mass_y @ at
    xx, yy, xy = float(mass_x @ x**2), float(mass_y @ y**2), float(y @ kernel @ x)
    return Motion(kernel.astype(np.float32), (xx + yy) / 2, ((xx - yy) / 2, xy))


def moved(scene: Scene, motion: Motion, where: FloatMap | None = None) -> Scene:
    """`scene` with its light spread along a path, everywhere or `where` something moves.

    Variances add; where blurs of different size meet under the kernel, sigma is the root of their
    mean square, and weight falls as they spread.

    Args:
        scene: as the lens gives it.
        motion: of the camera, or of what moves.
        where: float32 (S, S) in [0, 1], the share of each pixel that moves; None: all.
    """
    kernel = cv2.flip(motion.kernel, -1)  # OpenCV correlates

    def spread(image: FloatMap) -> FloatMap:
        return np.asarray(
            cv2.filter2D(image, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT_101)
        )

    maps = [scene.sigma, np.square(scene.sigma), scene.weight]
    mean, square, weight = cv2.split(spread(np.stack(maps, axis=2)))
    sigma = np.sqrt(np.maximum(square, 0) + np.float32(motion.variance))
    apart = np.maximum(square - np.square(mean), 0) / np.square(0.25 * np.maximum(sigma, 1))
    weight = np.clip(weight, 0, 1) / (1 + apart)
    before = np.zeros((*sigma.shape, 2), np.float32) if scene.oval is None else scene.oval
    oval = spread(before) + np.array(motion.oval, np.float32)
    linear = np.maximum(spread(scene.linear), 0)
    if where is None:
        return Scene(linear, sigma, weight, scene.finished, oval)
    moves = where > 0.5
    mixed = 4 * where * (1 - where)
    return Scene(
        np.asarray(scene.linear + where[..., None] * (linear - scene.linear), np.float32),
        np.where(moves, sigma, scene.sigma),
        np.where(moves, weight, scene.weight) * (1 - mixed),
        scene.finished,
        np.where(moves[..., None], oval, before),
    )


def draw_motion(rng: np.random.Generator, scene: Scene) -> Scene:
    """`scene` with a motion at random: of the camera in 75 %, else of one thing in it."""
    motion = motion_kernel(draw_path(rng))
    if rng.random() < 0.75:
        return moved(scene, motion)
    where = draw_outline(rng, len(scene.sigma))
    soft = cv2.filter2D(where, cv2.CV_32F, cv2.flip(motion.kernel, -1))
    return moved(scene, motion, np.clip(soft, 0, 1))
