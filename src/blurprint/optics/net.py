"""The learned metric estimator: method "net", in 8-bit integers, and "net-float".

A small network, trained on photographs rendered with known blur (`blurprint train estimator`),
estimates the blur of every pixel and the scale of its own error. It runs in ONNX Runtime, in
windows, so that memory does not grow with the picture, and on a pyramid, since blur beyond its
range is within it on a coarser level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from math import ceil, log
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.errors import InputError
from blurprint.frozen import frozen
from blurprint.lens.pixel import PIXEL_VARIANCE, whole_sigma
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.method import CALIBRATED, CAUSES, Method
from blurprint.optics.pyramid import enlarge, halve
from blurprint.optics.tolerance import TOLERANCE_SHARE, tolerance
from blurprint.optics.windows import cut_windows
from blurprint.weights.card import EstimatorCard, read_card, shipped
from blurprint.weights.session import Session, session_of

MOST_PIXELS = 2_150_000
"""Pixels that are read at once, in half a gigabyte; of larger pictures, windows are."""
WINDOW_PIXELS = 950_000
"""Pixels of such a window at most: beside a larger picture and its report there is less room."""
MARGIN = 336
"""Margin of a window in pixels: wider than the field of view of the network around a pixel."""
# Three suffice at 512 px; larger pictures need the rest: docs/thresholds.md.
MAX_LEVELS = 5
"""Levels of the pyramid: each measures blur up to about 6 px, all together up to 100 px."""
# Four times the stride of the network: docs/thresholds.md.
MIN_LEVEL_SIDE = 64
# At 0.6 to 1.25 times these, strong blur is wrong in 10 %, as here: docs/thresholds.md.
COARSE_FROM, COARSE_FULL = 1.75, 2.75
"""Blur on a coarser level, in its pixels: unused below FROM, used fully above FULL."""
# Strong blur is wrong in 11 % at 0.6 times these, 10 here; at 1.25 times 20 px are not found:
# docs/thresholds.md.
FINE_FROM, FINE_FULL = 4.0, 5.5
"""Below FROM the fine level is kept, above FULL the coarse level replaces it, linear in between."""
# 0.6 to 1.6 times these changes the wrong ones by half a percent: docs/thresholds.md.
FLAT_FROM, FLAT_FULL = 4.0, 5.5
"""The same where the fine level is unsure; then by the blur that the next coarser one estimates."""
# With 0.02 blur beyond 13 px is not found at 512 px: strong blur measured in 62 %, here in 89:
# docs/thresholds.md.
LARGEST_SHARE = 0.03
"""Blur beyond this share of the picture's diagonal cannot be distinguished from soft shading."""
# 0.6 to 1.6 times these changes the wrong ones by a percent; measured 93 to 73 %, here 89:
# docs/thresholds.md.
SURE_FROM, SURE_FULL = 3.0, 8.0
"""Blur over its own error: below FROM a level counts as unsure, above FULL as sure."""
# Blur of 40 px at 512 px counts as measured in 7 %, without them in 90: docs/thresholds.md.
BEYOND_FROM, BEYOND_FULL = 6.3, 6.5
"""Blur that the coarsest level cannot tell from wider blur, in its pixels: what is wider than 7 px
has the label 7 px in training. Below FROM it is measured, above FULL it is a lower bound."""
# Shading measured: 8 % with 0 and 1, 7 here, 14 with 0.5 and 0.9: docs/thresholds.md.
BEYOND_SHARE = 0.3, 0.6
"""Share of such a bound in the merged levels: unchanged below the first, a bound at the second."""
# A guess, which the map shows; shading measured: 7 % here, 5 with 2: docs/thresholds.md.
BEYOND_SCALE = 0.35
"""Scale of the error of a bound, as a share of it: confidence is then 0.31."""

_CURVE_STEPS: Final = 4096  # of the table of confidence: np.interp takes 10 times as long


class Reading(NamedTuple):
    """Estimates of one level, float32 (H, W) each.

    Attributes:
        sigma: blur in pixels of the level, the pixel's own box included.
        scale: scale b of the Laplace distribution of its error, in pixels of the level.
        anisotropy: 0 where blur is round, 1 where it is a line; None from networks without this
            output.
    """

    sigma: FloatMap
    scale: FloatMap
    anisotropy: FloatMap | None = None


