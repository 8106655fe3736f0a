"""A detector that has learnt a pasted region of another blur, for the studies that look into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_weights import load_detector, save_detector
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.rendering.pasted_blur import write_pasted_blur
from blurprint.lab.training.detector.settings import DetectorTraining
from blurprint.lab.training.detector.train import train_detector

SIZE = 96
VIEWS = ViewOptions(size=SIZE, estimator="net", variant="metric")
TRAINING = DetectorTraining(
    detector=DetectorConfig(backbone="test_efficientnet", views=VIEWS),
    epochs=12,
    batch_size=16,
    learning_rate=2e-3,
    workers=0,
    monitor="auc",
)


@dataclass(frozen=True)
class Pasted:
    """Textures with ovals of another blur, and detectors that were trained on them."""

    folder: Path
    table: SampleTable
    cache: MapCache
    defocus: Detector
    shuffled: Detector
    """Trained in the same way on labels that mean nothing."""
    rgb: Detector
    """Of random weights."""

    @property
    def test(self) -> SampleTable:
        return self.table[self.table["split"] == "test"].reset_index(drop=True)


def make_pasted(folder: Path) -> Pasted:
    table = write_pasted_blur(folder / "data", identities=80, pairs=3, size=SIZE)
    cache = MapCache(folder / "maps")
    parts = [table[table["split"] == name] for name in ("train", "val")]
    weights = train_detector(*parts, folder / "run", TRAINING, cache=cache)
    nothing = [with_shuffled_labels(part) for part in parts]
    shuffled = train_detector(*nothing, folder / "shuffled", TRAINING, cache=cache)
    torch.manual_seed(99)
    views = ViewOptions(views=("rgb",), size=SIZE)
    rgb = create_detector(DetectorConfig(model="rgb", backbone="test_efficientnet", views=views))
    save_detector(rgb.eval(), folder / "rgb.safetensors")
    return Pasted(folder, table, cache, load_detector(weights), load_detector(shuffled), rgb.eval())


def with_shuffled_labels(table: SampleTable, seed: int = 0) -> SampleTable:
    # Not within the pairs: the two of a pair would still be told apart.
    label = np.random.default_rng(seed).permutation(table["label"].to_numpy())
    return table.assign(label=label)
