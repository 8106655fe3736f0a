"""`blurprint study` as users call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner, Result

from blurprint.cli.study import STUDIES, app
from blurprint.errors import InputError
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_weights import load_detector, save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.studies.request import NEED_WEIGHTS
from shots import write_shots

pytestmark = pytest.mark.slow

OPTIONS = ["--part", "all", "--draws", "20"]
MAPS = ["--estimator", "paper", "--size", "96"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "data"
    write_shots(folder, groups=6)
    return folder


@pytest.fixture(scope="module")
def detectors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of random weights, of the map and of the colours."""
    folder = tmp_path_factory.mktemp("detectors")
    torch.manual_seed(7)
    files = []
    for name, model in (("defocus", "defocus"), ("rgb", "rgb")):
        views = ViewOptions(views=(name,), size=64, estimator="paper")
        config = DetectorConfig(model=model, backbone="test_efficientnet", views=views)
        files.append(folder / f"{name}.safetensors")
        save_detector(create_detector(config).eval(), files[-1])
    return files[0], files[1]


def study(name: str, data: Path, out: Path, *more: str) -> Result:
    places = ["--data", f"folder:{data}", "--out", str(out), "--cache", str(data.parent / "cache")]
    options = OPTIONS if name in NEED_WEIGHTS else [*OPTIONS, *MAPS]
    return CliRunner().invoke(app, [name, *places, *options, "--workers", "0", *more])


def test_all_studies_what_it_can_and_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    done = study("all", data, tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "shapley: left out, it needs --weights" in done.output
    page = (tmp_path / "out/index.html").read_text()
    assert 'id="binary-mask"' in page
    assert 'id="local-variance"' in page
    files = {
        path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/*") if path.is_file()
    }
    again = study("all", data, tmp_path / "out")
    assert again.exit_code == 0
    assert again.output.count("complete, of the same settings") == 2
    assert {path: path.stat().st_mtime_ns for path in files} == files
    other = study("binary-mask", data, tmp_path / "out", "--seed", "1")
    assert "complete" not in other.output
    repeated = study("local-variance", data, tmp_path / "out", "--overwrite")
    assert "complete" not in repeated.output


def test_all_with_a_detector(data: Path, detectors: tuple[Path, Path], tmp_path: Path) -> None:
    defocus, rgb = detectors
    more = ["--weights", str(defocus), "--rgb-weights", str(rgb), "--count", "4", "--samples", "10"]
    done = study("all", data, tmp_path, *more)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "index.html").read_text()
    for name in STUDIES:
        assert f'id="{name}"' in page
        summary = json.loads((tmp_path / name / "summary.json").read_text())
        assert summary
        assert (tmp_path / name / "table.parquet").stat().st_size > 0
    assert json.loads((tmp_path / "alignment/summary.json").read_text())["pairs"] == 4
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "attributions").glob("*/*.npz")}
    # Four pictures of two detectors; four fakes of these and of two that have learnt nothing.
    assert 20 <= len(kept) <= 24
    again = study("alignment", data, tmp_path, *more)
    assert "complete, of the same settings" in again.output
    # What one study needs does not concern the others.
    assert study("embedding", data, tmp_path, *more[:2]).output.count("complete") == 1
    repeated = study("shapley", data, tmp_path, *more, "--overwrite")
    assert repeated.exit_code == 0
    now = {path: path.stat().st_mtime_ns for path in (tmp_path / "attributions").glob("*/*.npz")}
    assert now == kept


def test_maps_of_the_paper_are_only_stretched_ones(data: Path, tmp_path: Path) -> None:
    assert study("binary-mask", data, tmp_path, "--max-pictures", "12").exit_code == 0
    summary = json.loads((tmp_path / "binary-mask/summary.json").read_text())
    assert list(summary["maps"]) == ["minmax"]
    assert summary["groups"] == 3


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("binary-mask", ("--pair-by", "scene"), 'a column "scene"'),
        ("local-variance", ("--fake-type", "GAN"), "GAN"),
        ("local-variance", ("--weights", "none.safetensors"), "no such file of weights"),
    ],
)
def test_what_the_data_lack_is_named(
    name: str, more: tuple[str, ...], message: str, data: Path, tmp_path: Path
) -> None:
    done = study(name, data, tmp_path / "out", *more)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("shapley", (), "Expected --weights FILE, for shapley"),
        ("all", ("--rgb-weights", "x.safetensors"), "Expected --weights FILE beside"),
        ("binary-mask", ("--estimator", "eye"), "Expected `estimator`"),
        ("binary-mask", ("--size", "2"), "Expected `size`"),
        ("binary-mask", ("--fit", "bend"), "Expected `fit`"),
        ("binary-mask", ("--part", "dev"), "Expected --part among train, val, test, all"),
        ("binary-mask", ("--split", "thirds"), "thirds"),
        ("binary-mask", ("--data", "heap:x"), "heap:x"),
        ("binary-mask", ("--label", "odd=perhaps"), "odd=perhaps"),
        ("local-variance", ("--border", "wrap"), "Expected --border among inside, mirror, zero"),
        ("embedding", ("--weights", "x.pth", "--model", "heat"), "Expected `model`"),
    ],
)
def test_wrong_usage_ends_with_2(
    name: str, more: tuple[str, ...], message: str, data: Path, tmp_path: Path
) -> None:
    done = study(name, data, tmp_path / "out", *more)
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "out").exists()


def test_without_data_and_card_there_is_nothing_to_study(
    detectors: tuple[Path, Path], tmp_path: Path
) -> None:
    for more in ((), ("--weights", str(detectors[0]))):
        done = CliRunner().invoke(app, ["local-variance", "--out", str(tmp_path / "out"), *more])
        assert done.exit_code == 2
        assert "Expected --data LAYOUT:PATH" in done.output


