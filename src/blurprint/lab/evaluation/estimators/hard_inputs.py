"""What the methods say of hard inputs: each condition with known truth, and the bar it must pass.

A method passes where it is right, or unsure, or says that nothing can be measured; it fails where
it is sure and wrong. Pictures come from photographs of the split "test", of which no training patch
was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from blurprint.errors import InputError
from blurprint.evidence.confident import CONFIDENT
from blurprint.lab.evaluation.estimators import hard_pictures as draw
from blurprint.lab.evaluation.estimators.hard_pictures import HardPicture
from blurprint.lab.rendering.scenes import Sources
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.estimate import apply_estimator
from blurprint.optics.method import Estimator

Progress = Callable[[int, int], None]
"""Called with what is done and what is wanted."""

# Defines a verdict of the table: docs/thresholds.md.
UNSURE: Final = 0.10
"""Share measured under which a picture, or a condition, counts as not measured."""
# Below half of TOLERANCE_PX: docs/thresholds.md.
CHANGED_PX: Final = 0.1
"""Difference from which a map counts as changed by what is around the photograph, in pixels."""


@dataclass(frozen=True, slots=True)
class MethodReading:
    """What one method says of one picture, over the pixels that count.

    Attributes:
        pixels: how many count.
        measured: share of them with a confidence of more than 0.5.
        error: mean absolute error of these, in pixels; NaN if there is none, or no truth.
        bias: their mean of read minus true, over true; NaN likewise.
        under: share of all that are measured as less than half the truth.
        said: whether the method says that nothing in the picture can be measured.
        spread: largest over smallest median of the attitudes of the picture, less 1; or the share
            of a map that changes with a frame around the photograph; NaN for other pictures.
    """

    pixels: int
    measured: float
    error: float
    bias: float
    under: float
    said: bool
    spread: float


@dataclass(frozen=True, slots=True)
class BarOutcome:
    """The readings of one method under one condition, all pixels counting alike.

    Attributes:
        pictures: how many; those of which no pixel counts are left out.
        measured, error, bias, under, said, spread: as in :class:`MethodReading`; `said` is a share,
            `spread` the largest.
        silent: share of the pictures that are measured, 10 % or more, without a word.
    """

    pictures: int
    measured: float
    error: float
    bias: float
    under: float
    said: float
    spread: float
    silent: float


@dataclass(frozen=True, slots=True)
class Bar:
    """What an outcome must reach, in words, and whether it does."""

    text: str
    met: Callable[[BarOutcome], bool]


@dataclass(frozen=True, slots=True)
class HardCondition:
    """A kind of hard input: its name, what draws a picture of it, and the bar."""

    name: str
    render: Callable[[np.random.Generator, Sources], HardPicture]
    bar: Bar


RIGHT: Final = Bar(
    "error at most 0.5 px, or under 10 % measured",
    lambda o: o.measured < UNSURE or o.error <= 0.5,
)
NOT_UNDER: Final = Bar("at most 3 % sure of under half the blur", lambda o: o.under <= 0.03)
NOTHING: Final = Bar("nothing measured", lambda o: o.measured < 0.0005)
APART: Final = Bar(
    "nothing measured outside, map inside unchanged",
    lambda o: o.measured == 0 and o.spread < 0.001,
)
SAID: Final = Bar(
    "said, or under 10 % measured, in 95 % of the pictures", lambda o: o.silent <= 0.05
)
ALIKE: Final = Bar("medians within 5 % in every picture", lambda o: o.spread <= 0.05)
UNREAD: Final = Bar("under 10 % measured", lambda o: o.measured < UNSURE)
UNBIASED: Final = Bar("bias at most 5 %", lambda o: abs(o.bias) <= 0.05)

CONDITIONS: Final = (
    *(
        HardCondition(
            f"blur {draw.BLURRED:g} px under {name}, {percent} %",
            partial(draw.grainy, strength=percent / 100, size=size),
            RIGHT,
        )
        for name, size in (("white noise", 0.5), ("grain of 1.5 px", 1.5))
        for percent in (5, 10, 15)
    ),
    HardCondition("camera shake, straight", partial(draw.shaken, straight=True), NOT_UNDER),
    HardCondition("camera shake, curved", partial(draw.shaken, straight=False), NOT_UNDER),
    HardCondition("letterbox bars", draw.barred, APART),
    HardCondition("frame", draw.framed, APART),
    HardCondition("transparent borders", draw.transparent, APART),
    HardCondition("soft shading, noise 1 %", draw.shaded, NOTHING),
    HardCondition("rims of lights, dark around", partial(draw.lights, dark=True), NOT_UNDER),
    HardCondition("rims of lights, photograph", partial(draw.lights, dark=False), NOT_UNDER),
    HardCondition(
        "GIF, 16 colours, dithered", partial(draw.few_colours, colours=16, dither=True), SAID
    ),
    HardCondition(
        "GIF, 16 colours, banded", partial(draw.few_colours, colours=16, dither=False), SAID
    ),
    HardCondition(
        "GIF, 256 colours, dithered", partial(draw.few_colours, colours=256, dither=True), RIGHT
    ),
    HardCondition("ordered dither", draw.ordered_dither, SAID),
    HardCondition("ordered dither, JPEG 80", partial(draw.ordered_dither, quality=80), SAID),
    HardCondition("halftone of a print", draw.halftone, SAID),
    HardCondition("nearest neighbour", draw.repeated, SAID),
    HardCondition("screenshot of text", draw.screenshot, SAID),
    HardCondition("8 attitudes, blur 2 px", draw.attitudes, ALIKE),
    *(
        HardCondition(f"clean blur {sigma:g} px", partial(draw.clean, sigma=sigma), UNBIASED)
        for sigma in (1.0, 2.0, 3.0, 4.5)
    ),
    *(
        HardCondition(f"blur {sigma:g} px, too wide", partial(draw.clean, sigma=sigma), UNREAD)
        for sigma in (20.0, 40.0)
    ),
    HardCondition("JPEG 70 twice", draw.encoded_twice, RIGHT),
    HardCondition("sharpening halo", draw.sharpened, RIGHT),
    HardCondition("enlarged 2 times", draw.enlarged, RIGHT),
)
"""Every condition, in the order of the table. Clean blur and what follows are through a disk. Of
pictures of 256 px, two levels are read, to 14 px together: what is wider is beyond them."""


def read_hard_inputs(
    methods: Mapping[str, Estimator],
    sources: Sources,
    *,
    pictures: int,
    seed: int,
    conditions: Sequence[HardCondition] = CONDITIONS,
    progress: Progress | None = None,
) -> dict[str, dict[str, BarOutcome]]:
    """By condition and by method, what comes of `pictures` pictures.

    Raises:
        InputError: if there is no picture, or a method does not measure in pixels.
    """
    if pictures < 1:
        raise InputError(f"Expected at least 1 picture, but got {pictures}")
    outcomes: dict[str, dict[str, BarOutcome]] = {}
    for number, condition in enumerate(conditions):
        readings: dict[str, list[MethodReading]] = {name: [] for name in methods}
        for picture in range(pictures):
            # Every condition sees the same patches first; what it draws beyond is its own.
            drawn = condition.render(np.random.default_rng([seed, picture]), sources)
            for name, estimator in methods.items():
                readings[name].append(read(drawn, estimator))
            if progress is not None:
                progress(number * pictures + picture + 1, len(conditions) * pictures)
        outcomes[condition.name] = {name: summarise(found) for name, found in readings.items()}
    return outcomes


def read(picture: HardPicture, estimator: Estimator) -> MethodReading:
    """What `estimator`, with what recognises inputs that cannot be measured, says of a picture.

    Raises:
        InputError: if it does not measure in pixels.
    """
    maps = [apply_estimator(photo, estimator) for photo in picture.photos]
    found = maps[0]
    sigma, where = found.lens_sigma, picture.where
    sure = (found.confidence > CONFIDENT) & where
    pixels = int(where.sum())
    known = picture.true > 0 and bool(sure.any())
    difference = sigma[sure] - np.float32(picture.true)
    return MethodReading(
        pixels=pixels,
        measured=float(sure.sum() / max(pixels, 1)),
        error=float(np.abs(difference).mean()) if known else np.nan,
        bias=float(difference.mean() / picture.true) if known else np.nan,
        under=float((sure & (sigma < picture.true / 2)).sum() / max(pixels, 1)),
        said=bool(found.doubt),
        spread=_changed(picture, maps) if picture.inner else _spread(maps),
    )


def summarise(readings: Sequence[MethodReading]) -> BarOutcome:
    """The means over all pixels that count, or that are measured; see :class:`BarOutcome`."""
    counted = [one for one in readings if one.pixels]
    weights = np.array([one.pixels for one in counted], float)
    sure = weights * [one.measured for one in counted]

    def mean(values: Sequence[float], of: npt.NDArray[np.float64]) -> float:
        valid = np.isfinite(values)
        total = float(of[valid].sum())
        return float((of[valid] * np.array(values)[valid]).sum() / total) if total else np.nan

    spreads = [one.spread for one in counted if np.isfinite(one.spread)]
    return BarOutcome(
        pictures=len(counted),
        measured=mean([one.measured for one in counted], weights),
        error=mean([one.error for one in counted], sure),
        bias=mean([one.bias for one in counted], sure),
        under=mean([one.under for one in counted], weights),
        said=float(np.mean([one.said for one in counted])) if counted else np.nan,
        spread=max(spreads) if spreads else np.nan,
        silent=(
            float(np.mean([not one.said and one.measured >= UNSURE for one in counted]))
            if counted
            else np.nan
        ),
    )


def _spread(maps: Sequence[DefocusMap]) -> float:
    if len(maps) < 2:
        return np.nan
    medians = []
    for one in maps:
        sure = one.confidence > CONFIDENT
        if not sure.any():
            return np.nan
        medians.append(float(np.median(one.sigma[sure])))
    return max(medians) / max(min(medians), 1e-6) - 1


def _changed(picture: HardPicture, maps: Sequence[DefocusMap]) -> float:
    """Share of the photograph whose map is another without the frame."""
    assert picture.inner is not None
    framed, alone = maps
    sigma = np.abs(framed.sigma[picture.inner] - alone.sigma) > CHANGED_PX
    trust = np.abs(framed.confidence[picture.inner] - alone.confidence) > CHANGED_PX
    return float((sigma | trust).mean())
