"""The classical metric estimator: method "edge".

Edge widths are estimated at several scales (:mod:`blurprint.optics.edge_profile`), on the picture
and on its pyramid, each with the error that follows from the picture's noise. They are combined,
weighted by their errors, and spread from the edges by a confidence-weighted pyramid. Nothing is
measured away from edges; `confidence` falls with the distance from them.
"""

from __future__ import annotations

from math import ceil, pi, sqrt
from typing import NamedTuple

import cv2
import numpy as np

from blurprint.arrays import FloatMap, Mask
from blurprint.frozen import frozen
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.edge_profile import edge_profile, slope_2_noise, slope_noise
from blurprint.optics.method import CAUSES, Method
from blurprint.optics.pyramid import REDUCE_NOISE, REDUCE_VARIANCE, enlarge, halve, reduce
from blurprint.optics.spread import pull_push
from blurprint.optics.tolerance import TOLERANCE_PX, TOLERANCE_SHARE, tolerance

# Its curves were computed for these two: docs/thresholds.md.
SCALES = (1.2, 1.8)
"""Scales of the derivative kernels on every level, in pixels of that level."""
# No difference from 3 to 6 at 512 px: docs/thresholds.md.
MAX_LEVELS = 5
MIN_LEVEL_SIDE = 24
# Measured: 14 % with 1, 24 here, 33 with 3, at about the same error: docs/thresholds.md.
POOL_RADIUS = 2
"""Half width of the window over which one edge's profile is pooled, in pixels of the level."""
# Measured: 25 % with 0.01, 24 here, 23 with 0.063; wrong of it 66, 64, 64 %: docs/thresholds.md.
MIN_STEP = 0.025
"""Least height of a step that is measured, as a share of the full range."""
# Median error: 28 % with 3.3, 26 here, 26 with 7.5; in pure noise nothing is measured:
# docs/thresholds.md.
NOISE_GATE = 5.0
"""How many standard deviations of noise a gradient must reach to count as an edge."""
# A definition: docs/thresholds.md.
NOISE_FLOOR = 0.3 / 255
"""Noise of a clean 8-bit picture: its rounding, uniform over one level."""
# Measured: 27 % with 0.04, 24 here, 16 with 0.25, at the same error: docs/thresholds.md.
MODEL_ERROR = 0.1
"""Error of the step model, as a share of the squared re-blur: neighbours disturb wide kernels."""
# Measured: 47 % with 0.2, 32 with 0.33, 24 here, 22 with 0.75, at about the same error:
# docs/thresholds.md.
MAX_ERROR = 0.5
"""Estimates whose error exceeds this share of the squared width are dropped."""
# Measured: 26 % with 4, 24 here, 23 with 16, at the same error: docs/thresholds.md.
DISCOUNT_REACH = 8
"""Side of the square in which a finer estimate replaces coarser ones, in pixels of its level."""
# No difference from 0.02 on: docs/thresholds.md.
MAX_SIGMA_SHARE = 0.03
"""Widest blur that is measured, as a share of the picture's diagonal: wider ramps are shading."""
# No difference from 4 to 16 at 512 px: docs/thresholds.md.
MIN_WIDEST_PX = 8.0
"""Widest blur that is measured in small pictures, in pixels."""
# Measured: 16 % with 10, 24 here, 32 with 60, at the same error: docs/thresholds.md.
REACH_PX = 24.0
"""Distance from the evidence at which confidence has fallen to exp(-1/2)."""

# Below 0.7 px the samples of an edge depend on where it falls on the grid: at 0.5 px a hard step
# on the grid, blurred by a sampled Gaussian, reads as a squared sigma of 0.08 px^2 and an analytic
# edge as 0.21 to 0.27. The curve passes between the two, so that either reads true within 10 %.
_READ_PX2 = np.array([-0.11, -0.045, 0.078, 0.22, 0.27, 0.364, 0.48, 0.6])
_TRUE_PX2 = np.array([0.08, 0.13, 0.213, 0.288, 0.306, 0.406, 0.485, 0.6])


