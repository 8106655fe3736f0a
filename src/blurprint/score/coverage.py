"""Whether a face is like those that a detector was trained on: the distance of its features.

A network answers about any picture, also about those of a kind that it never saw. The distance of
its features from those of training says when its answer means nothing. Fitted by
:mod:`blurprint.lab.measures.coverage_fit`; evaluated with NumPy alone.
"""

from __future__ import annotations

import base64
import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from blurprint.errors import InputError
from blurprint.weights.card import Part

Values = npt.NDArray[np.float64]


class Coverage(Part):
    """A Gaussian of the features of training: a few directions, and one variance for all others.

    It is probabilistic PCA (Tipping & Bishop, *Probabilistic principal component analysis*, Journal
    of the Royal Statistical Society B 61, 1999) of standardised features: its one variance for the
    small directions is the shrinkage that a few thousand faces need beside a thousand features.
    Directions are stored in 8 bits: 16 of 1,280 features take 27 kB.

    Attributes:
        mean: (D,) of the features of training, float32, little-endian, in base64.
        scale: (D,) standard deviations, the same.
        directions: (K, D) int8 in base64; 127 is the largest part of each direction.
        largest: (K,) that largest part.
        variances: (K,) variance of the standardised features along each direction.
        rest: variance along every other direction.
        threshold: largest distance that counts as covered.
        share: of the faces of training, held out from the fit, that lie within it.
        faces: number of faces of training.
        groups: number of groups of these, such as people.
    """

    mean: str
    scale: str
    directions: str
    largest: list[float]
    variances: list[float]
    rest: float = Field(gt=0)
    threshold: float = Field(gt=0)
    share: float = Field(gt=0, le=1)
    faces: int = Field(ge=1)
    groups: int = Field(ge=1)

    @model_validator(mode="after")
    def _fits(self) -> Coverage:
        try:
            mean, scale, directions = self._arrays
        except ValueError as error:
            raise ValueError("arrays in base64 of as many features each") from error
        count = len(directions)
        if not len(mean) == len(scale) == directions.shape[1] > 0:
            raise ValueError("arrays in base64 of as many features each")
        if len(self.variances) != count or any(one <= 0 for one in self.variances):
            raise ValueError("`variances` above 0, one for each direction")
        if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise ValueError("a finite `mean`, and `scale` above 0")
        return self

    @property
    def _arrays(self) -> tuple[Values, Values, Values]:
        return _unpacked(self.mean, self.scale, self.directions, tuple(self.largest))

    def distance(self, features: npt.ArrayLike) -> float:
        """Mahalanobis distance from the faces of training, per feature: about 1 for these.

        Args:
            features: (D,) of a face, as the network gives them.

        Raises:
            InputError: if there are not D of them, or one is NaN or infinite.
        """
        mean, scale, directions = self._arrays
        values = np.asarray(features, np.float64)
        if values.shape != mean.shape:
            raise InputError(f"Expected {len(mean)} features of a face, but got {values.shape}")
        if not np.isfinite(values).all():
            raise InputError("Expected finite features of a face, but got NaN or infinity")
        away = (values - mean) / scale
        # Sums of NumPy, not `@`: a BLAS adds in another order on another number of threads.
        along = (directions * away).sum(axis=1)
        beside = away - (directions * along[:, None]).sum(axis=0)
        squares = (along**2 / np.asarray(self.variances)).sum() + (beside**2).sum() / self.rest
        return math.sqrt(float(squares) / len(away))

    def covers(self, features: npt.ArrayLike) -> bool:
        """Whether a face lies within the threshold; arguments and errors as for the distance."""
        return self.distance(features) <= self.threshold


@lru_cache(maxsize=4)
def _unpacked(
    mean: str, scale: str, directions: str, largest: tuple[float, ...]
) -> tuple[Values, Values, Values]:
    """The arrays of a coverage: (D,), (D,) and (K, D).

    Raises:
        ValueError: if a text is no base64, or of no whole number of values.
    """
    away, spread = (
        np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float64)
        for text in (mean, scale)
    )
    steps = np.frombuffer(base64.b64decode(directions, validate=True), np.int8)
    parts = np.asarray(largest, np.float64)[:, None] / 127
    return away, spread, steps.reshape(len(parts), -1) * parts
