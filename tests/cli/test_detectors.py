"""Training, testing, comparing and exporting detectors as users do it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

NETWORK = ["--model", "rgb", "--backbone", "test_efficientnet", "--size", "32"]
LEARNING = ["--epochs", "2", "--batch-size", "8", "--learning-rate", "2e-3", "--workers", "0"]


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), **options(cwd), timeout=300, check=False)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "blurprint", *map(str, arguments)]


def options(cwd: Path) -> dict[str, object]:
    env = os.environ | {"XDG_CACHE_HOME": str(cwd / "cache"), "COLUMNS": "200"}
    return {"cwd": cwd, "env": env, "capture_output": True, "text": True}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder data/{train,val,test} of noise: real, soft/fake (blurred), bright/fake."""
    folder = tmp_path_factory.mktemp("place")
    rng = np.random.default_rng(0)
    for split, count in (("train", 16), ("val", 6), ("test", 6)):
        for kind in ("real", "soft/fake", "bright/fake"):
            inner = folder / "data" / split / kind
            inner.mkdir(parents=True)
            for index in range(count):
                picture = rng.integers(0, 200, (32, 32, 3), np.uint8)
                if kind.startswith("soft"):
                    picture = cv2.GaussianBlur(picture, (0, 0), 1.5)
                elif kind.startswith("bright"):
                    picture += 55
                cv2.imwrite(str(inner / f"{kind.replace('/', '-')}-{index}.png"), picture)
    return folder


@pytest.fixture(scope="module")
def trained(place: Path) -> Path:
    done = run(
        "train", "detector", "--data", "folder:data", "--out", "run", *NETWORK, *LEARNING, cwd=place
    )
    assert done.returncode == 0, done.stderr
    assert "Weights: run/detector.safetensors" in done.stdout
    assert "epoch 2" in done.stderr
    return place / "run"


def test_training_saves_what_it_did(trained):
    card = json.loads((trained / "detector.json").read_text("utf-8"))
    assert card["data"]["data"] == ["folder:data"]
    assert card["data"]["rows"] == {"train": 48, "val": 18}
    assert card["settings"]["epochs"] == 2


def test_a_saved_configuration_repeats_the_training(trained, place):
    done = run(
        "train", "detector", "--config", trained / "config.toml", "--out", "again", cwd=place
    )
    assert done.returncode == 0, done.stderr
    one, other = (
        json.loads((d / "detector.json").read_text("utf-8")) for d in (trained, place / "again")
    )
    assert one["validation"] == other["validation"]
    assert one["settings"] == other["settings"]


