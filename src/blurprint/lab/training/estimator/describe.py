"""What a card says of a network: calibration of its confidence, and errors by condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from blurprint.arrays import FloatMap, Mask
from blurprint.lab.measures.blur_error import blur_error
from blurprint.lab.measures.confidence_curve import fit_confidence
from blurprint.lab.models.estimator import UNKNOWN_ERROR_PX, EstimatorNet, oval_error
from blurprint.lab.rendering.shards import Shard, read_shard
from blurprint.lab.training.estimator.train import SigmaKind, as_trained

Planes = FloatMap
Reader = Callable[[Planes], tuple[Planes, Planes]]
"""From pictures float32 (N, 3, H, W) to sigma and scale, (N, 1, H, W)."""

EVERY: Final = 29
"""One pixel in so many is taken: neighbours say the same."""


class _Pixels(NamedTuple):
    """Sampled pixels, (N,) each; those of no known blur have a `true` of NaN."""

    sigma: Planes
    scale: Planes
    true: Planes
    error: Planes
    condition: npt.NDArray[np.str_]


def reader_of(net: EstimatorNet) -> Reader:
    """`net` as NumPy sees it, on the CPU, in float32."""
    net = net.cpu().float().eval()

    @torch.no_grad()
    def read(rgb: Planes) -> tuple[Planes, Planes]:
        estimate = net(torch.from_numpy(rgb))
        return estimate.sigma.numpy(), estimate.scale.numpy()

    return read


def as_planes(rgb: npt.NDArray[np.uint8]) -> Planes:
    """Pictures (N, H, W, 3) as a network takes them, float32 (N, 3, H, W) in [0, 1]."""
    return np.ascontiguousarray(rgb.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def describe(read: Reader, shards: list[Path], sigma: SigmaKind) -> dict[str, Any]:
    """Calibration of the confidence and errors, from held-out shards.

    The error that confidence speaks of is the one that the scale has learnt: what one sigma leaves
    unsaid of a blur that is not round counts, and where no blur is known nothing is right.

    Args:
        read: the network.
        shards: the files.
        sigma: what the network gives, "lens" or "whole".
    """
    pixels = _sampled(read, shards, sigma)
    known = np.isfinite(pixels.true)
    error = blur_error(pixels.sigma[known], pixels.true[known])
    off = np.where(known, pixels.error, np.inf)
    curve = fit_confidence(pixels.sigma, pixels.scale, off)
    return {
        "confidence": {
            "meaning": "probability that sigma errs by at most tolerance_px or tolerance_share of "
            "itself, whichever is larger, by log(scale / that); never where no blur is defined",
            **asdict(curve),
        },
        "errors_on_held_out_renders_px": {
            "mean": round(error.mean, 4),
            "bias": round(error.bias, 4),
            "rank_correlation": round(error.rank_correlation, 4),
            "by_true_blur": [round(value, 4) for value in error.by_level],
        },
        "by_condition": {
            str(name): _of_condition(pixels, pixels.condition == name)
            for name in np.unique(pixels.condition)
        },
    }


def _of_condition(pixels: _Pixels, which: Mask) -> dict[str, Any]:
    """Error, scale and pulls; what a condition has no pixels of is None.

    Pulls are errors over their scale: of a Laplace distribution 63, 86 and 95 % lie within 1, 2 and
    3 scales.
    """
    known = which & np.isfinite(pixels.true)
    unknown = which & ~known
    told: dict[str, Any] = {
        "pixels": int(which.sum()),
        "known": round(float(known.sum() / which.sum()), 3),
        "mean_error_px": None,
        "bias_px": None,
        "median_scale_px": None,
        "within_1_2_3_scales": None,
        "median_scale_where_unknown_px": None,
    }
    if known.any():
        off = pixels.sigma[known] - pixels.true[known]
        pull = pixels.error[known] / pixels.scale[known]
        told["mean_error_px"] = round(float(np.abs(off).mean()), 4)
        told["bias_px"] = round(float(off.mean()), 4)
        told["median_scale_px"] = round(float(np.median(pixels.scale[known])), 4)
        told["within_1_2_3_scales"] = [round(float((pull <= n).mean()), 3) for n in (1, 2, 3)]
    if unknown.any():
        told["median_scale_where_unknown_px"] = round(float(np.median(pixels.scale[unknown])), 4)
    return told


def _sampled(read: Reader, shards: list[Path], sigma: SigmaKind) -> _Pixels:
    parts: list[_Pixels] = []
    for file in shards:
        shard = read_shard(file)
        for first in range(0, len(shard.rgb), 8):
            parts.append(_read_some(read, shard, slice(first, first + 8), sigma))
    return _Pixels(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _read_some(read: Reader, shard: Shard, some: slice, kind: SigmaKind) -> _Pixels:
    sigma, scale = read(as_planes(shard.rgb[some]))
    places = np.flatnonzero(shard.trusted(some) | ~shard.known[some])[::EVERY]

    def at(plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return plane.reshape(-1)[places]

    lens = torch.from_numpy(at(shard.sigma[some]).astype(np.float32))
    oval = torch.from_numpy(at(shard.anisotropy[some]).astype(np.float32) / 255)
    true = as_trained(lens, kind)
    known = at(shard.known[some])
    error = np.abs(at(sigma) - true.numpy()) + oval_error(true, oval).numpy()
    per_example = shard.known[0].size
    return _Pixels(
        at(sigma),
        at(scale),
        np.where(known, true.numpy(), np.float32("nan")),
        np.where(known, error, np.float32(UNKNOWN_ERROR_PX)),
        shard.condition[some][places // per_example],
    )
