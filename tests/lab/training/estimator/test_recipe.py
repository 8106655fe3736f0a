"""From photographs to weights: what cannot go well is said before anything is rendered."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from skimage import data

from blurprint import InputError
from blurprint.lab.models.estimator import EstimatorConfig, EstimatorNet
from blurprint.lab.rendering.shards import VERSION
from blurprint.lab.rendering.sharp_sources import split_of
from blurprint.lab.training.estimator import recipe
from blurprint.lab.training.estimator.checkpoint import CHECKPOINT, Checkpoint, save_checkpoint
from blurprint.lab.training.estimator.export import write_weights
from blurprint.lab.training.estimator.network_weights import begin_with
from blurprint.lab.training.estimator.recipe import Recipe, make_estimator
from blurprint.lab.training.estimator.train import EstimatorTraining
from blurprint.weights.card import EstimatorCard, read_card
from blurprint.weights.stages import name_of

NETWORK = EstimatorConfig(
    channels=(8, 8, 8),
    encoder_blocks=(0, 1, 1),
    decoder_blocks=(1,),
    encoder_depthwise=(0, 0, 1),
    decoder_depthwise=(0,),
)
TINY = EstimatorTraining(network=NETWORK, steps=2, batch_size=4, crop=32, precision="32")
PLAIN = Recipe()
FIRST = {"settings": {"steps": 1}, "started_from": None}
SECOND = {"settings": {"steps": 2}, "started_from": {"sha256": "1", "training": FIRST}}
CURVE = {"tolerance_px": 0.25, "log_ratio": [-1.0, 1.0], "probability": [1.0, 0.0]}


def pictures(folder: Path, splits: dict[str, int], *, flat: tuple[str, ...] = ()) -> Path:
    """So many photographs of each split; those of the splits in `flat` are gray areas."""
    folder.mkdir()
    rocket = data.astronaut()
    left = dict(splits)
    for number in range(1000):
        if not any(left.values()):
            return folder
        for kind in ("flat", "sharp"):
            picture = np.full_like(rocket, 99) if kind == "flat" else rocket.copy()
            picture[0, :4, 0] = np.frombuffer(number.to_bytes(4, "little"), np.uint8)
            file = folder / f"{number}-{kind}.png"
            Image.fromarray(picture).save(file)
            split = split_of(file)
            if left.get(split, 0) and (kind == "flat") == (split in flat):
                left[split] -= 1
            else:
                file.unlink()
    raise AssertionError("no content of this split in a thousand")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pictures(tmp_path_factory.mktemp("p") / "photos", {"train": 1, "val": 1})


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Weights whose card is of the older form: trainings inside trainings."""
    torch.manual_seed(0)
    content = {"confidence": CURVE, "sigma": "whole", "training": SECOND}
    return write_weights(EstimatorNet(NETWORK).eval(), tmp_path / "earlier", "estimator", content)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    net = EstimatorNet(NETWORK)
    file = tmp_path / CHECKPOINT
    record = Checkpoint(2, TINY.to_dict())
    optimizer = torch.optim.AdamW(net.parameters())
    save_checkpoint(file, record, net=net, average=deepcopy(net), optimizer=optimizer)
    return file


def refused(photos: Path, out: Path, given: Recipe = PLAIN, **others: Any) -> str:
    """The error of a training, of which nothing was rendered."""
    with pytest.raises(InputError) as caught:
        make_estimator(photos, out / "run", given, **{"training": TINY, **others})
    assert not (out / "run").exists()
    return str(caught.value)


@pytest.mark.parametrize(
    ("there", "missing"), [({"train": 2}, "val"), ({"val": 1, "test": 1}, "train")]
)
def test_photographs_of_one_part_alone_are_refused_before_rendering(there, missing, tmp_path):
    folder = pictures(tmp_path / "photos", there)
    said = refused(folder, tmp_path)
    use = {"val": "validate", "train": "train"}[missing]
    assert said.startswith(f"{folder}: holds nothing to {use} on (")
    assert f'no picture of the split "{missing}"' in said
    assert "more photographs are needed" in said


def test_photographs_that_are_nowhere_sharp_are_refused_before_rendering(tmp_path):
    folder = pictures(tmp_path / "photos", {"train": 1, "val": 1}, flat=("val",))
    said = refused(folder, tmp_path)
    assert said.startswith(f"{folder}: holds nothing to validate on (Expected sharp photographs")


