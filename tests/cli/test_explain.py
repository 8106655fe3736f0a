"""`blurprint explain`, as users call it."""

from __future__ import annotations

import hashlib
import html
import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner, Result

from blurprint.cli.analyze import analyze
from blurprint.cli.explain import explain
from blurprint.lab.datasets.contents import read_contents
from blurprint.lab.datasets.seen import SeenRecord, write_record
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_weights import load_detector, save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.rendering.pasted_blur import write_pasted_blur
from calls import Calls

pytestmark = pytest.mark.slow

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
    options += ["--samples", 20]
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


def report_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text("utf-8"))


def test_outputs_of_the_detectors_stand_beside_the_score(place, tmp_path) -> None:
    """They are no probabilities, and the score of the faces is what it is without them."""
    run(place, tmp_path, "--rgb-weights", place / "rgb.safetensors")
    document = report_of(tmp_path / "00")
    first, second = document["explanation"]["detectors"]
    page = html.unescape((tmp_path / "00/report.html").read_text("utf-8"))
    assert f"{first['output']:.2f} from {place / 'defocus.safetensors'} (sees blur)" in page
    assert f"{second['output']:.2f} from {place / 'rgb.safetensors'} (sees colours)" in page
    assert "uncalibrated outputs of the detectors named, and no probability" in page
    assert document["score"]["value"] is None
    assert document["score"]["abstain_code"] == "no_face"
    assert document["score"]["abstain_reason"] in page


def test_the_weights_are_named_with_what_they_were_trained_on(place, tmp_path) -> None:
    done = run(place, tmp_path)
    (found,) = report_of(tmp_path / "00")["explanation"]["detectors"]
    assert found["trained_on"] == "its file does not say what it was trained on"
    weights = place / "defocus.safetensors"
    assert found["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert found["seen_in_training"] is None
    assert str(weights) in done.output
    source = DataSource(
        ("faceforensics:/data/faces",), "authors", 42, "c23", 32, fake_types=("Deepfakes",)
    )
    carded = tmp_path / "carded.safetensors"
    save_detector(load_detector(weights), carded, {"data": source.to_dict()})
    run(place, tmp_path / "out", "--weights", carded)
    (found,) = report_of(tmp_path / "out/00")["explanation"]["detectors"]
    assert found["trained_on"] == (
        "trained on faceforensics:/data/faces, fakes by Deepfakes, split authors with seed 42, "
        "compression c23"
    )
    page = html.unescape((tmp_path / "out/00/report.html").read_text("utf-8"))
    assert found["trained_on"] in page


def test_a_picture_of_the_training_is_said_to_be_one(place, tmp_path) -> None:
    picture = next((place / "data/test/fake").glob("*/00.png"))
    hashes = read_contents([str(picture)], workers=0).hashes
    record = SeenRecord(hashes, hashes[:0], hashes[:0], hashes[:0], "digest")
    weights = tmp_path / "trained.safetensors"
    shutil.copy(place / "defocus.safetensors", weights)
    write_record(record, weights)
    done = run(place, tmp_path / "out", "--weights", weights)
    words = "This picture is one of those that the detector was trained on."
    assert words in done.output
    assert words in (tmp_path / "out/00/report.html").read_text("utf-8")
    (found,) = report_of(tmp_path / "out/00")["explanation"]["detectors"]
    assert found["seen_in_training"] == words


@pytest.mark.parametrize("max_side", [0, 40])
def test_the_picture_is_decoded_once_and_each_map_computed_once(
    place, tmp_path, monkeypatch, max_side
) -> None:
    calls = Calls(
        monkeypatch,
        "blurprint.photos.decode.open_picture",
        "blurprint.optics.estimate.apply_estimator",
        "blurprint.lab.loading.pictures.square_map",
    )
    more = ("--rgb-weights", place / "rgb.safetensors", "--cache", tmp_path / "maps")
    done = run(place, tmp_path, *more, "--method", "edge", "--max-side", max_side)
    assert done.exit_code == 0, done.output
    assert report_of(tmp_path / "00")["input"]["working_width"] == (max_side or 64)
    assert calls.taken() == {"open_picture": 1, "apply_estimator": 1, "square_map": 1}
    # The report and its map are there now, and so is the detector's map.
    assert run(place, tmp_path, *more, "--overwrite").exit_code == 0
    assert calls.taken() == {"open_picture": 1, "apply_estimator": 0, "square_map": 0}
    # What does not agree with the report that is there is measured anew.
    again = run(place, tmp_path, *more, "--overwrite", "--max-side", 36)
    assert again.exit_code == 0
    assert report_of(tmp_path / "00")["input"]["working_width"] == 36
    assert calls.taken() == {"open_picture": 1, "apply_estimator": 1, "square_map": 0}


def analyzed(place: Path, out: Path, *more: object) -> dict[str, Any]:
    picture = next((place / "data/test/fake").glob("*/00.png"))
    command = typer.Typer()
    command.command()(analyze)
    done = CliRunner().invoke(command, [str(one) for one in (picture, "--out", out, *more)])
    assert done.exit_code == 0, done.output
    return report_of(out / "00")


def test_after_analyze_the_section_is_added_to_the_report_of_the_same_picture(
    place, tmp_path
) -> None:
    before = analyzed(place, tmp_path, "--method", "edge", "--max-side", 48)
    done = run(place, tmp_path)
    assert done.exit_code == 0, done.output
    after = report_of(tmp_path / "00")
    for key in ("input", "method", "defocus", "evidence", "parameters"):
        assert after[key] == before[key]
    assert after["method"]["name"] == "edge"
    assert "explanation" in after
    assert "explanation" not in before
    assert (tmp_path / "00/explanation.npz").exists()
    again = run(place, tmp_path)
    assert again.exit_code == 1
    assert "has an explanation already; --overwrite" in again.output
    replaced = run(place, tmp_path, "--overwrite", "--samples", 7)
    assert replaced.exit_code == 0
    last = report_of(tmp_path / "00")
    assert last["method"]["name"] == "edge"
    assert last["explanation"]["detectors"][0]["samples"] == 7


def test_a_report_without_its_map_is_measured_again_by_the_same_method(place, tmp_path) -> None:
    before = analyzed(place, tmp_path, "--method", "edge", "--format", "html,json")
    assert run(place, tmp_path).exit_code == 0
    after = report_of(tmp_path / "00")
    assert (after["method"], after["evidence"]) == (before["method"], before["evidence"])


def test_another_picture_of_that_name_is_not_overwritten(place, tmp_path) -> None:
    real = next((place / "data/test/real").glob("*/00.png"))
    analyzed(place, tmp_path, "--method", "edge")
    kept = (tmp_path / "00/report.json").read_bytes()
    weights = ["--weights", place / "defocus.safetensors", "--cache", place / "maps"]
    words = [str(one) for one in (real, *weights, "--out", tmp_path)]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 1
    fake = next((place / "data/test/fake").glob("*/00.png"))
    assert f"the report of another picture, {fake}, and not of {real}" in refused.output
    assert (tmp_path / "00/report.json").read_bytes() == kept
    assert not (tmp_path / "00/explanation.npz").exists()
    assert CliRunner().invoke(app, [*words, "--overwrite"]).exit_code == 0
    assert report_of(tmp_path / "00")["input"]["source"] == str(real)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--method", "paper"), "was measured with method edge, but got --method paper"),
        (("--max-side", 32), "was measured at 64 x 64 px, but got --max-side 32"),
    ],
)
def test_what_contradicts_the_report_that_is_there_is_refused(
    place, tmp_path, more, message
) -> None:
    analyzed(place, tmp_path, "--method", "edge")
    done = run(place, tmp_path, *more)
    assert done.exit_code == 1
    assert message in done.output


