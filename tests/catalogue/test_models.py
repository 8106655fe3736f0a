"""What is listed of networks is what their cards say, and nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from importlib.metadata import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import blurprint.weights
from blurprint.catalogue.card_text import count, number, part
from blurprint.catalogue.models import model_of, shipped_models
from blurprint.cli.main import app
from blurprint.cli.models_table import NOT_STATED, rows
from blurprint.errors import InputError
from blurprint.optics.methods import METHODS
from blurprint.weights.card import shipped

WEIGHTS = Path(blurprint.weights.__file__).parent
MODELS = {model.name: model for model in shipped_models()}
ROOT = Path(__file__).parents[2]


def listed(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["models", *map(str, words)], env={"COLUMNS": "80"})
    return done.exit_code, done.output


def copied(name: str, folder: Path, **changes: object) -> Path:
    """The card of a network that ships, beside its file, with entries changed."""
    card = shipped(name)
    shutil.copy(card.model, folder)
    content = json.loads(card.path.read_text("utf-8")) | changes
    content = {key: value for key, value in content.items() if value is not None}
    file = folder / f"{name}.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


def test_everything_that_ships_is_listed_with_the_hash_of_its_file() -> None:
    assert {"face", "mtcnn", "cascade", *METHODS} == set(MODELS)
    files = {file.file: file for model in MODELS.values() for file in model.files}
    for path in WEIGHTS.glob("*.onnx"):
        data = path.read_bytes()
        one = files.pop(str(path))
        assert (one.bytes, one.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert one.state == "as stated"
    assert len(files) == 5, "three networks and two cascades, of packages"
    assert all(one.state == "as stated" for one in files.values())


def test_pages_of_the_documentation_are_there() -> None:
    for model in MODELS.values():
        for page in model.documented:
            assert (ROOT / page).is_file(), page


def test_numbers_of_the_face_network_are_those_of_its_card() -> None:
    said = json.loads((WEIGHTS / "face.json").read_text("utf-8"))
    face = MODELS["face"]
    assert face.outputs[0].direction == "0 = real, 1 = fake"
    ratio = face.outputs[1]
    cells = [cell["calibration"] for cell in said["rules"]["calibrations"]["cells"]]
    highest = [10 ** c["upper"] * (1 - c["without_sign"]) + c["without_sign"] for c in cells]
    assert ratio.high == pytest.approx(max(highest))
    fake, strong, real = face.thresholds[:3]
    stored = said["rules"]["thresholds"]
    assert (fake.value, fake.error) == (10 ** stored["fake"], stored["false_alarms"])
    assert (strong.value, strong.error) == (10 ** stored["strong"], stored["strong_false_alarms"])
    assert (real.value, real.error) == (10 ** stored["real"], stored["missed"])
    aucs = {one.what: one for one in face.errors}
    for name, content in said["errors"]["recipes"].items():
        auc = aucs[f"AUC, pseudo-fakes “{name}”"]
        assert {k: getattr(auc, k) for k in ("value", "low", "high")} == content["auc"]
        assert auc.count == content["fakes"]
    assert sum(said["training"]["licences"].values()) == sum(
        int(fact.split()[2].replace(",", "")) for fact in face.training.facts if "licence" in fact
    )


def words_of(page: Path) -> list[str]:
    return page.read_text("utf-8").split()


def test_numbers_of_an_estimator_are_those_of_its_card() -> None:
    said = json.loads((WEIGHTS / "estimator-int8.json").read_text("utf-8"))
    net = MODELS["net"]
    assert net.outputs[0].unit == "px"
    assert net.outputs[0].low == pytest.approx(12**-0.5)
    assert net.errors[0].value == said["errors_on_held_out_renders_px"]["mean"]
    assert net.errors[0].low is net.errors[0].high is None
    assert "1,000 renders held out of its training" in dict(rows(net))["error"][-1]
    mean = net.errors[0].value
    root = Path(__file__).parents[2]
    assert f"(`blurprint models` gives {mean:.2f} px:" in " ".join(words_of(root / "README.md"))
    assert f"another mean error, {mean:.3f} px." in " ".join(words_of(root / "docs/estimators.md"))
    measured = {n for n, c in said["by_condition"].items() if c["mean_error_px"] is not None}
    assert {one.what.rpartition(", ")[2] for one in net.errors[3:]} == measured
    assert net.licence.weights == said["licence"]
    assert MODELS["edge"].licence.weights == "" and MODELS["edge"].training.data == ""


def test_what_a_card_does_not_say_is_not_stated(tmp_path) -> None:
    bare = copied(
        "estimator", tmp_path, licence=None, training=None, errors_on_held_out_renders_px=None,
        by_condition=None, limits=None, parameters=None, stages=None,
    )  # fmt: skip
    model = model_of(bare)
    assert (model.licence.weights, model.training.data, model.parameters) == (None, None, None)
    assert model.errors == model.limits == ()
    shown = dict(rows(model))
    assert shown["training"] == shown["error"] == shown["limits"] == [NOT_STATED]
    assert shown["licence"][1] == f"weights: {NOT_STATED}"
    odd = copied("estimator", tmp_path, licence=7, parameters="many", limits="none", by_condition=3)
    assert model_of(odd).licence.weights is None
    assert model_of(odd).parameters is None


def test_a_file_that_is_not_the_one_described_is_said_with_status_1(tmp_path) -> None:
    card = copied("estimator-int8", tmp_path)
    assert listed("estimator-int8", "--card", card)[0] == 0
    (tmp_path / "estimator-int8.onnx").write_bytes(b"other")
    status, text = listed("estimator-int8", "--card", card)
    assert status == 1
    assert "hash other than stated" in text
    (tmp_path / "estimator-int8.onnx").unlink()
    status, text = listed("estimator-int8", "--card", card)
    assert status == 1
    assert "hash missing" in text


def test_the_card_of_a_face_network_and_of_a_detector(tmp_path) -> None:
    assert model_of(copied("face", tmp_path)).used_by == "score --weights face.json"
    data = b"weights"
    (tmp_path / "d.onnx").write_bytes(data)
    trained = {
        "data": {"data": ["cifake:/d"], "split": "official", "rows": {"train": 90, "val": 10}},
        "validation": {"accuracy": 0.9, "auc": 0.95, "loss": 0.2},
        "started_from": {"source": "timm", "licence": "Apache-2.0"},
        "remarks": ["Few groups."],
    }
    card = {
        "kind": "detector",
        "format": "blurprint-detector-onnx-1",
        "file": "d.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "config": {"model": "defocus", "views": {}},
        "differs_from_torch_by": {"random": 1e-6},
        "weights": {"notes": [], "card": trained},
    }
    (tmp_path / "d.json").write_text(json.dumps(card), "utf-8")
    model = model_of(tmp_path / "d.json")
    assert model.outputs[0].direction == "0 = real, 1 = fake"
    assert model.thresholds == ()
    assert model.training.data == "cifake:/d"
    assert model.training.started_from == "timm, Apache-2.0"
    assert "90 pictures of the training" in model.training.facts
    assert {one.what: one.value for one in model.errors}["AUC, validation part"] == 0.95
    assert model.limits == ("Few groups.",)
    status, text = listed("d", "--card", tmp_path / "d.json", "--json")
    assert status == 0
    assert json.loads(text)["models"][0]["kind"] == "detector"


def test_all_weights_of_a_detector_are_compared_with_its_card(tmp_path) -> None:
    contents = {"d.onnx": b"whole", "d.int8.onnx": b"small", "t.safetensors": b"trained"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    config = {"kind": "detector", "config": {"model": "rgb", "views": {}}}
    exported = config | {
        "format": "blurprint-detector-onnx-1",
        "file": "d.onnx",
        "sha256": hashes["d.onnx"],
        "int8": {"file": "d.int8.onnx", "sha256": hashes["d.int8.onnx"]},
    }
    trained = config | {"format": "blurprint-detector-1", "sha256": hashes["t.safetensors"]}
    (tmp_path / "d.json").write_text(json.dumps(exported), "utf-8")
    (tmp_path / "t.json").write_text(json.dumps(trained), "utf-8")
    found = [*model_of(tmp_path / "d.json").files, *model_of(tmp_path / "t.json").files]
    assert [Path(one.file).name for one in found] == list(contents)
    assert {one.state for one in found} == {"as stated"}
    (tmp_path / "d.int8.onnx").write_bytes(b"other")
    assert model_of(tmp_path / "d.json").files[1].state == "other than stated"


def test_json_has_what_the_models_are_and_null_for_not_stated() -> None:
    status, text = listed("--json")
    content = json.loads(text)
    assert status == 0
    assert content["schema"] == 1
    assert [one["name"] for one in content["models"]] == list(MODELS)
    face = content["models"][list(MODELS).index("face")]
    assert face["licence"]["weights"] == "Apache-2.0"
    net = content["models"][list(MODELS).index("net")]
    assert net["errors"][0]["low"] is None  # its card gives no intervals
    assert face["licence"]["code"] == metadata("blurprint")["License-Expression"]
    assert face["thresholds"][0] == asdict(MODELS["face"].thresholds[0])


def test_tables_hold_each_hash_in_one_piece_and_every_name() -> None:
    status, text = listed()
    assert status == 0
    for model in MODELS.values():
        assert f"{model.name}: " in text
        for file in model.files:
            assert str(file.sha256) in text


def test_wrong_names_and_cards_are_refused(tmp_path) -> None:
    assert listed("nett") == (
        2,
        f'blurprint: Expected a name among {", ".join(MODELS)}, but got "nett"\n',
    )
    (tmp_path / "a.json").write_text("[]", "utf-8")
    assert listed("--card", tmp_path / "a.json")[0] == 1
    with pytest.raises(InputError, match=r"a\.json"):
        model_of(tmp_path / "a.json")


def test_entries_of_other_types_count_as_not_stated() -> None:
    odd = {"n": True, "x": float("nan"), "m": -1, "o": [1]}
    assert number(odd, "n") is number(odd, "x") is None
    assert count(odd, "n") is count(odd, "m") is None
    assert part(odd, "o", "p") == {}
