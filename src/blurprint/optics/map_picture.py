"""A map in colours: what a report, an overview and a notebook show of it."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from blurprint.arrays import FloatMap, Mask
from blurprint.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Bytes8 = npt.NDArray[np.uint8]

# A tolerance is an eighth of such a scale: docs/thresholds.md.
LEAST_TOP_PX: Final = 2.0
"""Least end of the colour scale in px, so that small differences do not look like findings."""
# The same as CONFIDENT: docs/thresholds.md.
MEASURED: Final = 0.5
"""Confidence from which a pixel counts as measured and its colour is shown unmixed."""
# Half of MEASURED: docs/thresholds.md.
GUESSED: Final = 0.25
"""Confidence below which no colour shows."""
# The same as MIN_SHARE: docs/thresholds.md.
LEAST_SHARE: Final = 0.001
"""Share of a picture that must be measured before any colour shows."""
UNKNOWN_GRAYS: Final = (np.uint8(150), np.uint8(232))
"""Lines and ground of the hatching where nothing is known; the colour scale has neither."""
ABSENT_GRAYS: Final = (np.uint8(124), np.uint8(222))
"""Lines and ground of what is no photograph."""
NOTEBOOK_SIDE: Final = 480
"""Longer side of the map in a notebook, in pixels."""
HATCHES: Final = 80
"""Lines along the side of a square picture."""


class Shown(Protocol):
    """What is shown of a map: the planes of a ``DefocusMap``, which itself shows itself by this."""

    @property
    def sigma(self) -> FloatMap:
        """Float32 (H, W), in `unit`."""

    @property
    def confidence(self) -> FloatMap:
        """Float32 (H, W) in [0, 1]."""

    @property
    def mask(self) -> Mask:
        """Bool (H, W), True on the photograph."""

    @property
    def unit(self) -> str:
        """Unit of `sigma`: "px" or "map units"."""


def viridis(share: npt.NDArray[np.floating]) -> Bytes8:
    """Colours of the perceptually even, colour-blind-safe scale viridis: (..., 3) RGB.

    Args:
        share: any shape, in [0, 1].
    """
    levels = np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)
    scale: Any = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_VIRIDIS)
    colours: Bytes8 = scale[:, 0, ::-1][levels]
    return colours


def hatched(share: npt.NDArray[np.floating], confidence: npt.NDArray[np.floating]) -> Bytes8:
    """The colours of `share`, hatched where `confidence` is below 0.5: (H, W, 3) RGB.

    From :data:`MEASURED` on the colour is shown as it is. Below, gray lines run over it, and it is
    mixed with a light ground; below :data:`GUESSED` only lines and ground are left.
    """
    colours = viridis(share)
    unsure = confidence < MEASURED
    if not unsure.any():
        return colours
    lines, ground = UNKNOWN_GRAYS
    weight = confidence[unsure] / np.float32(MEASURED - GUESSED) - GUESSED / (MEASURED - GUESSED)
    weight = np.clip(weight, 0, 1)[:, None]
    mixed = colours[unsure] * weight + np.float32(ground) * (1 - weight)
    mixed[_lines(unsure.shape)[unsure]] = lines
    colours[unsure] = np.rint(mixed).astype(np.uint8)
    return colours


def absent(shape: tuple[int, int]) -> Bytes8:
    """Crossed lines for what is no photograph: two grays, (H, W)."""
    crossed = _lines(shape) | _lines(shape)[:, ::-1]
    return np.where(crossed, *ABSENT_GRAYS).astype(np.uint8)


def map_colours(defocus: Shown, top: float, max_side: int) -> Bytes8:
    """The map in colour from 0 to `top`, at most `max_side` px, (H, W, 3) RGB.

    What is not measured is hatched, what is no photograph is hatched crosswise. A map whose unit is
    not pixels is drawn whole: the paper defines it everywhere, although it is computed from edges
    only.
    """
    share = reduced(defocus.sigma, max_side) / np.float32(top)
    if defocus.unit != "px":
        colours = viridis(share)
    else:
        confidence = reduced(defocus.confidence, max_side).clip(0, 1)
        if (defocus.confidence >= MEASURED).mean() < LEAST_SHARE:
            confidence = np.zeros_like(confidence)
        colours = hatched(share, confidence)
    if defocus.mask.all():
        return colours
    shown = reduced(defocus.mask.astype(np.float32), max_side) >= 0.5
    colours[~shown] = absent(shown.shape)[~shown][:, None]
    return colours


def colour_top(defocus: Shown) -> float:
    """An end of the colour scale that includes nearly all measured values, in the map's unit."""
    sure = defocus.sigma[defocus.confidence >= MEASURED]
    high = float(np.percentile(sure, 98)) if sure.size else 0.0
    if defocus.unit == "px":
        return max(high, LEAST_TOP_PX)
    return high or 1.0


def reduced(image: FloatMap, max_side: int) -> FloatMap:
    """The picture (H, W) or (H, W, C) by area average, its longer side at most `max_side` px."""
    height, width = image.shape[:2]
    ratio = max_side / max(height, width)
    if ratio >= 1:
        return image
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def map_html(defocus: Shown) -> str:
    """The map in little with the ends of its colour scale, for a notebook."""
    top = colour_top(defocus)
    small = map_colours(defocus, top, NOTEBOOK_SIDE)
    done, code = cv2.imencode(".png", np.ascontiguousarray(small[..., ::-1]))
    if not done:
        raise RuntimeError("OpenCV could not encode a .png picture")
    data = base64.b64encode(code.tobytes()).decode("ascii")
    return (
        f"<div><img alt='map' src='data:image/png;base64,{data}'><div>{escape(repr(defocus))}; "
        f"colour from 0 to {top:.3g} {escape(defocus.unit)}, hatched is not measured</div></div>"
    )


def plot_beside(defocus: Shown, rgb: FloatMap | None = None) -> Figure:
    """The map with its colour scale, right of the photograph if that is given, for a notebook.

    Args:
        defocus: the map.
        rgb: float32 (H, W, 3) in [0, 1], or None.

    Raises:
        InputError: if matplotlib is not installed.
    """
    try:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError("A plot needs matplotlib: pip install matplotlib") from error

    height, width = defocus.sigma.shape
    count = 1 if rgb is None else 2
    side = 10 / count
    tall = min(side * height / width, 12.0) + 0.6
    figure = Figure(figsize=(10, tall), layout="constrained")
    places = figure.subplots(1, count, squeeze=False)[0]
    if rgb is not None:
        places[0].imshow(np.clip(reduced(rgb, 1200), 0, 1), extent=(0, width, height, 0))
        places[0].set_title("photograph")
    top = colour_top(defocus)
    places[-1].imshow(map_colours(defocus, top, 1000), extent=(0, width, height, 0))
    places[-1].set_title("blur; hatched is not measured" if defocus.unit == "px" else "map")
    for place in places:
        place.set_xticks([])
        place.set_yticks([])
    figure.colorbar(
        ScalarMappable(Normalize(0, top), "viridis"), ax=places[-1], label=f"sigma, {defocus.unit}"
    )
    return figure


def _lines(shape: tuple[int, int]) -> Mask:
    """Where diagonal lines run, bool (H, W)."""
    period = max(6, round((shape[0] * shape[1]) ** 0.5) // HATCHES)
    place = np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % period
    return place < max(1, period // 6)
