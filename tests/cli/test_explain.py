"""`blurprint explain`, as users call it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner, Result

from blurprint.cli.explain import explain
from blurprint.lab.datasets.pasted_blur import write_pasted_blur
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector

app = typer.Typer()
app.command()(explain)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain")
    write_pasted_blur(folder / "data", identities=5, pairs=1, size=64)
    torch.manual_seed(0)
    for view in ("defocus", "rgb"):
        views = ViewOptions(views=(view,), size=64, estimator="edge")
        config = DetectorConfig(model=view, backbone="test_efficientnet", views=views)
        save_detector(create_detector(config), folder / f"{view}.safetensors")
    return folder


def run(place: Path, out: Path, *more: object) -> Result:
    picture = next((place / "data/test/fake").glob("*/00.png"))
    options = ["--weights", place / "defocus.safetensors", "--cache", place / "maps"]
    return CliRunner().invoke(app, [str(one) for one in (picture, *options, "--out", out, *more)])


@pytest.mark.parametrize("compared_to", ["own", "reals", "folder"])
def test_a_report_with_what_the_detector_looked_at(place, tmp_path, compared_to) -> None:
    more = {
        "own": (),
        "reals": ("--background", f"folder:{place / 'data'}"),
        "folder": ("--background", next((place / "data/train/real").iterdir())),
    }[compared_to]
    done = run(place, tmp_path, "--rgb-weights", place / "rgb.safetensors", *more)
    assert done.exit_code == 0, done.output
    assert "not calibrated" in done.output
    folder = tmp_path / "00"
    assert {file.name for file in folder.iterdir()} == {
        "report.html",
        "report.json",
        "defocus.npz",
        "explanation.npz",
    }
    document = json.loads((folder / "report.json").read_text("utf-8"))
    schema = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    first, second = document["explanation"]["detectors"]
    assert (first["view"], second["view"]) == ("defocus", "rgb")
    assert first["compared_to"] == ("own" if compared_to == "own" else "reals")
    with np.load(folder / "explanation.npz", allow_pickle=False) as stored:
        assert stored["defocus"].shape == (3, 64, 64)
        assert float(stored["defocus"].sum()) == pytest.approx(
            first["sum_of_attributions"], abs=1e-4
        )
    page = (folder / "report.html").read_text("utf-8")
    assert "What the detector looked at" in page
    assert 'href="explanation.npz"' in page
    again = run(place, tmp_path)
    assert again.exit_code == 1
    assert "--overwrite" in again.output
    assert run(place, tmp_path, "--overwrite", "--quiet").output == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--weights", "none.safetensors"), "no such file"),
        (("--rgb-weights", "defocus.safetensors"), 'sees "rgb"'),
        (("--background", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_one_line(place, tmp_path, more, message) -> None:
    option, name = more
    done = run(place, tmp_path, option, place / name)
    assert done.exit_code == 1
    assert message in done.output
    assert not list(tmp_path.iterdir())
