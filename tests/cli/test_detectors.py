"""Training, testing, comparing and exporting detectors as users do it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from typer.testing import CliRunner

from blurprint.cli.main import app
from blurprint.lab.loading.pictures import ViewMaker, ViewOptions
from blurprint.lab.torchvision_import import ensure_torchvision
from interrupts import interrupts_heard

ensure_torchvision()

import timm  # noqa: E402

pytestmark = pytest.mark.slow

NETWORK = ["--model", "rgb", "--backbone", "test_efficientnet", "--size", "32"]
LEARNING = ["--epochs", "2", "--batch-size", "8", "--learning-rate", "2e-3", "--workers", "0"]


@dataclass(frozen=True)
class Done:
    """What a command left; as of a process of its own, which would take seconds to start."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, cwd: Path) -> Done:
    env = {"XDG_CACHE_HOME": str(cwd / "cache"), "COLUMNS": "200"}
    with chdir(cwd):
        done = CliRunner().invoke(app, list(map(str, arguments)), env=env)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def run_alone(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
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
    assert card["data"]["data"] == [f"folder:{trained.parent / 'data'}"]
    assert card["data"]["rows"] == {"train": 48, "val": 18}
    assert card["data"]["split_seed"] == 42 and card["data"]["frames"] == 32
    assert card["settings"]["epochs"] == 2
    assert card["seen"]["pictures"] == {"train": 48, "val": 18}
    with (trained / "epochs.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2


def test_a_training_begins_with_what_was_inferred(place):
    done = run(
        "train", "detector", "--data", "folder:data", "--out", "said", *NETWORK, *LEARNING,
        "--epochs", "1", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    begin = done.stderr.splitlines()[:6]
    assert any(line.startswith("Read: train: 16 real") for line in begin), done.stderr
    assert any(line.startswith("Labels: ") and '"real"' in line for line in begin)
    assert any(line.startswith("Parts: ") for line in begin)


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
    done = run_alone(
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
    overall = metrics["levels"]["pictures"]["overall"]
    assert overall["fakes"] == 12
    counts = overall["confusion"]
    assert counts["true_positives"] + counts["false_negatives"] == 12
    assert counts["true_negatives"] + counts["false_positives"] == 6
    assert overall["metrics"]["recall"]["value"] == counts["true_positives"] / 12
    assert {"precision", "f1"} <= set(overall["metrics"])
    assert metrics["notes"] == []
    assert metrics["data"] == {
        "data": [f"folder:{place / 'data'}"], "split": "official", "split_seed": 42,
        "compression": None, "frames": 32, "fake_types": [], "labels": {}, "defaults": ["split"],
        "part": "test",
    }  # fmt: skip
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
    assert "epoch" not in again.stderr
    # Other settings are another result: nothing of the earlier one is taken for it.
    other = run(*arguments, "--epochs", "3", cwd=place)
    assert other.returncode == 0, other.stderr
    assert "soft, epoch 3" in other.stderr and "bright, epoch 3" in other.stderr
    assert len(list((place / "matrix/trained").iterdir())) == 4


def test_a_matrix_takes_its_data_from_a_configuration_and_no_name_leaves_its_folder(place):
    lines = ["path,label,method,split"]
    for split in ("train", "val", "test"):
        for kind, method in (("real", ""), ("soft/fake", ".."), ("bright/fake", "a/../../b")):
            paths = (place / "data" / split / kind).iterdir()
            lines += [f"{path},{int(bool(method))},{method},{split}" for path in paths]
    (place / "odd.csv").write_text("\n".join(lines))
    before = set(place.iterdir())
    trained = run(
        "train", "detector", "--data", "table:odd.csv", "--fake-type", "..", "--out", "odd",
        *NETWORK, *LEARNING, "--epochs", "1", cwd=place,
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    done = run(
        "evaluate", "matrix", "--config", "odd/config.toml", "--out", "inner/matrix", "--draws",
        "20", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(place.iterdir()) - before == {place / "odd", place / "inner"}
    assert [one.name for one in (place / "inner").iterdir()] == ["matrix"]
    assert len(list((place / "inner/matrix/cells").iterdir())) == 4


@pytest.fixture(scope="module")
def people(place: Path) -> Path:
    """Sixty people in no parts, a real and a fake of each; half of them trained on by seed 7."""
    rng = np.random.default_rng(1)
    for index in range(60):
        for label in ("real", "fake"):
            file = place / "people" / label / f"{index:02}" / "0.png"
            file.parent.mkdir(parents=True)
            cv2.imwrite(str(file), rng.integers(0, 200, (32, 32, 3), np.uint8))
    done = run(
        "train", "detector", "--data", "folder:people", "--split", "identity", "--split-seed", "7",
        "--seed", "3", "--out", "seven", *NETWORK, *LEARNING, "--epochs", "1", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return place / "seven" / "detector.safetensors"


def test_an_evaluation_takes_the_split_of_the_card(people, place):
    done = run(
        "evaluate", "--weights", people, "--out", "unseen", "--no-baselines", "--draws", "20",
        "--workers", "0", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "As in training, from the card: split identity, split seed 7" in done.stderr
    metrics = json.loads((place / "unseen/metrics.json").read_text("utf-8"))
    assert metrics["notes"] == [] and metrics["data"]["split_seed"] == 7
    with (place / "unseen/scores.csv").open(newline="") as file:
        tested = {row["group"] for row in csv.DictReader(file)}
    table = run(
        "dataset", "table", "--data", "folder:people", "--split", "identity", "--split-seed", "7",
        "--out", "seven.csv", cwd=place,
    )  # fmt: skip
    assert table.returncode == 0, table.stderr
    with (place / "seven.csv").open(newline="") as file:
        assert tested == {row["group"] for row in csv.DictReader(file) if row["split"] == "test"}


def test_what_was_seen_is_refused_and_said_where_it_is_allowed(people, place):
    with np.load(people.with_name("detector.seen.npz")) as seen:
        trained, validated = seen["train_pictures"], seen["val_pictures"]
    assert (len(trained), len(validated)) == (84, 12)
    arguments = [
        "evaluate", "detector", "--weights", people, "--split-seed", "42", "--no-baselines",
        "--draws", "20", "--workers", "0",
    ]  # fmt: skip
    refused = run(*arguments, "--out", "refused", cwd=place)
    assert refused.returncode == 1
    found = re.search(
        r"(\d+) of 24 test pictures were trained on, (\d+) validated on", refused.stderr
    )
    assert found and int(found[1]) > 5 and "--allow-seen" in refused.stderr
    assert not (place / "refused").exists()
    allowed = run(*arguments, "--out", "allowed", "--allow-seen", cwd=place)
    assert allowed.returncode == 0, allowed.stderr
    assert "Differs from training: split seed 42 instead of 7" in allowed.stderr
    metrics = json.loads((place / "allowed/metrics.json").read_text("utf-8"))
    page = (place / "allowed/evaluation.html").read_text("utf-8")
    for text in (metrics["notes"][0], page, allowed.stdout):
        assert found[0] in text


def test_one_broken_picture_is_left_out_of_a_test_and_said(trained, place):
    broken = place / "data/test/real" / "real-0.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:50])
    try:
        done = run(
            "evaluate", "--weights", trained / "detector.safetensors", "--out", "one-broken",
            "--workers", "0", "--draws", "20", cwd=place,
        )  # fmt: skip
    finally:
        broken.write_bytes(whole)
    assert done.returncode == 0, done.stderr
    assert "AUC over 17 pictures" in done.stdout
    (note,) = json.loads((place / "one-broken/metrics.json").read_text("utf-8"))["notes"]
    assert note.startswith("1 of 18 pictures cannot be read and were left out: ")
    assert "real-0.png" in note and note in done.stdout


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
    with interrupts_heard():
        started = subprocess.Popen(
            command(*long), cwd=place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    with started as process:
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


def test_the_card_means_the_data_of_the_training_wherever_it_is_used(trained, place, tmp_path):
    for split in ("train", "val", "test"):  # other pictures under the same relative path
        for kind in ("real", "fake"):
            file = tmp_path / "data" / split / kind / "0.png"
            file.parent.mkdir(parents=True)
            cv2.imwrite(str(file), np.random.default_rng(5).integers(0, 9, (32, 32, 3), np.uint8))
    done = run(
        "evaluate", "--weights", trained / "detector.safetensors", "--out", "o", "--no-baselines",
        "--draws", "20", "--workers", "0", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "AUC over 18 pictures" in done.stdout


def test_data_that_changed_since_the_training_are_said_to_have(place):
    data = place / "changing"
    shutil.copytree(place / "data", data)
    done = run(
        "train", "detector", "--data", "folder:changing", "--out", "changed", *NETWORK, *LEARNING,
        "--epochs", "1", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    command = [
        "evaluate", "--weights", "changed/detector.safetensors", "--no-baselines", "--draws", "20",
        "--workers", "0",
    ]  # fmt: skip
    same = run(*command, "--out", "same", cwd=place)
    assert same.returncode == 0 and "changed since training" not in same.stdout
    one = data / "train" / "real" / "real-0.png"
    cv2.imwrite(str(one), np.zeros((32, 32, 3), np.uint8))
    other = run(*command, "--out", "other", cwd=place)
    assert other.returncode == 0, other.stderr
    assert "The data have changed since training" in other.stdout
    notes = json.loads((place / "other/metrics.json").read_text("utf-8"))["notes"]
    assert any("changed since training" in note for note in notes)


def test_a_training_that_failed_in_its_first_epoch_can_be_begun_again(place):
    (place / "again-out").mkdir()
    shutil.copytree(place / "run" / "checkpoints", place / "again-out" / "checkpoints")
    done = run(
        "train", "detector", "--data", "folder:data", "--out", "again-out", *NETWORK, *LEARNING,
        "--epochs", "1", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('epochs = "2"', "Expected `epochs` to be a whole number"),
        ("epochs = 1.5", "Expected `epochs` to be a whole number"),
        ("seed = 1.7", "Expected `seed` to be a whole number"),
        ("patience = true", "Expected `patience` to be a whole number, but got true"),
        ('balance = "no"', "Expected `balance` to be true or false"),
        ('augment = "flip"', "Expected `augment` to be a list of names"),
        ("batch_size = 1", "Expected `batch_size` to be at least 2"),
        ("workers = -1", "Expected `workers` to be at least 0"),
        ('[detector]\ndropout = "0.5"', "Expected `dropout` to be a number"),
        ("[detector.views]\nsize = 32.5", "Expected `size` to be a whole number"),
        ('[data]\ndata = ["folder:data"]\nframes = "8"', "Expected `frames` to be a whole number"),
        ('[data.labels]\nstylegan = "fke"', 'Expected the label "stylegan" to be real or fake'),
        ("[data]\nspilt = 3", "Unknown settings of the data: spilt"),
    ],
)
def test_wrong_values_in_a_configuration_are_named(lines, expected, place):
    (place / "wrong.toml").write_text(lines)
    done = run(
        "train", "detector", "--config", "wrong.toml", "--data", "folder:data", "--out", "x",
        cwd=place,
    )  # fmt: skip
    assert done.returncode == 2 and expected in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and not (place / "x").exists()


def test_evaluations_stand_beside_each_other(trained, place):
    for name, more in (("all", []), ("soft", ["--fake-type", "soft"])):
        done = run(
            "evaluate", "--weights", trained / "detector.safetensors", "--out", f"beside/{name}",
            "--draws", "20", "--workers", "0", *more, cwd=place,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    done = run("evaluate", "table", "beside/all", "beside/soft", "--out", "t.md", cwd=place)
    assert done.returncode == 0, done.stderr
    header, _, *rows = done.stdout.strip().splitlines()
    assert "AUC" in header and "Edge density only" in header and len(rows) == 2
    metrics = json.loads((place / "beside/soft/metrics.json").read_text("utf-8"))
    auc = metrics["levels"]["pictures"]["overall"]["metrics"]["auc"]["value"]
    assert f"{auc:.3f}" in rows[1] and "12 pictures" in rows[1]
    assert 'differ in fake types: ["soft"], []' in done.stderr
    assert rows[0] in (place / "t.md").read_text("utf-8")
    wrong = run("evaluate", "table", "data", cwd=place)
    assert wrong.returncode == 1 and "data/metrics.json" in wrong.stderr


def test_the_papers_experiment_is_one_option(place):
    done = run(
        "train", "detector", "--config", "paper", "--data", "folder:data", "--split", "official",
        "--backbone", "lcnet_035", "--size", "32", "--epochs", "1", "--workers", "0", "--out",
        "paper-run", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Training starts from random weights" in done.stderr
    card = json.loads((place / "paper-run/detector.json").read_text("utf-8"))
    settings = card["settings"]
    assert (settings["batch_size"], settings["learning_rate"]) == (64, 1e-4)
    assert card["config"]["normalisation"] == "none" and card["config"]["model"] == "defocus"
    assert card["config"]["views"]["estimator"] == "paper"


def test_another_model_does_not_inherit_the_normalisation_of_a_configuration(place):
    done = run(
        "train", "detector", "--config", "paper", "--data", "folder:data", "--split", "official",
        "--model", "rgb", "--backbone", "lcnet_035", "--size", "32", "--epochs", "1", "--workers",
        "0", "--no-pretrained", "--out", "paper-rgb", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    card = json.loads((place / "paper-rgb/detector.json").read_text("utf-8"))
    assert card["config"]["normalisation"] == "half" and card["config"]["views"]["views"] == ["rgb"]


def test_weights_of_another_training_are_tested_as_they_were_fed(place, tmp_path):
    """P(fake) of a bare backbone on the map in [0, 1], without mean and deviation."""
    torch.manual_seed(0)
    net = timm.create_model("test_efficientnet", num_classes=1).eval()
    state = {f"module.classifier.{name}": value for name, value in net.state_dict().items()}
    torch.save({"model_state_dict": state, "epoch": 3}, tmp_path / "theirs.pth")
    done = run(
        "evaluate", "--weights", tmp_path / "theirs.pth", "--backbone", "test_efficientnet",
        "--size", "32", "--data", "folder:data", "--out", tmp_path / "o", "--no-baselines",
        "--draws", "20", "--workers", "0", cwd=place,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    notes = json.loads((tmp_path / "o/metrics.json").read_text("utf-8"))["notes"]
    assert any("unknown" in note and "theirs.seen.npz" in note for note in notes)
    maker = ViewMaker(ViewOptions(size=32))
    with (tmp_path / "o/scores.csv").open(newline="") as file, torch.no_grad():
        for row in csv.DictReader(file):
            view = torch.from_numpy(maker.from_file(place / row["path"])["defocus"])[None]
            assert float(row["score"]) == pytest.approx(net(view).sigmoid().item(), abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "expected", "status"),
    [
        (["train", "detector", "--data", "folder:data"], "--out DIR", 2),
        (["train", "detector", "--data", "folder:gone", "--out", "x"], "gone", 1),
        (["train", "detector", "--data", "folder:data", "--out", "x", "--model", "y"], "rgb", 2),
        (["train", "detector", "--data", "folder:data", "--out", "x", "--epochs", "0"],
         "blurprint evaluate detector", 2),
        (["train", "detector", "--config", "no.toml", "--out", "x"], "no.toml", 2),
        (["evaluate", "--data", "folder:data", "--out", "x"], "--weights", 2),
        (["evaluate", "--weights", "w.safetensors", "--data", "folder:data", "--out", "x"],
         "w.s", 1),
        (["evaluate", "matrix", "--out", "x"], "--data", 2),
        (["evaluate", "--weights", "run/detector.safetensors", "--data", "folder:data", "--out",
          "x", "--label", "cat"], "NAME=real", 2),
        (["export", "--weights", "w.safetensors", "--out", "x.onnx"], "w.safetensors", 1),
    ],
)  # fmt: skip
def test_mistakes_end_with_one_line(arguments, expected, status, trained, place):
    done = run(*arguments, cwd=place)
    assert done.returncode == status
    assert expected in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (place / "x").exists()


def test_options_before_the_command_are_not_dropped(place):
    done = run("evaluate", "--data", "folder:data", "matrix", "--out", "x", cwd=place)
    assert done.returncode == 2 and "matrix" in done.stderr
    assert not (place / "x").exists()