def test_options_go_before_the_configuration(trained, place):
    done = run(
        "train", "detector", "--config", trained / "config.toml", "--out", "other",
        "--epochs", "1", "--model", "frequency", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    settings = json.loads((place / "other/detector.json").read_text("utf-8"))["settings"]
    assert settings["epochs"] == 1 and settings["learning_rate"] == 2e-3
    assert settings["detector"]["model"] == "frequency"
    assert settings["detector"]["views"]["views"] == ["frequency"]


@pytest.mark.skipif(sys.platform != "linux", reason="two processes over loopback")
def test_two_devices_share_a_training(place):
    done = run(
        "train", "detector", "--data", "folder:data", "--out", "two", *NETWORK, *LEARNING,
        "--devices", "2", "--accelerator", "cpu", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Weights:") == 1 and "Warning" not in done.stderr
    assert "6/6" in done.stderr  # 48 pictures, two times 8 a step, two epochs


def test_evaluation_writes_everything(trained, place):
    done = run(
        "evaluate", "--weights", trained / "detector.safetensors", "--data", "folder:data",
        "--out", "tested", "--workers", "0", "--draws", "50", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "AUC over 18 pictures" in done.stdout and "Metadata only" in done.stdout
    metrics = json.loads((place / "tested/metrics.json").read_text("utf-8"))
    assert metrics["levels"]["pictures"]["overall"]["fakes"] == 12
    with (place / "tested/scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 18 and {"path", "label", "group", "score"} <= set(rows[0])
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert "<html" in (place / "tested/evaluation.html").read_text("utf-8")


def test_the_matrix_is_whole_and_taken_up_again(place):
    arguments = [
        "evaluate", "matrix", "--data", "folder:data", "--out", "matrix", *NETWORK, *LEARNING,
        "--draws", "20",
    ]  # fmt: skip
    done = run(*arguments, cwd=place)
    assert done.returncode == 0, done.stderr
    cells = sorted(file.name for file in (place / "matrix/cells").iterdir())
    assert cells == [f"{a}--{b}.json" for a in ("bright", "soft") for b in ("bright", "soft")]
    with (place / "matrix/matrix.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 4
    kept = (place / "matrix/cells/soft--soft.json").stat().st_mtime_ns
    (place / "matrix/cells/soft--bright.json").unlink()
    again = run(*arguments, cwd=place)
    assert again.returncode == 0, again.stderr
    assert (place / "matrix/cells/soft--soft.json").stat().st_mtime_ns == kept
    assert (place / "matrix/cells/soft--bright.json").exists()


def test_an_export_gives_the_scores_of_the_evaluation(trained, place):
    done = run(
        "export", "--weights", trained / "detector.safetensors", "--out", "d.onnx", "--int8",
        "--pictures", "data/test/real", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "on pictures" in done.stdout and "In 8 bits" in done.stdout
    picture = cv2.imread(str(next((place / "data/test/real").iterdir())))[..., ::-1]
    view = picture.astype(np.float32).transpose(2, 0, 1)[None] / 255
    for name in ("d.onnx", "d.int8.onnx"):
        (score,) = onnxruntime.InferenceSession(place / name).run(None, {"rgb": view})
        assert score.shape == (1,) and 0 <= score[0] <= 1


def test_kinds_of_detectors_are_compared(place):
    page = place / "page.md"
    page.write_text("before\n<!-- results -->\nold\n<!-- /results -->\nafter\n", "utf-8")
    done = run(
        "benchmark", "detectors", "--data", "folder:data", "--out", "compared", "--backbone",
        "test_efficientnet", "--size", "32", "--epochs", "1", "--batch-size", "8", "--seeds", "2",
        "--workers", "0", "--only", "rgb", "--only", "multiply", "--page", page, cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert "old" not in text and "RGB x defocus" in text and "Edge density only" in text
    result = json.loads((place / "compared/detectors.json").read_text("utf-8"))
    assert len(result["auc_of_single_trainings"]["rgb"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="sends an interrupt")
def test_ctrl_c_leaves_a_training_that_goes_on(trained, place):
    arguments = ["train", "detector", "--config", trained / "config.toml", "--out", "stopped"]
    long = [*arguments, "--epochs", "400"]
    with subprocess.Popen(
        command(*long), cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        deadline = time.monotonic() + 120
        while not (place / "stopped/detector.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "--resume" in said and "Traceback" not in said
    again = run(*arguments, "--epochs", "400", cwd=place)
    assert again.returncode == 1 and "--resume" in again.stderr
    more = run(*arguments, "--epochs", "1", "--resume", cwd=place)
    assert more.returncode == 0, more.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "detector", "--data", "folder:data"], "--out DIR"),
        (["train", "detector", "--data", "folder:gone", "--out", "x"], "gone"),
        (["train", "detector", "--data", "folder:data", "--out", "x", "--model", "y"], "rgb"),
        (["train", "detector", "--config", "no.toml", "--out", "x"], "no.toml"),
        (["evaluate", "--data", "folder:data", "--out", "x"], "--weights"),
        (["evaluate", "--weights", "w.safetensors", "--data", "folder:data", "--out", "x"], "w.s"),
        (["evaluate", "matrix", "--out", "x"], "--data"),
        (["export", "--weights", "w.safetensors", "--out", "x.onnx"], "w.safetensors"),
    ],
)
def test_mistakes_end_with_one_line(arguments, expected, place):
    done = run(*arguments, cwd=place)
    assert done.returncode == 1
    assert expected in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