def test_a_folder_that_no_report_explains_is_left_alone(place, tmp_path) -> None:
    (tmp_path / "00").mkdir()
    (tmp_path / "00/report.html").write_text("mine")
    done = run(place, tmp_path)
    assert done.exit_code == 1
    assert "no report.json says of which picture" in done.output
    assert (tmp_path / "00/report.html").read_text() == "mine"


def test_weights_of_others_and_the_background_of_the_card(place, tmp_path) -> None:
    ours = place / "defocus.safetensors"
    others = tmp_path / "others.pth"
    torch.save(load_detector(ours).state_dict(), others)
    assert "does not fit" in run(place, tmp_path / "a", "--weights", others).output
    named = ("--backbone", "test_efficientnet", "--size", 64, "--estimator", "edge")
    done = run(place, tmp_path / "a", "--weights", others, *named)
    assert done.exit_code == 0, done.output
    run(place, tmp_path / "b")
    (first,), (second,) = (
        report_of(tmp_path / one / "00")["explanation"]["detectors"] for one in "ab"
    )
    assert first["output"] == pytest.approx(second["output"], abs=1e-6)
    source = DataSource((f"folder:{place / 'data'}",), split_seed=5)
    save_detector(load_detector(ours), tmp_path / "c.safetensors", {"data": source.to_dict()})
    card = ("--weights", tmp_path / "c.safetensors", "--background", "card", "--frames", 2)
    done = run(place, tmp_path / "c", *card)
    assert done.exit_code == 0, done.output
    assert "Differs from training: frames 2 instead of 32" in done.output
    assert "Read: " in done.output
    (found,) = report_of(tmp_path / "c/00")["explanation"]["detectors"]
    assert found["compared_to"] == "reals"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--method", "eye"), "Expected --method among"),
        (("--estimator", "eye"), "Expected `estimator`"),
        (("--backbone", "resnet18"), "its backbone is test_efficientnet"),
        (("--compression", "c23"), "Expected --background LAYOUT:PATH or card"),
    ],
)
def test_wrong_usage_ends_with_2(place, tmp_path, more, message) -> None:
    done = run(place, tmp_path, *more)
    assert done.exit_code == 2
    assert message in done.output
    assert not list(tmp_path.iterdir())


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