# Squared width per squared smoothing, and true over apparent squared width, of crowded edges: see
# `_stretch_of_crowded`. Below the first knot a wave is all that is left, which fits any blur.
_GROWTH = np.array([0.12, 0.24, 0.45, 0.58, 0.72, 0.85, 0.94, 1.0])
_STRETCH = np.array([1.43, 1.27, 1.136, 1.087, 1.05, 1.022, 1.008, 1.0])


def edge_map(rgb: FloatMap) -> DefocusMap:
    """Blur in pixels from the widths of the edges of `rgb`, float32 (H, W, 3) in [0, 1].

    Returns:
        `sigma` in pixels, spread from the edges over the whole picture; `confidence` falls with
        the noise of the nearest edges and with the distance from them, and is 0 throughout a
        picture without edges.
    """
    gray = cv2.transform(rgb, np.full((1, 3), 1 / 3))
    evidence = _measure(gray)
    weight = evidence.weight
    sigma = pull_push(evidence.sigma, weight)
    confidence = _confidence(weight, evidence.trust)
    return DefocusMap(sigma=sigma, confidence=confidence, method="edge")


def _rayleigh_scale(slope: FloatMap) -> float:
    """Noise of one gradient component, if all of `slope` were noise; far less in most pictures.

    The slopes of noise follow Rayleigh's distribution, whose 0.3 % quantile is 0.0775 scales. It
    sees the noise that JPEG has left in low frequencies, where the white-noise estimate is blind.
    One flat corner of a picture, or the ridges and troughs of stripes, keep it near zero.
    """
    step = max(1, slope.size // 65536)
    return float(np.quantile(slope.ravel()[::step], 0.003)) / 0.0775


class _Evidence(NamedTuple):
    """Estimates on the edges, float32 (H, W): `sigma`, its `weight` in the spread, and `trust`.

    `trust` is the weight lowered further where the scales disagree: in texture and close stripes,
    where a step model does not separate blur from spacing.
    """

    sigma: FloatMap
    weight: FloatMap
    trust: FloatMap


def noise_level(gray: FloatMap) -> float:
    """Standard deviation of white noise in `gray`, robust to structure.

    Median absolute response to Immerkaer's mask (*Fast Noise Variance Estimation*, CVIU 1996),
    which is blind to straight horizontal and vertical edges; never below 8-bit rounding.
    """
    second = np.array([1.0, -2.0, 1.0])
    response = cv2.sepFilter2D(gray, cv2.CV_32F, second, second)[1:-1, 1:-1]
    step = max(1, response.size // 65536)
    spread = float(np.median(np.abs(response.ravel()[::step]))) / 0.6745 / 6
    return max(spread, NOISE_FLOOR)


def _measure(gray: FloatMap) -> _Evidence:
    """Combine the estimates of all scales and levels, per pixel of the picture, coarse to fine."""
    height, width = gray.shape
    levels, noise = [gray], [noise_level(gray)]
    while len(levels) < MAX_LEVELS and min(levels[-1].shape) >= 2 * MIN_LEVEL_SIDE:
        levels.append(reduce(levels[-1]))
        noise.append(noise[-1] * REDUCE_NOISE)

    widest = max(MAX_SIGMA_SHARE * float(np.hypot(*gray.shape)), MIN_WIDEST_PX)
    total = np.zeros(gray.shape, np.float32)  # sums of weight and weight * reading
    first = np.zeros(gray.shape, np.float32)
    clash = np.zeros(gray.shape, np.float32)  # squared disagreement of the scales
    for index in reversed(range(len(levels))):
        widths = [_edge_widths(levels[index], scale, noise[index]) for scale in SCALES]
        # On coarser levels crowded edges read narrow, and the finer ones overrule them below.
        stretch = _stretch_of_crowded(*widths) if index == 0 else np.float32(1)
        for scale, edges in zip(reversed(SCALES), reversed(widths), strict=True):
            known = _mean_reading(first, total, 0)
            there = _mean_reading(first, total, index)
            stretched = edges._replace(squared=edges.squared * stretch)
            reading, weight = _weigh(stretched, scale, index, there, widest)
            reading = enlarge(reading, index, (height, width), cv2.INTER_NEAREST)
            weight = enlarge(weight, index, (height, width), cv2.INTER_NEAREST)
            # Neighbouring edges make wide kernels read too narrow: where this finer scale reads
            # significantly wider than the coarser ones, they are discounted.
            excess = np.where((total > 0) & (weight > 0), reading - known, 0)
            squared = excess * excess
            keep = 1 / (1 + np.where(excess > 0, squared * weight, 0))
            keep = cv2.erode(keep, np.ones((DISCOUNT_REACH * 2**index + 1,) * 2, np.uint8))
            share = weight / np.maximum(total + weight, np.float32(1e-30))
            clash = (1 - share) * (clash + share * squared)
            total = total * keep + weight
            first = first * keep + weight * reading
    measured = total > np.float32(1e-8)  # an error below 10^4 px^2
    safe = np.where(measured, total, 1)
    mean = first / safe
    below = mean < _READ_PX2[-1]
    sigma = np.sqrt(np.maximum(mean, 0))
    sigma[below] = np.sqrt(np.interp(mean[below], _READ_PX2, _TRUE_PX2))
    slope = 2 * np.maximum(sigma, 0.3)  # d(sigma^2) / d(sigma)
    weight = _weight(np.sqrt(1 / safe) / slope, sigma) * measured
    trust = _weight(np.sqrt(1 / safe + clash) / slope, sigma) * measured
    return _Evidence(sigma, weight, trust)


def _mean_reading(first: FloatMap, total: FloatMap, level: int) -> FloatMap:
    """Weighted mean of the estimates so far, at the size of a level; NaN where there are none."""
    for _ in range(level):
        first, total = halve(first), halve(total)
    return np.where(total > 0, first / np.where(total > 0, total, 1), np.float32(np.nan))


def _weight(error: FloatMap, sigma: FloatMap) -> FloatMap:
    relative = error / tolerance(sigma)  # an error of the tolerance counts half
    return (1 / (1 + relative * relative)).astype(np.float32, copy=False)


class _Widths(NamedTuple):
    """Edges of one level at one scale, float32 (H, W) in pixels of the level.

    `squared` is v, the squared width of the edges with the re-blur in it; `noise` the standard
    deviation of the pooled curvature relative to v^-2; `gate` where there is an edge at all.
    """

    squared: FloatMap
    noise: FloatMap
    gate: Mask


def _edge_widths(level: FloatMap, scale: float, noise: float) -> _Widths:
    slope, slope_1, slope_2, stray = edge_profile(level, scale)
    curvature = slope_1 * slope_1
    curvature -= slope * slope_2  # kappa G^2
    power = slope * slope
    noise_here = np.maximum(stray / slope_noise(scale), noise)
    gate = slope > NOISE_GATE * np.maximum(slope_noise(scale) * noise_here, _rayleigh_scale(slope))
    # Within 0.6 widths of the ridge: |G'/G| sqrt(v) < 0.6, with v = G^2 / curvature.
    gate &= slope_1 * slope_1 < 0.36 * curvature
    # Step height A = sqrt(2 pi v) G.
    gate &= 2 * pi * power * power > MIN_STEP**2 * curvature
    margin = ceil(4 * scale)  # beyond it the mirrored picture would be read
    inner = np.zeros_like(gate)
    inner[margin:-margin, margin:-margin] = True
    gate &= inner
    keep = gate.astype(np.float32)

    window = (2 * POOL_RADIUS + 1,) * 2
    curvature = cv2.boxFilter(curvature * keep, cv2.CV_32F, window, normalize=False)
    power = cv2.boxFilter(power * keep, cv2.CV_32F, window, normalize=False)
    squared = power / np.maximum(curvature, np.float32(1e-20))
    error = noise_here * slope_2_noise(scale) / np.sqrt(np.maximum(power, np.float32(1e-20)))
    return _Widths(squared, error, gate)


def _stretch_of_crowded(fine: _Widths, coarse: _Widths) -> FloatMap:
    """Factor by which the neighbours of an edge have narrowed it, float32 (H, W), 1 for none.

    Smoothing adds to the squared width of an isolated edge what it adds to the blur. Where it adds
    less, neighbouring edges have eaten into the profile. The curve is that of evenly spaced edges
    of alternating sign, whose profile is ``sum over k of (-1)^k exp(-(x - k d)^2 / 2 v)``.
    """
    step = np.float32(SCALES[1] ** 2 - SCALES[0] ** 2)
    grown = (coarse.squared - fine.squared) / step
    # Given the benefit of the doubt: noise must not look like neighbours.
    grown += (coarse.noise * coarse.squared**2 + fine.noise * fine.squared**2) / step
    stretch = np.interp(grown, _GROWTH, _STRETCH).astype(np.float32)
    stretch[~(fine.gate & coarse.gate)] = 1
    return stretch


def _weigh(
    widths: _Widths, scale: float, index: int, known: FloatMap, widest: float
) -> tuple[FloatMap, FloatMap]:
    """Squared sigma in square pixels of the picture, and one over its squared error; 0 off edges.

    `known` is the estimate of coarser scales, NaN where there is none. Errors are computed from it:
    computed from the noisy estimate itself, they would favour narrow widths. Estimates beyond
    `widest` pixels are dropped.
    """
    factor = 4.0**index
    reblur = factor * scale**2 + (factor - 1) / 3 * REDUCE_VARIANCE
    squared = factor * widths.squared
    expected = np.where(np.isnan(known), squared, np.maximum(known, 0) + reblur)
    error = expected * expected / factor * widths.noise
    gate = widths.gate & (error < MAX_ERROR * expected) & (squared < widest * widest + reblur)
    weight = gate / (error * error + (MODEL_ERROR * reblur) ** 2)
    variance = np.where(gate, squared - reblur, 0)
    return variance.astype(np.float32), weight.astype(np.float32)


def _confidence(weight: FloatMap, trust: FloatMap) -> FloatMap:
    if not weight.any():
        return np.zeros_like(weight)
    away = cv2.distanceTransform((weight < 0.2).astype(np.uint8), cv2.DIST_L2, 3)
    near = pull_push(trust, weight)
    away = np.minimum(away, 10 * REACH_PX)  # no evidence at all counts as infinitely far
    confidence: FloatMap = near * np.exp(-0.5 * (away / REACH_PX) ** 2)
    return np.clip(confidence, 0, 1)


def _expected_error(tolerance_px: float, confidence: float) -> float:
    """From ``c = 1 / (1 + (e / t)^2)``, e the standard deviation that noise gives a width."""
    return tolerance_px * sqrt(1 / confidence - 1)


EDGE = Method(
    name="edge",
    estimate=edge_map,
    unit="px",
    summary="blur in pixels, from the widths of edges",
    confidence="Falls with the noise of the nearest edges and with the distance from them; from "
    "0.5 on a pixel counts as measured.",
    words=(
        "Blur is read where the picture has edges: how gradually they pass from dark to light. "
        "Away from edges nothing can be read; the map is hatched there, and its filled-in values "
        "count little or nothing in the numbers on this page.",
        f"A wide edge {CAUSES}",
    ),
    error=_expected_error,
    reach=MAX_SIGMA_SHARE,
    parameters=frozen(
        {
            "kernel_sigmas_px": list(SCALES),
            "pyramid_levels_at_most": MAX_LEVELS,
            "least_step": MIN_STEP,
            "noise_gate_sigmas": NOISE_GATE,
            "tolerance_px": TOLERANCE_PX,
            "tolerance_share": TOLERANCE_SHARE,
            "reach_px": REACH_PX,
        }
    ),
)
