"""Training a detector: what is written, resumed, refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from blurprint.errors import InputError, OutputError, PhotoError
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.models.detector_weights import load_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.training.detector import CONFIG, train_detector
from blurprint.lab.training.detector_settings import DetectorTraining
from blurprint.lab.training.epoch_keeper import CHECKPOINTS, LAST, EpochResult
from blurprint.lab.training.toml_config import read_toml

SMALL = DetectorTraining(
    detector=DetectorConfig(
        "rgb", "mobilenetv3_small_050", views=ViewOptions(views=("rgb",), size=32)
    ),
    epochs=3,
    batch_size=8,
    learning_rate=1e-3,
    augment=("flip", "noise"),
    workers=0,
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> SampleTable:
    """Noise, blurred in fakes: 24 to train on, 12 to validate."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    samples = []
    for index in range(36):
        picture = rng.integers(0, 256, (32, 32, 3), np.uint8)
        if index % 2:
            picture = cv2.GaussianBlur(picture, (0, 0), 1.5)
        path = folder / f"{index:02d}.png"
        cv2.imwrite(str(path), picture)
        split = "train" if index < 24 else "val"
        samples.append(Sample(str(path), index % 2, "m", str(index), split, str(path)))
    return make_table(samples)


def train(
    table: SampleTable, out: Path, training: DetectorTraining = SMALL, **more: object
) -> Path:
    parts = (table[table["split"] == name] for name in ("train", "val"))
    return train_detector(*parts, out, training, **more)  # type: ignore[arg-type]


def weights_of(out: Path) -> dict[str, torch.Tensor]:
    return torch.load(out / CHECKPOINTS / LAST, weights_only=True)["state_dict"]


def interrupt_at(step: int) -> object:
    def stepped(done: int, _: int) -> None:
        if done == step:
            raise KeyboardInterrupt

    return stepped


@pytest.fixture(scope="module")
def whole(table, tmp_path_factory) -> tuple[Path, list[EpochResult]]:
    out = tmp_path_factory.mktemp("whole") / "out"
    epochs: list[EpochResult] = []
    train(table, out, report=epochs.append)
    return out, epochs


def test_all_is_written_that_was_promised(whole):
    out, epochs = whole
    assert [e.epoch for e in epochs] == [1, 2, 3] and epochs[0].best
    card = json.loads((out / "detector.json").read_text("utf-8"))
    best = max(epochs, key=lambda e: (e.val_accuracy, -e.val_loss))
    assert card["best_epoch"] == best.epoch
    assert card["validation"]["accuracy"] == pytest.approx(best.val_accuracy)
    assert card["settings"]["learning_rate"] == 1e-3
    assert list((out / "tensorboard").glob("events*"))
    assert DetectorTraining.from_dict(read_toml(out / CONFIG)) == SMALL
    assert load_detector(out / "detector.safetensors").config == SMALL.detector


@pytest.mark.parametrize("step", [2, 4])  # in the first epoch (of 3 batches) and in the second
def test_an_interrupted_training_goes_on_to_the_same_result(step, whole, table, tmp_path):
    out, epochs = whole
    seen: list[EpochResult] = []
    with pytest.raises(KeyboardInterrupt):
        train(table, tmp_path / "o", stepped=interrupt_at(step), report=seen.append)
    assert (tmp_path / "o" / CHECKPOINTS / LAST).exists()
    train(table, tmp_path / "o", resume=True, report=seen.append)
    assert seen == epochs
    ours, theirs = weights_of(tmp_path / "o"), weights_of(out)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_one_seed_gives_one_training_and_another_another(whole, table, tmp_path):
    _, epochs = whole
    same: list[EpochResult] = []
    train(table, tmp_path / "same", report=same.append)
    assert same == epochs
    other: list[EpochResult] = []
    train(table, tmp_path / "other", replace(SMALL, seed=1, epochs=1), report=other.append)
    assert other[0].train_loss != epochs[0].train_loss


def test_a_finished_training_is_not_overwritten_nor_mixed(whole, table):
    out, _ = whole
    with pytest.raises(OutputError, match="resume"):
        train(table, out)
    with pytest.raises(InputError, match="learning_rate differ"):
        train(table, out, replace(SMALL, learning_rate=1e-2), resume=True)


def test_it_stops_early(table, tmp_path):
    epochs: list[EpochResult] = []
    training = replace(SMALL, epochs=20, patience=1, learning_rate=1e-9)
    train(table, tmp_path / "o", training, report=epochs.append)
    assert len(epochs) < 20


def test_it_starts_from_weights(table, tmp_path):
    torch.manual_seed(9)
    start = create_detector(SMALL.detector)
    torch.save({"model": start.state_dict()}, tmp_path / "w.pth")
    training = replace(SMALL, epochs=1, learning_rate=1e-12)
    best = train(table, tmp_path / "o", training, start_from=tmp_path / "w.pth")
    trained = load_detector(best)
    for name, value in start.named_parameters():
        assert torch.allclose(dict(trained.named_parameters())[name], value, atol=1e-6), name


def test_gradients_accumulate_over_batches(table, tmp_path):
    fine = replace(SMALL, epochs=1, batch_size=4, accumulate=2)
    steps: list[int] = []
    train(table, tmp_path / "o", fine, stepped=lambda done, _: steps.append(done))
    state = torch.load(tmp_path / "o" / CHECKPOINTS / LAST, weights_only=True)
    assert steps[-1] == 6 and state["global_step"] == 3


def test_mixed_precision_trains(table, tmp_path):
    epochs: list[EpochResult] = []
    train(table, tmp_path / "o", replace(SMALL, epochs=1, precision="bf16"), report=epochs.append)
    assert np.isfinite(epochs[0].train_loss)


def test_one_class_and_broken_pictures_are_named(table, tmp_path):
    reals = table[table["label"] == 0]
    with pytest.raises(InputError, match="training part"):
        train(reals, tmp_path / "a")
    broken = table.copy()
    broken.loc[3, "path"] = str(tmp_path / "gone.png")
    with pytest.raises(PhotoError, match=r"gone\.png"):
        train(broken, tmp_path / "b")


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("epochs", 0, "at least 1"),
        ("monitor", "luck", "accuracy, auc or loss"),
        ("precision", "8", "32, bf16, 16"),
        ("learning_rate", 0.0, "above 0"),
    ],
)
def test_settings_say_what_they_expect(setting, value, expected):
    with pytest.raises(InputError, match=expected):
        replace(SMALL, **{setting: value})


def test_unknown_settings_in_a_file_are_named():
    with pytest.raises(InputError, match="epoch_count"):
        DetectorTraining.from_dict({"epoch_count": 3})