def test_a_missing_folder_is_named(tmp_path):
    assert f"{tmp_path / 'none'} is none" in refused(tmp_path / "none", tmp_path)


def test_what_does_not_fit_is_refused_before_rendering(photos, tmp_path, card, checkpoint):
    assert '`device` to be one that torch can use, but got "warp"' in refused(
        photos, tmp_path, device="warp"
    )
    assert "`crop` to be at most 192, but got 256" in refused(
        photos, tmp_path, training=replace(TINY, crop=256)
    )
    wider = replace(TINY, network=replace(NETWORK, channels=(8, 8, 12)))
    for file in (card, checkpoint):
        said = refused(photos, tmp_path, Recipe(start_from=file), training=wider)
        assert str(file) in said
        assert "another shape" in said
    said = refused(photos, tmp_path, Recipe(average_with=card))
    assert said == f"Expected a checkpoint (.safetensors) to average with, but got {card}"
    said = refused(photos, tmp_path, Recipe(average_with=checkpoint), training=wider)
    assert "another shape" in said


@pytest.mark.parametrize("option", ["start_from", "average_with", "teacher"])
@pytest.mark.parametrize("name", ["a.json", "a.safetensors"])
@pytest.mark.parametrize("content", [None, "", "{}", '{"format": 1}', '{"format": 1, "kind": 3}'])
def test_missing_thin_and_damaged_files_are_named_before_rendering(
    option, name, content, photos, tmp_path
):
    file = tmp_path / name
    if content is not None:
        file.write_text(content, "utf-8")
    assert str(file) in refused(photos, tmp_path, Recipe(**{option: file}))


def test_a_teacher_without_its_weights_is_named_before_rendering(photos, tmp_path, card):
    card.with_suffix(".onnx").unlink()
    said = refused(photos, tmp_path, Recipe(teacher=card))
    assert said.startswith(f"{card.with_suffix('.onnx')}: cannot be read")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"steps": 0}, "`steps` to be at least 1, but got 0"),
        ({"steps": 1.5}, "`steps` to be a whole number, but got 1.5"),
        ({"batch_size": True}, "`batch_size` to be a whole number, but got true"),
        ({"batch_size": 3}, "`batch_size` to be even with `agreement`, but got 3"),
        ({"crop": 100}, "`crop` to be a multiple of 16, the network's stride, but got 100"),
        ({"learning_rate": 0}, "`learning_rate` to be above 0, but got 0"),
        ({"learning_rate": float("nan")}, "`learning_rate` to be a finite number, but got nan"),
        ({"learning_rate": "1"}, '`learning_rate` to be a number, but got "1"'),
        ({"clip": 0}, "`clip` to be above 0"),
        ({"averaging": 1.1}, "`averaging` to be at most 1, but got 1.1"),
        ({"agreement": -0.1}, "`agreement` to be at least 0, but got -0.1"),
        ({"teaching": float("nan")}, "`teaching` to be a finite number, but got nan"),
        ({"seed": -1}, "`seed` to be at least 0"),
        ({"precision": "64"}, '`precision` to be among auto, bf16, 32, but got "64"'),
        ({"sigma": "both"}, '`sigma` to be among lens, whole, but got "both"'),
        ({"network": {}}, "`network` to be"),
        ({"stepps": 3}, "settings that are known, but got `stepps`"),
    ],
    ids=str,
)
def test_settings_of_another_type_or_out_of_range_are_refused(setting, said):
    with pytest.raises(InputError, match=f"^Expected {said}"):
        EstimatorTraining(**setting)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"examples": 0}, "`examples` to be at least 1, but got 0"),
        ({"workers": 0}, "`workers` to be at least 1, but got 0"),
        ({"average_share": 1.5}, "`average_share` to be at most 1, but got 1.5"),
    ],
    ids=str,
)
def test_a_recipe_out_of_range_is_refused(setting, said):
    with pytest.raises(InputError, match=f"^Expected {said}"):
        Recipe(**setting)


