"""A detector that has learnt a pasted region of another blur, for the studies that look into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pasted_blur import draw_pair, draw_texture, write_pasted_blur
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.models.detector_weights import load_detector, save_detector
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.training.detector import train_detector
from blurprint.lab.training.detector_settings import DetectorTraining

SIZE = 96
VIEWS = ViewOptions(size=SIZE, estimator="net", variant="metric")


@dataclass(frozen=True)
class Pasted:
    folder: Path
    table: SampleTable
    cache: MapCache
    defocus: Detector
    rgb: Detector

    @property
    def test(self) -> SampleTable:
        return self.table[self.table["split"] == "test"].reset_index(drop=True)

    def pasted_region(self, path: str) -> np.ndarray:
        """Where the fake was pasted, drawn again from the seeds of the rendering."""
        group, index = int(Path(path).parent.name), int(Path(path).stem)
        rng = np.random.default_rng([0, group])
        texture = draw_texture(rng, round(1.5 * SIZE) + 16, None)
        return [draw_pair(rng, texture, SIZE).pasted for _ in range(index + 1)][index]


def make_pasted(folder: Path) -> Pasted:
    table = write_pasted_blur(folder / "data", identities=80, pairs=3, size=SIZE)
    cache = MapCache(folder / "maps")
    training = DetectorTraining(
        detector=DetectorConfig(backbone="test_efficientnet", views=VIEWS),
        epochs=12,
        batch_size=16,
        learning_rate=2e-3,
        workers=0,
        monitor="auc",
    )
    parts = [table[table["split"] == name] for name in ("train", "val")]
    weights = train_detector(*parts, folder / "run", training, cache=cache)
    torch.manual_seed(0)
    views = ViewOptions(views=("rgb",), size=SIZE)
    rgb = create_detector(DetectorConfig(model="rgb", backbone="test_efficientnet", views=views))
    save_detector(rgb.eval(), folder / "rgb.safetensors")
    return Pasted(folder, table, cache, load_detector(weights), rgb.eval())
