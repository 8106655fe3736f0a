"""End to end: a pasted region of another blur is found from the map alone, and only that.

The check that can fail is the one with shuffled labels: the same training must find nothing, or
pictures, groups or scores leak.
"""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from blurprint.lab.datasets.read import ReadOptions, read_data
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.evaluation.detectors.scoring import score_table
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.models.detectors import Detector
from blurprint.lab.rendering.pasted_blur import draw_pair, draw_texture
from metric_values import metric_values
from pasted_detectors import SIZE, Pasted, with_shuffled_labels

pytestmark = pytest.mark.slow


def auc_of(detector: Detector, table: SampleTable, cache: MapCache) -> float:
    scored = score_table(detector, table, cache=cache).table
    return metric_values(scored["label"].to_numpy(), scored["score"].to_numpy())["auc"]


def test_parts_share_no_identity_and_classes_are_even(pasted: Pasted) -> None:
    table = read_data([f"folder:{pasted.folder / 'data'}"], ReadOptions(frames=0))
    assert len(table) == 480 and table["label"].mean() == 0.5
    assert (table.groupby("group")["split"].nunique() == 1).all()
    assert table["group"].nunique() == 80


def test_the_map_alone_tells_fakes_from_reals(pasted: Pasted) -> None:
    assert auc_of(pasted.defocus, pasted.test, pasted.cache) >= 0.95


def test_shuffled_labels_teach_nothing(pasted: Pasted) -> None:
    shuffled = with_shuffled_labels(pasted.test)
    assert abs(auc_of(pasted.shuffled, shuffled, pasted.cache) - 0.5) <= 0.1


def test_a_pair_differs_in_the_oval_only_and_only_in_blur():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        pair = draw_pair(rng, draw_texture(rng, 160, None), SIZE)
        real, fake = (p.astype(np.float32) for p in (pair.real, pair.fake))
        change = np.abs(real - fake).mean(axis=2)
        # JPEG's blocks and the soft border carry a little of it outside.
        far = cv2.dilate(pair.pasted.astype(np.uint8), np.ones((33, 33))) == 0
        assert change[pair.pasted].mean() > 5 * change[far].mean()
        means = [p[pair.pasted].mean() for p in (real, fake)]
        assert abs(means[0] - means[1]) < 8  # of 255: blur moves no light
        assert 0.05 < pair.pasted.mean() < 0.45
