"""Pictures whose forged blur no real has, and a detector that looks at just that blur.

Reals are evenly blurred, some a little and some more, so that what is unusual in a fake is not only
what was forged: a network that has learnt nothing looks at both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch

from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detectors import Detector, DetectorConfig
from blurprint.lens.aperture import Aperture
from blurprint.lens.lens import blur_field

SIZE = 96
FORGED = 5.0
OF_REALS = (0.4, 2.0)
"""Blur in pixels."""


@dataclass(frozen=True)
class Planted:
    table: SampleTable
    cache: MapCache
    detector: Detector
    gentle: Detector
    """The same with gradients wherever it looks, also where blur is far beyond that of reals."""
    forged: dict[str, np.ndarray]
    """Where each fake is forged, bool (S, S)."""


class LooksAtHeavyBlur(torch.nn.Module):
    """How many pixels are more blurred than any real."""

    def __init__(self, config: DetectorConfig, steepness: float) -> None:
        super().__init__()
        self.steepness = steepness
        self.config = config

    def forward(self, views: dict[str, torch.Tensor]) -> torch.Tensor:
        sigma = max(OF_REALS) + 1
        over = views["defocus"][:, 0] - sigma / (sigma + 2)
        return torch.sigmoid(self.steepness * over).sum(dim=(1, 2)) / 100


def make_planted(folder: Path, groups: int = 20) -> Planted:
    samples, forged = [], {}
    for group in range(groups):
        rng = np.random.default_rng(group)
        texture = _grain(rng)
        real = np.full((SIZE, SIZE), OF_REALS[group % 2], np.float32)
        oval = np.zeros((SIZE, SIZE), np.float32)
        corner = [SIZE // 4 + SIZE // 2 * int(high) for high in rng.integers(0, 2, 2)]
        cv2.ellipse(oval, corner, (24, 20), float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
        noise = rng.normal(size=texture.shape)
        fake = real + cv2.GaussianBlur(oval, (0, 0), 1.5) * (np.float32(FORGED) - real)
        for label, (kind, sigma) in enumerate((("real", real), ("fake", fake))):
            picture = blur_field(texture, sigma, Aperture("gaussian"))
            noisy = 255 * picture ** (1 / 2.2) + noise
            path = folder / "data" / kind / f"{group:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.clip(noisy, 0, 255).astype(np.uint8))
            samples.append(Sample(str(path), label, kind, f"{group:02d}", "test", str(path)))
        forged[str(path)] = oval > 0.5
    views = ViewOptions(size=SIZE, estimator="net", variant="metric")
    config = DetectorConfig(backbone="test_efficientnet", views=views)
    steep, gentle = (cast(Detector, LooksAtHeavyBlur(config, by)) for by in (50, 10))
    return Planted(make_table(samples), MapCache(folder / "maps"), steep, gentle, forged)


def _grain(rng: np.random.Generator) -> np.ndarray:
    """Detail of all sizes everywhere, so that a map sees all of the blur; (S, S, 3)."""
    layers = [
        cv2.resize(
            rng.normal(size=(-(-SIZE // step),) * 2).astype(np.float32),
            (SIZE, SIZE),
            interpolation=cv2.INTER_CUBIC,
        )
        for step in (1, 2, 4, 8, 16, 32)
    ]
    gray = np.clip(0.3 + 0.08 * sum(layers), 0.01, 1)
    return np.repeat(gray[..., None], 3, axis=2).astype(np.float32)
