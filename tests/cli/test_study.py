"""`blurprint study` as users call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from blurprint.cli.study import STUDIES, app
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from shots import write_shots

OPTIONS = ["--estimator", "paper", "--size", "96", "--part", "all", "--draws", "20"]


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
    return CliRunner().invoke(app, [name, *places, *OPTIONS, "--workers", "0", *more])


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
        ("shapley", (), "Expected --weights FILE"),
        ("binary-mask", ("--pair-by", "scene"), 'a column "scene"'),
        ("binary-mask", ("--estimator", "eye"), "Expected `estimator`"),
        ("local-variance", ("--fake-type", "GAN"), "GAN"),
    ],
)
def test_mistakes_are_named(
    name: str, more: tuple[str, ...], message: str, data: Path, tmp_path: Path
) -> None:
    done = study(name, data, tmp_path / "out", *more)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "out").exists()
