"""The noun: one way to estimate blur, with everything that its users must know about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cache
from typing import Final, Literal

from blurprint.arrays import FloatMap
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE
from blurprint.photos.check_rgb import ROUNDING, check_rgb
from blurprint.weights.card import Card, shipped

Estimator = Callable[[FloatMap], DefocusMap]
"""From RGB float32 (H, W, 3) in [0, 1] to a map."""
Unit = Literal["px", "map units"]
Constants = Mapping[str, float | list[float]]

CALIBRATED: Final = (
    f"Probability that sigma errs by at most {TOLERANCE_PX} px or {TOLERANCE_SHARE:.0%} of itself, "
    "whichever is larger, as calibrated on rendered photographs."
)
CAUSES: Final = (
    "can come from a lens out of focus, from movement, from a thing that is soft in itself, from "
    "enlargement, compression or retouching. The measurement does not tell these apart."
)
"""What may be behind a blur, for the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to estimate blur. Called like its `estimate`.

    Attributes:
        name: as the command line and :func:`blurprint.estimate_defocus` take it.
        estimate: the function.
        unit: of the maps: "px", or "map units" where they measure nothing in pixels.
        summary: what it is, in a phrase.
        confidence: what the confidence of its maps means, in a sentence.
        words: paragraphs that a report's page needs to be understood.
        calibrated: whether that confidence is the probability of an error within the
            :func:`~blurprint.optics.tolerance.tolerance`.
        error: from the tolerance in px and a confidence in (0, 1) to the expected error in px, or
            None where nothing is known of it.
        reach: largest blur that is measured, as a share of the picture's diagonal; None where none
            is stated.
        parameters: its main constants by name; names that end in ``_px`` are in pixels.
        network: name of the card of the weights that it runs, or None.
    """

    name: str
    estimate: Estimator
    unit: Unit
    summary: str
    confidence: str
    words: tuple[str, ...]
    _: KW_ONLY
    calibrated: bool = False
    error: Callable[[float, float], float] | None = None
    reach: float | None = None
    parameters: Constants = field(default_factory=lambda: frozen({}))
    network: str | None = None

    def __call__(self, rgb: FloatMap) -> DefocusMap:
        """The map of `rgb`, float32 (H, W, 3) in [0, 1], 8 px or more each way.

        Raises:
            InputError: if `rgb` is anything else, or holds NaN or infinity.
        """
        check_rgb(rgb, ROUNDING)
        return self.estimate(rgb)

    @property
    def in_pixels(self) -> bool:
        """Whether its maps measure blur in pixels."""
        return self.unit == "px"

    @property
    def card(self) -> Card | None:
        """The card of its weights, or None if it runs none."""
        return None if self.network is None else shipped(self.network)

    @property
    def weights(self) -> str | None:
        """SHA-256 of its ONNX file, or None if it runs none."""
        return None if self.network is None else _sha256(self.network)


@cache
def _sha256(network: str) -> str:
    """Of the weights behind a card that ships: asked for by every row of every report."""
    return str(shipped(network).content["sha256"])
