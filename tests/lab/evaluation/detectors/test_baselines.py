from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter
from sklearn.metrics import roc_auc_score

from blurprint.errors import InputError
from blurprint.lab.datasets.table import Sample, make_table
from blurprint.lab.evaluation.detectors.baselines import (
    RECIPES,
    baselines_from_facts,
    make_baselines,
    read_facts,
)


def pictures(folder: Path, count: int, *, seed: int, shortcut: bool, group: int = 2):
    """Noise pictures; with a shortcut, fakes are JPEG of low quality, and smooth."""
    rng = np.random.default_rng(seed)
    samples = []
    folder.mkdir()
    for index in range(count):
        label = index % 2
        pixels = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)
        image = Image.fromarray(pixels)
        if label and shortcut:
            image = image.filter(ImageFilter.GaussianBlur(3))
        path = folder / f"{index:03d}.jpg"
        image.save(path, quality=40 if label and shortcut else 90)
        method = "GAN" if label else "real"
        name = f"{folder.name}-{label}-{index // (2 * group)}"
        samples.append(Sample(str(path), label, method, name, "test", str(path)))
    return make_table(samples)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    root = tmp_path_factory.mktemp("pictures")
    return {
        "train": pictures(root / "train", 60, seed=0, shortcut=True),
        "test": pictures(root / "test", 40, seed=1, shortcut=True),
        "fair": pictures(root / "fair", 60, seed=2, shortcut=False),
    }


def test_a_shortcut_is_found(tables):
    made = make_baselines(tables["test"], tables["train"])
    for name in RECIPES:
        assert roc_auc_score(tables["test"]["label"], made[name].score) > 0.95
        assert "fitted to 60 files of the training table" in made[name].how


def test_a_shortcut_is_found_in_the_tested_files_themselves(tables):
    made = make_baselines(tables["test"])
    for name in RECIPES:
        assert roc_auc_score(tables["test"]["label"], made[name].score) > 0.9
        assert "cross-validation by group" in made[name].how


def test_where_there_is_none_nothing_is_found(tables):
    made = make_baselines(tables["fair"])
    for name in RECIPES:
        assert 0.25 < roc_auc_score(tables["fair"]["label"], made[name].score) < 0.75


def facts(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A table and facts that say nothing of it."""
    rng = np.random.default_rng(seed)
    table = make_table(
        Sample(f"{i:05d}", int(rng.random() < 0.3), "m", f"g{i // 5}", "test", f"{i:05d}")
        for i in range(count)
    )
    shown = pd.DataFrame({name: rng.random(count) for name in RECIPES["metadata"].features})
    shown["format"] = rng.choice(["PNG", "JPEG"], count)
    shown["chroma_subsampling"] = None
    shown["has_exif"] = "no"
    shown["edge_density"] = rng.random(count)
    return table, shown


def test_left_out_parts_stay_comparable_and_calibrated():
    table, shown = facts(3000, 3)
    made = baselines_from_facts(table, shown, None, shown.iloc[:0])
    for baseline in made.values():
        assert baseline.score.mean() == pytest.approx(table["label"].mean(), abs=0.03)
        assert roc_auc_score(table["label"], baseline.score) == pytest.approx(0.5, abs=0.05)


def test_files_that_are_all_alike_say_the_share_of_fakes():
    table, shown = facts(200, 6)
    alike = shown.assign(**dict.fromkeys(shown.columns))
    for baseline in baselines_from_facts(table, alike, None, alike.iloc[:0]).values():
        assert baseline.score == pytest.approx(np.full(200, table["label"].mean()), abs=1e-3)
    for baseline in baselines_from_facts(table, alike, table, alike).values():
        assert baseline.score == pytest.approx(np.full(200, table["label"].mean()), abs=1e-3)


def test_groups_stay_whole():
    """A number that names the group predicts its label, unless groups are kept whole."""
    table, shown = facts(400, 4)
    group = np.arange(400) // 8
    table = table.assign(label=(group * 7919 % 13 > 5).astype(int), group=[f"g{g}" for g in group])
    shown = shown.assign(file_size=np.random.default_rng(5).permutation(50)[group].astype(float))
    score = baselines_from_facts(table, shown, None, shown.iloc[:0])["metadata"].score
    assert roc_auc_score(table["label"], score) < 0.7


def test_unknown_formats_and_unreadable_files_still_get_a_score(tables, tmp_path):
    broken, png = tmp_path / "broken.jpg", tmp_path / "new.png"
    broken.write_bytes(b"no picture")
    Image.new("RGB", (32, 32)).save(png)
    test = make_table(
        Sample(str(path), label, "m", str(path), "test", str(path))
        for path, label in ((broken, 0), (png, 1))
    )
    shown = read_facts(list(test["path"]))
    assert shown.loc[0].isna().all()
    for baseline in make_baselines(test, tables["train"]).values():
        assert np.isfinite(baseline.score).all()


def test_why_there_is_no_baseline_is_said(tables):
    test, train = tables["test"], tables["train"]
    reals = train[train["label"] == 0]
    assert make_baselines(test, reals)["metadata"].score is None
    assert "only one label" in make_baselines(test, reals)["metadata"].how
    alone = test.assign(group=test["label"].astype(str))
    assert "two groups" in make_baselines(alone)["metadata"].how


def test_the_seed_decides(tables):
    first, again = (make_baselines(tables["test"], seed=0, workers=w) for w in (1, 2))
    for name in RECIPES:
        np.testing.assert_array_equal(first[name].score, again[name].score)


def test_progress_counts_all_files(tables):
    seen = []
    make_baselines(tables["test"], tables["train"], progress=lambda *at: seen.append(at))
    assert seen[-1] == (100, 100)
    assert [done for done, _ in seen] == list(range(1, 101))


def test_nothing_is_refused(tables):
    with pytest.raises(InputError, match="no rows"):
        make_baselines(tables["test"].iloc[:0])
