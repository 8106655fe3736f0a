"""The noun that every estimator returns."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.extent import EVERYWHERE, Mask, bounding_box, checked_mask
from blurprint.frame import Rectangle
from blurprint.optics.minmax import minmax

FloatMap = npt.NDArray[np.float32]

FILE_VERSION = 1
"""Version of the ``defocus.npz`` layout written by :meth:`DefocusMap.save`."""


@dataclass(frozen=True, slots=True, eq=False)
class DefocusMap:
    """Blur of every pixel of a photograph, with how far each value is to be trusted.

    Attributes:
        sigma: float32 (H, W). Standard deviation of the Gaussian that blurs each pixel, in pixels
            of the photograph as read (working pixels). The methods "paper" and "paper-release"
            fill it with the paper's guided-filtered map, which is not a measurement in pixels.
        confidence: float32 (H, W) in [0, 1]. 0 means that nothing near this pixel could be
            measured: its ``sigma`` is then filled in from elsewhere and must not be read.
        method: name of the estimator.
        scale: working size / native size; ``sigma / scale`` is the blur in native pixels.
        unit: unit of `sigma`: "px", or "map units" for the methods that measure nothing in pixels.
        mask: bool (H, W), True where the picture shows a photograph; elsewhere, on transparent
            parts, bars and frames, `confidence` is 0. Left out: True everywhere.

    Raises:
        InputError: if the arrays differ in shape, are not 2-D, or hold values that are not finite.
    """

    sigma: FloatMap
    confidence: FloatMap
    method: str
    scale: float = 1.0
    unit: str = "px"
    mask: Mask = field(default_factory=lambda: EVERYWHERE)

    def __post_init__(self) -> None:
        if self.sigma.ndim != 2 or self.sigma.shape != self.confidence.shape:
            raise InputError(
                "Expected `sigma` and `confidence` to be (H, W) arrays of one shape, "
                f"but got {self.sigma.shape} and {self.confidence.shape}"
            )
        for name in ("sigma", "confidence"):
            if not np.isfinite(getattr(self, name)).all():
                raise InputError(f"Expected `{name}` to be finite, but it holds NaN or infinity")
        if not self.scale > 0:
            raise InputError(f"Expected `scale` to be positive, but got {self.scale}")
        object.__setattr__(self, "mask", checked_mask(self.mask, self.shape))
        if self.confidence[~self.mask].any():
            raise InputError("Expected `confidence` to be 0 where `mask` is False")

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in working pixels."""
        height, width = self.sigma.shape
        return height, width

    @property
    def rectangle(self) -> Rectangle:
        """The smallest rectangle of the map that holds the photograph, in working pixels."""
        return bounding_box(self.mask)

    @property
    def sigma_native(self) -> FloatMap:
        """``sigma`` in pixels of the file at its native size, float32 (H, W)."""
        return (self.sigma / np.float32(self.scale)).astype(np.float32, copy=False)

    def normalized(self) -> FloatMap:
        """:func:`minmax` of ``sigma``, float32 (H, W) in [0, 1]; a constant map becomes zeros.

        This is the map that the paper's networks take (Jeon & Woo, 2025).

        >>> import numpy as np
        >>> one = np.ones((2, 2), np.float32)
        >>> DefocusMap(np.float32([[1, 2], [3, 5]]), one, "edge").normalized().tolist()
        [[0.0, 0.25], [0.5, 1.0]]
        """
        return minmax(self.sigma)

    def save(self, file: str | Path | BinaryIO) -> None:
        """Write ``.npz``: float32 ``sigma`` and ``confidence``, bool ``mask``, and the rest.

        Compressed without loss; no pickles.
        """
        np.savez_compressed(
            file,
            sigma=self.sigma,
            confidence=self.confidence,
            method=np.array(self.method),
            scale=np.array(self.scale),
            unit=np.array(self.unit),
            mask=self.mask,
            version=np.array(FILE_VERSION),
        )

    @classmethod
    def load(cls, file: str | Path | BinaryIO) -> DefocusMap:
        """Read what :meth:`save` wrote.

        Raises:
            InputError: if the file is not such an ``.npz``.
        """
        if isinstance(file, (str, Path)):
            with Path(file).open("rb") as opened:
                return cls.load(opened)
        try:
            with np.load(file, allow_pickle=False) as stored:
                return cls(
                    sigma=stored["sigma"].astype(np.float32, copy=False),
                    confidence=stored["confidence"].astype(np.float32, copy=False),
                    method=str(stored["method"]),
                    scale=float(stored["scale"]),
                    unit=str(stored["unit"]),
                    mask=stored.get("mask", EVERYWHERE),
                )
        except (KeyError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            name = getattr(file, "name", file)
            raise InputError(f"Expected a defocus map (.npz) in {name!s}: {error}") from error
