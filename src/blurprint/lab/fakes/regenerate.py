"""A face made again by a small network, as the networks of face swaps make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.faces.crop import upright_crop
from blurprint.faces.face import Face
from blurprint.faces.find import RGB8
from blurprint.lab.fakes.paste import similarity
from blurprint.weights.session import open_session

SIDE: Final = 128
"""Of the square that the networks take and make, pixels."""
WIDTH: Final = 3.0
"""Of that square, eye distances."""
_NOISE: Final = 0.35
"""Most noise in the waist, over the spread of what passes there."""


class Regenerator:
    """Networks of :func:`blurprint.lab.training.face.autoencoder.train_autoencoders`, opened.

    Args:
        models: ONNX each.
    """

    def __init__(self, models: Sequence[bytes]) -> None:
        """See the class."""
        self._sessions = [open_session(model) for model in models]

    def through(self, crop: RGB8, number: int, rng: np.random.Generator, noise: float) -> RGB8:
        """A crop, uint8 (SIDE, SIDE, 3), as network `number` makes it, with noise in its waist."""
        session = self._sessions[number]
        shape = [int(length) for length in session.get_inputs()[1].shape]
        disturbed = (noise * rng.standard_normal(shape)).astype(np.float32)
        given = crop.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
        (made,) = session.run(None, {"face": given, "noise": disturbed})
        return np.round(made[0].transpose(1, 2, 0) * 255).astype(np.uint8)

    def remade(
        self, rgb: FloatMap, face: Face, target: Face, base: FloatMap, rng: np.random.Generator
    ) -> FloatMap:
        """A face made again and laid over another.

        Args:
            rgb: float32 (H, W, 3) in [0, 1], the picture of `face`.
            face: the face that is made again.
            target: over which it is laid.
            base: float32 (H', W', 3), the picture of `target`.
            rng: draws the network and its noise.

        Returns:
            float32 (H', W', 3): the face made, `base` beyond its square.
        """
        eight_bits = np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
        crop = upright_crop(eight_bits, face, size=SIDE, width=WIDTH)
        number = int(rng.integers(len(self._sessions)))
        noise = float(rng.uniform(0, _NOISE)) if rng.random() < 0.5 else 0.0
        made = self.through(crop, number, rng, noise).astype(np.float32) / 255
        height, width = base.shape[:2]
        scale = WIDTH * target.eye_distance / SIDE
        if scale < 1:  # or what is made would alias
            side = max(8, round(SIDE * scale))
            made = cv2.resize(made, (side, side), interpolation=cv2.INTER_AREA)
        matrix = similarity(_corners(len(made)), _square(target))
        flags = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
        laid = cv2.warpAffine(made, matrix, (width, height), flags=flags, borderValue=(-1, -1, -1))
        return np.where(laid.min(axis=2, keepdims=True) < -0.01, base, laid).astype(np.float32)


def _corners(side: int) -> FloatMap:
    last = side - 0.5
    return np.array([[-0.5, -0.5], [last, -0.5], [-0.5, last], [last, last]], np.float32)


def _square(face: Face) -> FloatMap:
    """The corners of the upright square around a face, pixels of its picture."""
    cos, sin = np.cos(face.tilt), np.sin(face.tilt)
    across, down = np.array([cos, sin]), np.array([-sin, cos])
    half = WIDTH * face.eye_distance / 2
    ends = ((-half, -half), (half, -half), (-half, half), (half, half))
    return np.array([face.centre + x * across + y * down for x, y in ends], np.float32)
