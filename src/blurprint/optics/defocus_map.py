"""The noun that every estimator returns."""

from __future__ import annotations

import zipfile
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError
from blurprint.lens.pixel import without_pixel
from blurprint.optics.minmax import minmax
from blurprint.photos.bars import Rectangle
from blurprint.photos.extent import EVERYWHERE, bounding_box, checked_mask

if TYPE_CHECKING:
    from matplotlib.figure import Figure


GAUSSIAN_PER_RADIUS = 0.546
"""Sigma of the Gaussian that best fits a disk's blur, over the radius of the disk."""
_WITHOUT_PIXEL = ("net", "net-int8")
"""Methods whose maps left the pixel out before files said which do."""

FILE_VERSION = 1
"""Version of the ``defocus.npz`` layout written by :meth:`DefocusMap.save`."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class DefocusMap:
    """Blur of every pixel of a photograph, with how far each value is to be trusted.

    Attributes:
        sigma: float32 (H, W). Root of the second moment per axis of each pixel's blur (of a
            Gaussian its standard deviation, of a disk half its radius), in pixels of the
            photograph as read (working pixels), with or without the pixel's own box: see
            `includes_pixel`. The methods "paper" and "paper-release" fill it with the paper's
            guided-filtered map, which is not a measurement in pixels.
        confidence: float32 (H, W) in [0, 1]. 0 means that nothing near this pixel could be
            measured: its ``sigma`` is then filled in from elsewhere and must not be used.
        method: name of the estimator.
        scale: working size / native size; ``sigma / scale`` is the blur in native pixels.
        unit: unit of `sigma`: "px", or "map units" for the methods that measure nothing in pixels.
        mask: bool (H, W), True where the picture shows a photograph; elsewhere, on transparent
            parts, bars and frames, `confidence` is 0. Left out: True everywhere.
        includes_pixel: whether `sigma` is that of the whole spread from scene to pixel, the pixel's
            box of variance 1/12 included, as every method in pixels gives it; maps that were saved
            by earlier versions of method "net" hold that of the lens alone. Means nothing without
            pixels as unit.
        doubt: why nothing in the picture counts as measured, in a sentence; "" otherwise.
        anisotropy: float32 (H, W) in [0, 1], how far the blur of each pixel is from round: 1 less
            the ratio of its smaller to its larger standard deviation, 0 for a lens, 1 for a line
            that a moving camera draws. None from methods that do not estimate it.

    Raises:
        InputError: if the arrays differ in shape, are not 2-D, or hold values that are not finite;
            if `mask` is not bool of their shape, or `confidence` is not 0 off it.
    """

    sigma: FloatMap
    confidence: FloatMap
    method: str
    _: KW_ONLY
    scale: float = 1.0
    unit: str = "px"
    mask: Mask = field(default_factory=lambda: EVERYWHERE)
    includes_pixel: bool = True
    doubt: str = ""
    anisotropy: FloatMap | None = None

    def __post_init__(self) -> None:
        if self.sigma.ndim != 2 or self.sigma.shape != self.confidence.shape:
            raise InputError(
                "Expected `sigma` and `confidence` to be (H, W) arrays of one shape, "
                f"but got {self.sigma.shape} and {self.confidence.shape}"
            )
        if self.anisotropy is not None and self.anisotropy.shape != self.sigma.shape:
            raise InputError(
                f"Expected `anisotropy` to be of the shape of `sigma`, {self.sigma.shape}, but got "
                f"{self.anisotropy.shape}"
            )
        ranges = {}
        for name in ("sigma", "confidence", "anisotropy"):
            values = getattr(self, name)
            if values is None:
                continue
            low, high = ranges[name] = values.min(initial=0), values.max(initial=0)
            if not (np.isfinite(low) and np.isfinite(high)):  # both pass NaN on
                raise InputError(f"Expected `{name}` to be finite, but it holds NaN or infinity")
        if ranges["confidence"][0] < 0 or ranges["confidence"][1] > 1:
            raise InputError("Expected `confidence` in [0, 1], but it holds other values")
        if self.unit == "px" and ranges["sigma"][0] < 0:
            raise InputError("Expected `sigma` in px not to be negative, but it is")
        if not self.scale > 0:
            raise InputError(f"Expected `scale` to be positive, but got {self.scale}")
        object.__setattr__(self, "mask", checked_mask(self.mask, self.shape))
        if not self.mask.all() and self.confidence[~self.mask].any():
            raise InputError("Expected `confidence` to be 0 where `mask` is False")

    def __repr__(self) -> str:
        height, width = self.shape
        sure = self.sigma[self.confidence >= 0.5]
        found = "nothing measured"
        if sure.size:
            share = 100 * sure.size / max(int(np.count_nonzero(self.mask)), 1)
            found = f"median {np.median(sure):.2f} {self.unit}, {share:.0f} % measured"
        return f'<DefocusMap "{self.method}", {width} x {height} px: {found}>'

    def _repr_html_(self) -> str:
        from blurprint.optics.map_picture import map_html

        return map_html(self)

    def plot(self) -> Figure:
        """The map with its colour scale, a matplotlib figure; what is not measured is hatched.

        Raises:
            InputError: if matplotlib is not installed.
        """
        from blurprint.optics.map_picture import plot_beside

        return plot_beside(self)

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

    @property
    def lens_sigma(self) -> FloatMap:
        """Blur before the pixel, float32 (H, W), root of the second moment per axis in pixels.

        ``sqrt(max(sigma^2 - 1/12, 0))`` where `sigma` includes the pixel, else `sigma` itself.

        Raises:
            InputError: if the unit of the map is not pixels.
        """
        if self.unit != "px":
            raise InputError(f'Expected a map in pixels, but its unit is "{self.unit}"')
        if not self.includes_pixel:
            return self.sigma
        return without_pixel(self.sigma)

    @property
    def disk_radius(self) -> FloatMap:
        """Radius of the even disk with this `lens_sigma`, 2 of it, float32 (H, W) in pixels.

        Raises:
            InputError: if the unit of the map is not pixels.
        """
        return np.float32(2) * self.lens_sigma

    @property
    def gaussian_sigma(self) -> FloatMap:
        """Width of the Gaussian fitted to what that disk does, float32 (H, W) in pixels.

        0.546 radii, as published blur is often given: 1.09 times `lens_sigma`, the disk's own
        second moment. Of a lens that blurs as a Gaussian it is 9 % too much.

        Raises:
            InputError: if the unit of the map is not pixels.
        """
        return np.float32(GAUSSIAN_PER_RADIUS) * self.disk_radius

    def normalized(self) -> FloatMap:
        """:func:`minmax` of ``sigma``, float32 (H, W) in [0, 1]; a constant map becomes zeros.

        This is the map that the paper's networks take (Jeon & Woo, 2025).

        >>> import numpy as np
        >>> one = np.ones((2, 2), np.float32)
        >>> DefocusMap(np.float32([[1, 2], [3, 5]]), one, "edge").normalized().tolist()
        [[0.0, 0.25], [0.5, 1.0]]
        """
        return minmax(self.sigma)

    def save(self, file: str | Path | BinaryIO, *, half: bool = False) -> None:
        """Write ``.npz``: float32 ``sigma`` and ``confidence``, bool ``mask``, and the rest.

        Compressed without loss; no pickles. With `half` the maps are float16, which keeps three
        digits. A path is taken as it is: no suffix is added.

        Raises:
            OSError: if the file cannot be written.
        """
        if isinstance(file, (str, Path)):
            with Path(file).open("wb") as opened:
                self.save(opened, half=half)
            return
        kind = np.float16 if half else np.float32
        most = np.finfo(kind).max
        arrays = {
            "sigma": self.sigma.clip(-most, most).astype(kind, copy=False),
            "confidence": self.confidence.astype(kind, copy=False),
            "method": np.array(self.method),
            "scale": np.array(self.scale),
            "unit": np.array(self.unit),
            "mask": self.mask,
            "includes_pixel": np.array(self.includes_pixel),
            "doubt": np.array(self.doubt),
            "version": np.array(FILE_VERSION),
        }
        if self.anisotropy is not None:
            arrays["anisotropy"] = self.anisotropy.astype(kind, copy=False)
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # of its flag allow_pickle

    @classmethod
    def load(cls, file: str | Path | BinaryIO) -> DefocusMap:
        """Read what :meth:`save` wrote.

        Raises:
            InputError: if the file is not such an ``.npz``, or one of a later version.
            OSError: if the file is not there or cannot be read.
        """
        if isinstance(file, (str, Path)):
            with Path(file).open("rb") as opened:
                return cls.load(opened)
        try:
            found = np.load(file, allow_pickle=False)
            if isinstance(found, np.ndarray):
                raise ValueError("it holds a single array")
            with found as stored:
                if int(stored.get("version", FILE_VERSION)) > FILE_VERSION:
                    raise ValueError("it was written by a later version of Blurprint")
                method = str(stored["method"])
                anisotropy = stored.get("anisotropy")
                return cls(
                    sigma=stored["sigma"].astype(np.float32, copy=False),
                    confidence=stored["confidence"].astype(np.float32, copy=False),
                    method=method,
                    scale=float(stored["scale"]),
                    unit=str(stored["unit"]),
                    mask=stored.get("mask", EVERYWHERE),
                    includes_pixel=bool(stored.get("includes_pixel", method not in _WITHOUT_PIXEL)),
                    doubt=str(stored.get("doubt", "")),
                    anisotropy=None if anisotropy is None else anisotropy.astype(np.float32),
                )
        except (KeyError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            name = getattr(file, "name", file)
            raise InputError(f"Expected a defocus map (.npz) in {name!s}: {error}") from error
