"""A picture with everything that is known of its blur, on its way to a training example."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.lab.rendering.scenes import Scene
from blurprint.lens.camera import Camera, develop, encode, rescaled, resize
from blurprint.lens.pixel import PIXEL_VARIANCE

Picture = npt.NDArray[np.uint8]

_MARGIN = 12  # rendered around the picture, so that its border is no mirror
_GRID = 8  # side of a JPEG block


class Frame(NamedTuple):
    """A picture and its truth, H x W.

    Attributes:
        rgb: uint8 (H, W, 3).
        sigma: float32 (H, W), px: root of the mean second moment of both axes, of all that blurs
            before the pixel (lens and motion); the pixel's own box is no part of it.
        weight: float32 (H, W) in [0, 1]: how far `sigma` says what is seen.
        known: bool (H, W), False where no lens has made the picture, so that `sigma` means nothing:
            bars, text, dither, screens, shading without an edge.
        anisotropy: float32 (H, W), 0 where the blur is round to 1 where it is a line; see
            :func:`anisotropy_of`.
    """

    rgb: Picture
    sigma: FloatMap
    weight: FloatMap
    known: Mask
    anisotropy: FloatMap

    def cut(self, top: int, left: int, size: int) -> Frame:
        """A square of `size` pixels."""
        window = (slice(top, top + size), slice(left, left + size))
        return Frame(
            self.rgb[window].copy(),
            self.sigma[window].copy(),
            self.weight[window].copy(),
            self.known[window].copy(),
            self.anisotropy[window].copy(),
        )


def unknown(rgb: Picture) -> Frame:
    """A picture uint8 (H, W, 3) that no lens has made."""
    zero = np.zeros(rgb.shape[:2], np.float32)
    return Frame(rgb, zero, np.ones_like(zero), np.zeros(rgb.shape[:2], np.bool_), zero.copy())


def anisotropy_of(sigma: FloatMap, oval: FloatMap) -> FloatMap:
    """How far a blur is from round, float32 (H, W), 0 (round) to 1 (a line).

    ``1 - minor / major`` of the standard deviations along the axes of the whole spread, the
    pixel's box included: their squares are ``sigma^2 + 1/12 -+ d``, with d the length of `oval`,
    (H, W, 2) in px^2 as in :class:`Scene`.
    """
    whole = np.square(sigma) + np.float32(PIXEL_VARIANCE)
    uneven = cv2.magnitude(*cv2.split(oval))
    ratio = np.maximum(whole - uneven, 0) / (whole + uneven)
    return np.asarray(1 - np.sqrt(ratio), np.float32)


def canvas_for(size: int, camera: Camera) -> int:
    """Side of the scene that leaves `size` pixels squared after `camera`, its margin cut off."""
    return ceil(size / camera.factor) + 2 * _MARGIN + 2


def shoot(scene: Scene, camera: Camera, rng: np.random.Generator, size: int) -> Frame:
    """What `camera` makes of `scene`, its middle of `size` pixels squared.

    The picture is encoded before it is cut, at a random phase, so that JPEG blocks lie anywhere.
    """
    camera = camera.without_exposure() if scene.finished else camera
    rgb, sigma = develop(scene.linear, scene.sigma, camera, rng)
    uneven = np.zeros_like(scene.sigma)
    if scene.oval is not None:
        uneven = anisotropy_of(scene.sigma, scene.oval)
    known = np.ones(sigma.shape, np.bool_)
    frame = Frame(rgb, sigma, resize(scene.weight, camera), known, resize(uneven, camera))
    spare = min(rgb.shape[:2]) - size
    phase = min(spare, _GRID - 1)
    top, left = ((spare - phase) // 2 + int(offset) for offset in rng.integers(0, phase + 1, 2))
    return frame.cut(top, left, size)


def enlarged(frame: Frame, size: int, camera: Camera) -> Frame:
    """`frame` at `size` pixels squared, by the interpolation of `camera`, whose factor is ours."""
    factor = size / len(frame.sigma)
    how = {"area": cv2.INTER_AREA, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}
    rgb = cv2.resize(
        frame.rgb, (size, size), interpolation=how.get(camera.resample, cv2.INTER_LANCZOS4)
    )
    sigma, weight, uneven, known = (
        cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR)
        for part in (frame.sigma, frame.weight, frame.anisotropy, frame.known.astype(np.float32))
    )
    return Frame(rgb, rescaled(sigma, factor, camera.resample), weight, known > 0.99, uneven)


def recoded(frame: Frame, rng: np.random.Generator, low: int = 40, high: int = 97) -> Frame:
    """`frame` through JPEG (85 %) or WebP of a quality from `low` to `high`."""
    camera = Camera(
        codec="jpeg" if rng.random() < 0.85 else "webp",
        quality=int(rng.integers(low, high + 1)),
        subsampling="4:2:0" if rng.random() < 0.6 else "4:4:4",
    )
    return frame._replace(rgb=encode(frame.rgb, camera))
