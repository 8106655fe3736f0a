"""The comparison of detectors: parts that do not leak."""

from __future__ import annotations

import pytest

from blurprint.lab.datasets.table import Sample, make_table
from blurprint.lab.experiments.compare import HELD_OUT, parts_of

pytestmark = pytest.mark.slow


def rows(splits: dict[str, int]):
    samples = []
    for split, count in splits.items():
        for index in range(count):
            group = f"{split}{index // 2}"  # two pictures a group
            path = f"{split}/{index}.png"
            samples.append(Sample(path, (index // 2) % 2, "m", group, split, path))
    return make_table(samples)


def test_a_test_part_is_tested_on_and_val_chooses():
    parts, name = parts_of(rows({"train": 40, "val": 8, "test": 12}), 0)
    assert name == "test"
    assert {k: len(v) for k, v in parts.items()} == {"train": 40, "choose": 8, "test": 12}


def test_without_one_val_is_tested_on_and_whole_training_groups_choose():
    table = rows({"train": 160, "val": 20})
    parts, name = parts_of(table, 0)
    assert name == "val" and set(parts["test"]["split"]) == {"val"}
    assert len(parts["choose"]) == round(160 * HELD_OUT)
    assert len(parts["train"]) + len(parts["choose"]) == 160
    assert not set(parts["train"]["group"]) & set(parts["choose"]["group"])
    assert parts["choose"]["label"].mean() == 0.5
    again, _ = parts_of(table, 0)
    assert again["choose"]["path"].tolist() == parts["choose"]["path"].tolist()
