"""What the confidence of each method in pixels promises, on photographs of known blur.

"net" and "net-float" promise a probability: of the pixels of confidence c, a share of c errs by no
more than the tolerance (0.25 px, or 15 % if that is more). It also says by how much they err: the
scale b of a Laplace distribution follows from ``c = 1 - exp(-tolerance / b)``, so that the mean of
``|error| / b``, the pull, is 1. "edge" promises only the error that noise gives the width of an
isolated edge, e of ``c = 1 / (1 + (e / tolerance)^2)``.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pytest

from blurprint.lab.measures.confidence_curve import reliability
from blurprint.lab.rendering.draw_camera import draw_camera
from blurprint.lab.rendering.scenes import draw_scene
from blurprint.lab.rendering.sharp_sources import SharpPatch
from blurprint.lens.aperture import DISK, GAUSSIAN, Aperture
from blurprint.lens.pixel import with_pixel
from blurprint.optics.methods import METHODS
from blurprint.optics.tolerance import tolerance
from photographs import NAMES, photographed, sharp_photograph
from rendering import analytic_step, degraded

CALIBRATED = [name for name, method in METHODS.items() if method.calibrated]
LENSES = (DISK, GAUSSIAN, Aperture("polygon", blades=6))
NOISE = (0.0, 0.01, 0.02)


class Measured(NamedTuple):
    """Of many pixels: confidence, the error in px, and the error over the tolerance."""

    confidence: np.ndarray
    error: np.ndarray
    in_tolerances: np.ndarray

    @property
    def right(self) -> np.ndarray:
        return np.abs(self.in_tolerances) <= 1


@cache
def on_photographs(method: str) -> Measured:
    """Four photographs at twelve blurs of 0.3 to 6 px, with three lenses and levels of noise."""
    maps, truth = [], []
    for place, name in enumerate(NAMES):
        for step, sigma in enumerate(np.geomspace(0.3, 6, 12)):
            kind = (place + step) % 3
            photo = photographed(
                sharp_photograph(name), float(sigma), LENSES[kind], noise=NOISE[kind], seed=step
            )
            maps.append(METHODS[method](photo))
            truth.append(np.full(photo.shape[:2], with_pixel(sigma)))
    return compared(maps, truth)


def compared(maps: list, truth: list[np.ndarray]) -> Measured:
    sigma = np.stack([found.sigma for found in maps])
    error = sigma - np.stack(truth)
    return Measured(np.stack([m.confidence for m in maps]), error, error / tolerance(sigma))


def pulls(measured: Measured, method: str, least: float = 0.5) -> np.ndarray:
    """Errors over those that the confidence claims, of the pixels that count as measured."""
    chosen = measured.confidence >= least
    confidence = np.minimum(measured.confidence[chosen], 1 - 1e-6)
    # The claim in units of the tolerance depends on the confidence alone.
    claimed = np.interp(
        confidence,
        known := np.linspace(least, 1 - 1e-6, 2000),
        [METHODS[method].error(1.0, float(one)) for one in known],
    )
    return measured.in_tolerances[chosen] / claimed


class Photographs:
    """Sharp patches of four photographs, for scenes."""

    def draw(self, rng: np.random.Generator, size: int) -> SharpPatch:
        linear = sharp_photograph(NAMES[rng.integers(len(NAMES))], 133)
        tiled = np.pad(linear, ((0, size), (0, size), (0, 0)), mode="reflect")
        top, left = rng.integers(0, 100, 2)
        patch = np.ascontiguousarray(tiled[top : top + size, left : left + size])
        return SharpPatch(patch, np.ones((size, size), np.float32))


@cache
def scenes() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """A hundred scenes of layers through random lenses and cameras: picture, true sigma, known.

    As in the benchmark, blur up to 7 px counts, and not where layers of different blur mix.
    """
    drawn = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        scene = draw_scene(rng, Photographs(), 128, all_sharp=0.0)
        rgb, sigma, weight = scene.develop(draw_camera(rng), rng)
        true = with_pixel(sigma)
        drawn.append((rgb.astype(np.float32) / 255, true, (weight > 0.5) & (true < 7)))
    return drawn


@cache
def on_scenes(method: str) -> Measured:
    parts = []
    for rgb, true, known in scenes():
        found = METHODS[method](rgb)
        error = found.sigma - true
        parts.append(
            (found.confidence[known], error[known], (error / tolerance(found.sigma))[known])
        )
    return Measured(*(np.concatenate(values) for values in zip(*parts, strict=True)))


@pytest.mark.parametrize("method", CALIBRATED)
@pytest.mark.parametrize("least", [0.5, 0.6, 0.7, 0.8, 0.9])
def test_of_confident_pixels_that_share_is_right(method, least):
    measured = on_scenes(method)
    chosen = measured.confidence >= least
    assert chosen.mean() > 0.05, "such pixels must be there for the test to mean anything"
    # Measured: 0.000 to 0.005 more; on 40 of other sizes up to 0.11 less, since scenes are few.
    assert measured.right[chosen].mean() >= measured.confidence[chosen].mean() - 0.04
    even = on_photographs(method)  # blurred alike all over, which is easy: 0.07 to 0.2 more
    chosen = even.confidence >= least
    assert even.right[chosen].mean() >= even.confidence[chosen].mean()


@pytest.mark.parametrize("method", CALIBRATED)
def test_confidence_is_neither_too_high_nor_too_low_in_any_range(method):
    measured = on_scenes(method)
    bins = reliability(measured.confidence, measured.right)
    assert len(bins) == 10 and min(count for *_, count in bins) > 5_000
    for said, right, _ in bins:
        # Measured: up to 0.05 off from 0.4 on; below, where pixels are few, up to 0.23 too low.
        assert said - 0.06 < right < said + (0.06 if said > 0.4 else 0.24)
    shares = [right for _, right, _ in bins]
    assert np.all(np.diff(shares) > -0.07) and shares[-1] - shares[0] > 0.65


@pytest.mark.parametrize("method", CALIBRATED)
def test_errors_are_as_large_as_the_confidence_claims(method):
    pull = np.abs(pulls(on_scenes(method), method))
    # Of a Laplace distribution 1, and 63, 86 and 95 % within 1, 2 and 3. Measured: 1.19 and 1.17, a
    # few errors being far larger than claimed; and 59, 87 and 95 %.
    assert pull.mean() == pytest.approx(1.1, abs=0.3)
    for times, share in ((1, 0.63), (2, 0.86), (3, 0.95)):
        assert (pull <= times).mean() == pytest.approx(share, abs=0.07)


def test_edge_claims_the_error_that_noise_gives_to_an_isolated_edge():
    maps, truth = [], []
    for noise in (0.01, 0.03, 0.06):
        for sigma in (0.8, 1.5, 3.0):
            for seed in range(4):
                step = analytic_step(sigma, angle=7.0 * seed)
                worn = degraded(step, noise=noise, quality=None, seed=seed)
                maps.append(METHODS["edge"](worn))
                truth.append(np.full(worn.shape[:2], sigma))
    measured = compared(maps, truth)
    pull = pulls(measured, "edge")
    # Measured: median 0.00, standard deviation 0.27, 99 % within 1. It claims too much rather than
    # too little: many pixels share in the evidence of one edge.
    assert pull.size > 100_000
    assert abs(np.median(pull)) < 0.1
    assert 0.1 < pull.std() < 0.5
    assert (np.abs(pull) <= 1).mean() > 0.95
    chosen = measured.confidence >= 0.5
    assert measured.right[chosen].mean() > 0.95


def test_edge_claims_no_probability_in_texture():
    # Its claim accounts for noise, not for neighbouring edges: in texture, of what counts as
    # measured, fewer than half are right, and errors are twice as large as claimed. Measured: 44 %
    # and 2.13.
    measured = on_scenes("edge")
    chosen = measured.confidence >= 0.5
    assert not METHODS["edge"].calibrated
    assert measured.right[chosen].mean() == pytest.approx(0.44, abs=0.08)
    assert np.abs(pulls(measured, "edge")).mean() == pytest.approx(2.1, abs=0.5)