def net_map(
    rgb: FloatMap,
    *,
    method: str = "net",
    most_pixels: int = MOST_PIXELS,
    card: Path | None = None,
) -> DefocusMap:
    """Blur in pixels by the network that ships, of `rgb`, float32 (H, W, 3) in [0, 1].

    Args:
        rgb: the picture.
        method: one of :data:`NET_METHODS`.
        most_pixels: largest number of pixels processed at once, which limits memory.
        card: card of another network of the same kind; None takes the one that ships.

    Returns:
        `sigma` in pixels, the pixel's own box included. `confidence` is the probability that
        `sigma` errs by at most :func:`blurprint.optics.tolerance.tolerance`, 0.25 px or 15 %, as
        calibrated on rendered photographs not used in training. `anisotropy` is how far each blur
        is from round; None from networks without this output.

    Raises:
        InputError: if `most_pixels` is less than the margins of a window, or `rgb` is not finite.
    """
    if not np.isfinite((rgb.min(), rgb.max())).all():  # both pass NaN on
        raise InputError("Expected a picture of finite values, but it holds NaN or infinity")
    network = _network(_CARDS[method] if card is None else card)
    reading = _read_pyramid(rgb, lambda level: network.read(level, most_pixels))
    return DefocusMap(
        sigma=reading.sigma,
        confidence=network.confidence(reading),
        method=method,
        anisotropy=reading.anisotropy,
    )


def _read_pyramid(rgb: FloatMap, read: Callable[[FloatMap], Reading]) -> Reading:
    """Estimate all levels of the picture, and take strong blur from the coarser ones."""
    levels = [read(rgb)]
    largest = LARGEST_SHARE * float(np.hypot(*rgb.shape[:2]))
    while len(levels) < MAX_LEVELS and FINE_FROM * 2 ** len(levels) <= largest:
        witnessed = FINE_FROM * 2 ** (len(levels) + 1) <= largest
        if not _asks_for_coarser(levels[-1], unsure_too=witnessed):
            break
        rgb = halve(rgb)
        if min(rgb.shape[:2]) < MIN_LEVEL_SIDE:
            break
        levels.append(read(rgb))
    merged = levels.pop()
    beyond = _ramp(merged.sigma, BEYOND_FROM, BEYOND_FULL)
    own = np.zeros_like(merged.sigma)  # the coarsest level has no witness beyond itself
    while levels:
        fine = levels.pop()
        height, width = fine.sigma.shape

        def at_fine(plane: FloatMap, shape: tuple[int, int] = (height, width)) -> FloatMap:
            return np.asarray(enlarge(plane, 1, shape, cv2.INTER_LINEAR))

        own, beyond = at_fine(own), at_fine(beyond)
        planes = (None if plane is None else at_fine(plane) for plane in merged)
        coarse = Reading(*planes)  # type: ignore[arg-type]  # None only where Reading has it
        share = _share_of_coarser(fine, coarse, own)
        own = fine.sigma.copy() if levels else own
        wide = _ramp(fine.sigma, BEYOND_FROM, BEYOND_FULL)
        beyond = wide + share * (beyond - wide)
        fine.sigma[:] += share * (_at_finer_level(coarse.sigma) - fine.sigma)
        fine.scale[:] += share * (2 * coarse.scale - fine.scale)
        if fine.anisotropy is not None and coarse.anisotropy is not None:
            fine.anisotropy[:] += share * (coarse.anisotropy - fine.anisotropy)
        merged = fine
    bound = _ramp(beyond, *BEYOND_SHARE)
    merged.scale[:] += bound * np.maximum(BEYOND_SCALE * merged.sigma - merged.scale, 0)
    return merged


def _at_finer_level(sigma: FloatMap) -> FloatMap:
    """Sigma of a level in pixels of the one below it, without what halving added.

    The mean of two pixels has a variance of 1/4 about their middle: ``4 sigma^2 - 1/4``.
    """
    return np.sqrt(np.maximum(4 * np.square(sigma) - np.float32(0.25), np.float32(PIXEL_VARIANCE)))


def _asks_for_coarser(reading: Reading, *, unsure_too: bool) -> bool:
    """Whether a coarser level may change this one; where it is unsure, only if two more follow."""
    asks = reading.sigma > FINE_FROM
    if unsure_too:
        asks |= reading.scale > 0.5 * reading.sigma + 0.25
    return bool(asks.mean() >= 0.005)


def _share_of_coarser(fine: Reading, coarse: Reading, own: FloatMap) -> FloatMap:
    """How far the coarser level (in its pixels) replaces the fine one, float32 (H, W) in [0, 1].

    The coarser level must be sure of strong blur, and the fine level must estimate strong blur as
    well. Where the fine level is unsure, the next level must have estimated strong blur by itself
    (`own`), and a coarser one have confirmed it: a flat surface looks sharp on no level, and one
    coarse level alone would show blur where there is none.
    """
    sure = _ramp(coarse.sigma / coarse.scale, SURE_FROM, SURE_FULL)
    blind = 1 - _ramp(fine.sigma / fine.scale, SURE_FROM, SURE_FULL)
    lean = np.maximum(
        _ramp(fine.sigma, FINE_FROM, FINE_FULL), blind * _ramp(own, FLAT_FROM, FLAT_FULL)
    )
    return _ramp(coarse.sigma, COARSE_FROM, COARSE_FULL) * sure * lean


def _ramp(values: FloatMap, start: float, end: float) -> FloatMap:
    return np.clip((values - np.float32(start)) / np.float32(end - start), 0, 1)