def test_options_that_contradict_the_weights_are_refused(
    data: Path, detectors: tuple[Path, Path], tmp_path: Path
) -> None:
    more = ("--weights", str(detectors[0]), "--backbone", "resnet18")
    done = study("embedding", data, tmp_path, *more, "--size", "64")
    assert done.exit_code == 2
    assert "its backbone is test_efficientnet, but got --backbone resnet18" in done.output
    other = study("embedding", data, tmp_path, "--weights", str(detectors[0]), "--size", "96")
    assert other.exit_code == 2
    assert "its size is 64, but got --size 96" in other.output


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights whose card says that they saw `data`, split by identity with seed 3."""
    views = ViewOptions(views=("defocus",), size=64, estimator="paper")
    config = DetectorConfig(model="defocus", backbone="test_efficientnet", views=views)
    source = DataSource((f"folder:{data}",), split="identity", split_seed=3, frames=1)
    file = tmp_path_factory.mktemp("trained") / "detector.safetensors"
    save_detector(create_detector(config).eval(), file, {"data": source.to_dict()})
    return file


def run(name: str, out: Path, *more: object) -> Result:
    options = ["--out", out, "--part", "all", "--draws", "20", "--workers", "0", *more]
    cache = ["--cache", out.parent / "cache"]
    return CliRunner().invoke(app, [name, *map(str, (*options, *cache))])


def test_the_card_supplies_the_data_and_how_they_are_read(trained: Path, tmp_path: Path) -> None:
    done = run("local-variance", tmp_path / "out", "--weights", trained, "--size", 64)
    assert done.exit_code == 0, done.output
    assert "As in training, from the card: split identity, split seed 3" in done.output
    assert "Read: " in done.output
    stored = json.loads((tmp_path / "out/local-variance/study.json").read_text())
    settings = stored["settings"]
    assert (settings["split"], settings["split_seed"], settings["frames"]) == ("identity", 3, 1)
    assert "As in training, from the card" in stored["words"][-1]
    more = ("--split-seed", 4, "--frames", 2, "--weights", trained, "--size", 64)
    other = run("local-variance", tmp_path / "out", *more)
    assert other.exit_code == 0, other.output
    expected = "Differs from training: split seed 4 instead of 3; frames 2 instead of 1"
    assert expected in other.output
    again = json.loads((tmp_path / "out/local-variance/summary.json").read_text())
    assert again["notes"][-1] == expected


def test_pictures_of_the_training_are_refused_or_said(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = []

    def require_unseen(weights: Path, reading: Any, *, allow: bool, **_: Any) -> list[str]:
        rows.append((weights, len(reading.table)))
        if not allow:
            raise InputError("9 of 12 pictures were trained on")
        return ["9 of 12 pictures were trained on."]

    monkeypatch.setattr("blurprint.lab.studies.run.require_unseen", require_unseen)
    more = ("--weights", trained, "--max-pictures", 8)
    refused = run("embedding", tmp_path / "out", *more)
    assert refused.exit_code == 1
    assert "9 of 12 pictures were trained on" in refused.output
    assert not (tmp_path / "out").exists()
    said = run("embedding", tmp_path / "out", *more, "--allow-seen")
    assert said.exit_code == 0, said.output
    assert "9 of 12 pictures were trained on." in said.output
    assert rows == [(trained, 8)] * 2  # what is studied, not all that was read
    stored = json.loads((tmp_path / "out/embedding/study.json").read_text())
    assert stored["words"][0] == "9 of 12 pictures were trained on."
    summary = json.loads((tmp_path / "out/embedding/summary.json").read_text())
    assert summary["seen_in_training"] == ["9 of 12 pictures were trained on."]
    assert any("8 of 4 groups were drawn (at most 8" in one for one in summary["notes"])
    assert "9 of 12 pictures" in (tmp_path / "out/index.html").read_text()
    # A study that looks into no detector compares nothing.
    plain = run("local-variance", tmp_path / "plain", *more)
    assert plain.exit_code == 0, plain.output
    assert len(rows) == 2


def test_weights_of_others_are_read_as_they_are_said_to_be(
    data: Path, detectors: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "others.pth"
    torch.save(load_detector(detectors[0]).state_dict(), file)
    options = ("--data", f"folder:{data}", "--weights", file)
    bare = run("embedding", tmp_path / "out", *options)
    assert bare.exit_code == 1
    assert "does not fit defocus with legacy_xception" in bare.output
    named = ("--backbone", "test_efficientnet", "--size", 64, "--estimator", "paper")
    done = run("embedding", tmp_path / "out", *options, *named)
    assert done.exit_code == 0, done.output
    assert "card does not say what it was trained on" in done.output
    ours = run("embedding", tmp_path / "ours", *options[:3], detectors[0])
    assert ours.exit_code == 0, ours.output
    found, expected = (
        np.load(tmp_path / one / "embedding/features.npz")["features"] for one in ("out", "ours")
    )
    np.testing.assert_array_equal(found, expected)


def test_zero_border_is_an_option_and_repeats_the_study(data: Path, tmp_path: Path) -> None:
    means = []
    for border in ("inside", "zero"):
        done = study("local-variance", data, tmp_path, "--border", border)
        assert done.exit_code == 0, done.output
        assert "complete" not in done.output
        summary = json.loads((tmp_path / "local-variance/summary.json").read_text())
        assert summary["border"] == border
        means.append(summary["maps"]["minmax"]["all fakes"]["mean_of_reals"])
    assert means[1] > means[0]  # the border counts as a step to zero