def test_a_checkpoint_that_lacks_weights_is_named(tmp_path, checkpoint):
    with safe_open(checkpoint, "pt") as stored:
        meta = stored.metadata()
        names = list(stored.keys())
        tensors = {name: stored.get_tensor(name) for name in names}
    for lost in ("average.", "average.head.weight", "average.stem.0.0.weight"):
        kept = {name: value for name, value in tensors.items() if not name.startswith(lost)}
        assert len(kept) < len(tensors)
        save_file(kept, checkpoint, metadata=meta)
        with pytest.raises(InputError, match=f"{CHECKPOINT}: Expected weights of a whole network"):
            begin_with(EstimatorNet(NETWORK), checkpoint)
    save_file(tensors, checkpoint, metadata={**meta, "config": "[]"})
    with pytest.raises(InputError, match=f"{CHECKPOINT}: Expected `config` to be a table"):
        begin_with(EstimatorNet(NETWORK), checkpoint)


def test_a_checkpoint_without_its_weights_is_not_resumed(photos, tmp_path, checkpoint, monkeypatch):
    monkeypatch.setattr(recipe, "render_dataset", rendered)
    with safe_open(checkpoint, "pt") as stored:
        meta = stored.metadata()
    save_file({"net.a": torch.zeros(1)}, checkpoint, metadata=meta)
    with pytest.raises(InputError, match=f"{CHECKPOINT}: does not hold the training that it"):
        make_estimator(photos, tmp_path, PLAIN, TINY, resume=True)


@pytest.mark.parametrize(
    "damaged", [{"channels": []}, {"channels": 3}, {"stem": "2"}, {"down": -1}]
)
def test_a_card_of_a_network_that_cannot_be_is_named(damaged, card):
    content = json.loads(card.read_text("utf-8"))
    content["network"] |= damaged
    card.write_text(json.dumps(content), "utf-8")
    with pytest.raises(InputError, match=r"estimator\.json: describes no estimator of blur"):
        begin_with(EstimatorNet(NETWORK), card)


def test_the_card_of_a_checkpoint_gives_the_trainings_before_it(tmp_path, card, checkpoint):
    stages: dict[str, Any] = {}
    origin = recipe._origin(checkpoint, stages)
    assert (origin["step"], stages) == (2, {})
    assert "stage" not in origin
    card.parent.rename(tmp_path / "weights")
    content = read_card(tmp_path / "weights" / "estimator.json").content
    assert recipe._origin(checkpoint, stages)["stage"] == name_of(content["training"])
    assert list(stages.values()) == [FIRST, content["training"]]


def test_a_card_that_says_nothing_of_its_training_gives_no_stage(tmp_path, card):
    content = json.loads(card.read_text("utf-8"))
    del content["training"]
    card.write_text(json.dumps(content), "utf-8")
    stages: dict[str, Any] = {}
    origin = recipe._origin(card, stages)
    assert (origin["stage"], origin["sha256"], stages) == (None, content["sha256"], {})


def test_a_training_from_an_older_card_has_each_training_once(photos, tmp_path, card, monkeypatch):
    monkeypatch.setattr(recipe, "render_dataset", rendered)
    given = Recipe(start_from=card, teacher=card)
    made = make_estimator(photos, tmp_path / "out", given, TINY)
    new, earlier = read_card(made, EstimatorCard), read_card(card).content
    first, second = name_of(FIRST), name_of(earlier["training"])
    assert new.content["stages"] == {first: FIRST, second: earlier["training"]}
    assert new.content["training"]["started_from"]["stage"] == second
    assert new.content["training"]["teacher"]["stage"] == second
    assert new.content["training"]["averaged_with"] is None
    assert new.content == json.loads(made.read_text("utf-8"))
    fast = read_card(made.with_name("estimator-int8.json")).content
    assert all(fast[name] == new.content[name] for name in ("training", "stages"))


def rendered(photos: Path, out: Path, *, count: int, **_: Any) -> list[Path]:
    """A shard of noise in the place of rendered photographs."""
    out.mkdir(parents=True)
    size, count = 48, 16
    rgb = np.random.default_rng(0).integers(0, 256, (count, size, size, 3)).astype(np.uint8)
    settings = {"version": VERSION, "seed": 0, "index": 0, "count": count, "size": size}
    file = out / "shard-00000.npz"
    np.savez(
        file,
        settings=np.array(json.dumps(settings)),
        rgb=rgb,
        sigma=np.full(rgb.shape[:3], 1, np.float16),
        weight=np.full(rgb.shape[:3], 255, np.uint8),
        known=np.ones(rgb.shape[:3], np.bool_),
        anisotropy=np.zeros(rgb.shape[:3], np.uint8),
        condition=np.full(count, "lens"),
    )
    return [file]
