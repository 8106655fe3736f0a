"""`blurprint export`: weights of ours and of others, in floats and in 8 bits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image
from skimage import data
from typer.testing import CliRunner

from blurprint.cli.main import app
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.backbone import create_backbone
from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector

pytestmark = pytest.mark.slow

NET = "test_efficientnet"


def export(*arguments: object):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    views = ViewOptions(views=("rgb",), size=32)
    file = tmp_path / "ours.safetensors"
    save_detector(create_detector(DetectorConfig("rgb", NET, views=views)), file, {"data": "none"})
    return file


def test_weights_of_ours_bring_their_settings_and_their_card(ours, tmp_path):
    for place in range(6):
        Image.fromarray(data.astronaut()[place * 60 :][:64, :64]).save(tmp_path / f"{place}.png")
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", "--int8", "--pictures", tmp_path)
    assert done.exit_code == 0, done.output
    assert "other pictures" in done.output
    card = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert card["normalisation"] == {"rgb": "half"}
    assert card["weights"]["card"]["data"] == "none"
    assert card["int8"]["measured_on_pictures"] == 3
    assert (tmp_path / card["int8"]["file"]).is_file()


def test_pictures_in_subfolders_are_used_and_counted(ours, tmp_path):
    for place, name in enumerate(("0.png", "a/1.png", "a/b/2.png")):
        file = tmp_path / "in" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.astronaut()[place * 60 :][:64, :64]).save(file)
    (tmp_path / "in/a/notes.txt").write_text("none")
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", "--pictures", tmp_path / "in")
    assert done.exit_code == 0, done.output
    assert "Checked on 3 pictures." in done.stdout
    assert "note: Left out: other files (1)" in done.stderr
    one = ("--pictures", tmp_path / "in/0.png")
    assert (
        "Checked on 1 picture."
        in export("--weights", ours, "--out", tmp_path / "e.onnx", *one).stdout
    )


def test_of_many_pictures_some_are_used_and_both_are_counted(ours, tmp_path, monkeypatch):
    monkeypatch.setattr("blurprint.cli.export.MOST_PICTURES", 2)
    for place in range(3):
        Image.fromarray(data.astronaut()[place * 60 :][:64, :64]).save(tmp_path / f"{place}.png")
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", "--pictures", tmp_path)
    assert "Checked on 2 of 3 pictures." in done.stdout


@pytest.mark.parametrize(
    ("name", "said"), [("empty", "holds no pictures"), ("none.png", "no such")]
)
def test_pictures_that_are_not_there_stop_the_export(name, said, ours, tmp_path):
    (tmp_path / "empty").mkdir()
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", "--pictures", tmp_path / name)
    assert done.exit_code == 1
    assert name in done.stderr and said in done.stderr.lower()
    assert not (tmp_path / "d.onnx").exists()


def test_int8_without_pictures_says_that_its_error_is_unknown(ours, tmp_path):
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", "--int8", "--force")
    assert done.exit_code == 0 and "unknown" in done.stdout


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--model", "defocus", "rgb"), ("--size", "299", "32"), ("--normalisation", "timm", "half")],
)
def test_an_option_that_contradicts_weights_of_ours_is_refused(option, value, said, ours, tmp_path):
    done = export("--weights", ours, "--out", tmp_path / "d.onnx", option, value)
    assert done.exit_code == 2
    name = option.removeprefix("--")
    assert f"ours.safetensors: says itself that its {name} is {said}, but got {option} {value}" in (
        done.stderr
    )
    assert not (tmp_path / "d.onnx").exists()


@pytest.mark.parametrize("kind", ["none", "half"])
def test_weights_of_others_are_fed_as_asked(kind, tmp_path):
    torch.manual_seed(1)
    theirs = create_backbone(NET, 2).eval()
    torch.save({"model_state_dict": theirs.state_dict(), "epoch": 3}, tmp_path / "w.pth")
    done = export(
        "--weights", tmp_path / "w.pth", "--out", tmp_path / "d.onnx", "--backbone", NET,
        "--size", 32, "--normalisation", kind,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "(real, fake)" in done.stderr and "left out: epoch" in done.stderr
    view = np.random.default_rng(0).random((2, 3, 32, 32), np.float32)
    (given,) = onnxruntime.InferenceSession(tmp_path / "d.onnx").run(None, {"defocus": view})
    with torch.no_grad():
        fed = torch.from_numpy(view if kind == "none" else (view - 0.5) / 0.5)
        expected = theirs(fed).softmax(1)[:, 1].numpy()
    assert np.abs(given - expected).max() < 1e-4


@pytest.mark.parametrize(
    "arguments", [["--out", "d.safetensors"], ["--out", "d.onnx", "--force"], []]
)
def test_wrong_usage_ends_with_2(arguments, ours):
    assert export("--weights", ours, *arguments).exit_code == 2


def test_what_a_name_may_have_meant_is_said_in_one_line(tmp_path):
    torch.save(create_backbone(NET, 2).state_dict(), tmp_path / "w.pth")
    done = export(
        "--weights", tmp_path / "w.pth", "--out", tmp_path / "d.onnx",
        "--backbone", "legacy xception",
    )  # fmt: skip
    assert done.exit_code == 1
    assert done.stderr.strip().endswith("did you mean legacy_xception?")