class _Network:
    """An ONNX session with what its card says of input and outputs."""

    def __init__(self, session: Session, content: dict[str, Any]) -> None:
        self._session = session
        self._kind = str(content.get("sigma", "lens"))
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._stride = int(content["input"]["stride"])
        curve = content["confidence"]
        self._tolerance = float(curve["tolerance_px"]), float(curve.get("tolerance_share", 0))
        knots = curve.get("log_ratio")
        if knots is None:  # of before tolerance was relative: by the scale in pixels
            knots = [knot - np.log(self._tolerance[0]) for knot in curve["log_scale"]]
        self._lowest = np.float32(knots[0])
        self._steps = np.float32((_CURVE_STEPS - 1) / max(knots[-1] - knots[0], 1e-6))
        fine = np.linspace(knots[0], knots[-1], _CURVE_STEPS)
        self._probabilities = np.interp(fine, knots, curve["probability"]).astype(np.float32)

    def confidence(self, reading: Reading) -> FloatMap:
        """Probability of an error within the tolerance, float32 (H, W)."""
        place = np.log(reading.scale / tolerance(reading.sigma, *self._tolerance))
        place -= self._lowest
        place *= self._steps
        np.clip(np.rint(place, out=place), 0, _CURVE_STEPS - 1, out=place)
        return self._probabilities[place.astype(np.int32)]

    def read(self, rgb: FloatMap, most_pixels: int) -> Reading:
        """One level, window by window; they start at multiples of the stride, as the whole does."""
        height, width = rgb.shape[:2]
        stride = self._stride
        size = (stride * ceil(height / stride), stride * ceil(width / stride))
        padded = cv2.copyMakeBorder(
            rgb,
            0,
            size[0] - height,
            0,
            size[1] - width,
            cv2.BORDER_REFLECT_101 if min(height, width) > stride else cv2.BORDER_REPLICATE,
        )
        if size[0] * size[1] > most_pixels:
            most_pixels = min(most_pixels, WINDOW_PIXELS)
        windows = cut_windows(size, most_pixels=most_pixels, margin=MARGIN, stride=stride)
        if len(windows) == 1:
            planes = self._run(padded)
        else:
            planes = [np.empty(size, np.float32) for _ in self._outputs]
            for window in windows:
                for whole, part in zip(planes, self._run(padded[window.seen]), strict=True):
                    whole[window.kept] = part[window.inner]
        by_name = {
            name: plane[:height, :width]
            for name, plane in zip(self._outputs, planes, strict=True)
            if name in Reading._fields
        }
        by_name["sigma"] = whole_sigma(by_name["sigma"], self._kind)
        return Reading(**by_name)

    def _run(self, rgb: FloatMap) -> list[FloatMap]:
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None])
        return [found[0, 0] for found in self._session.run(self._outputs, {"rgb": planes})]


@lru_cache(maxsize=4)
def _network(card: Path | str) -> _Network:
    if isinstance(card, str):
        described = shipped(card, EstimatorCard)
    else:
        described = read_card(card, EstimatorCard)
    return _Network(session_of(described), described.content)


NET: Final = "estimator-int8"
"""Name of the network behind the default method."""
_CARDS: Final[Mapping[str, str]] = MappingProxyType({"net": NET, "net-float": "estimator"})
"""The network that ships for each method of this file."""


def _expected_error(tolerance_px: float, confidence: float) -> float:
    """Mean absolute error b of a Laplace distribution, from ``c = 1 - exp(-t / b)``."""
    return -tolerance_px / log(1 - confidence)


def _method(name: str, summary: str) -> Method:
    return Method(
        name=name,
        estimate=partial(net_map, method=name),
        unit="px",
        summary=summary,
        confidence=CALIBRATED,
        words=(
            "Blur is read by a small network that has seen photographs rendered with known blur. "
            "It also says how sure it is: confidence is the probability that a value errs by at "
            f"most a quarter of a pixel, or {100 * TOLERANCE_SHARE:.0f} % of it if that is more. "
            "The map is hatched where that is below one half, as on smooth surfaces, and values "
            "count by their confidence in the numbers on this page.",
            f"Blur {CAUSES}",
        ),
        calibrated=True,
        error=_expected_error,
        reach=LARGEST_SHARE,
        parameters=frozen(
            {
                "most_pixels_at_once": MOST_PIXELS,
                "most_pixels_of_a_window": WINDOW_PIXELS,
                "margin_px": MARGIN,
                "pyramid_levels_at_most": MAX_LEVELS,
                "coarser_level_from_px": COARSE_FROM,
                "coarser_level_fully_from_px": COARSE_FULL,
            }
        ),
        network=_CARDS[name],
    )


NET_METHODS: Final = (
    _method("net", "blur in pixels, by a network in 8-bit integers"),
    _method("net-float", "the same network in float: slower and no better"),
)
"""The methods that run a network, the default first."""
