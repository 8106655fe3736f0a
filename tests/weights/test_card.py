"""Cards: one reader, which names the file and the field that is wrong."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from blurprint.errors import InputError
from blurprint.score.rules import rules_of
from blurprint.weights import card as cards
from blurprint.weights.card import DetectorCard, EstimatorCard, FaceCard, read_card, shipped

SHIPPED = sorted(file.stem for file in Path(cards.__file__).parent.glob("*.json"))
CURVE = {"tolerance_px": 0.25, "log_ratio": [-1, 0.5], "probability": [0.9, 0.1]}
THIN = {
    "format": 1,
    "file": "a.onnx",
    "sha256": "0",
    "input": {"stride": 16},
    "confidence": CURVE,
}
DETECTOR = {
    "format": "blurprint-detector-onnx-1",
    "file": "a.onnx",
    "sha256": "0",
    "config": {"model": "rgb", "views": {"views": ["rgb"]}},
}


def written(folder: Path, content: Any) -> Path:
    file = folder / "a.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


@pytest.mark.parametrize("name", SHIPPED)
def test_cards_that_ship_are_read_as_they_stand(name):
    card = shipped(name, EstimatorCard if name.startswith("estimator") else FaceCard)
    assert card.content == json.loads(card.path.read_text("utf-8"))
    if isinstance(card, EstimatorCard):
        assert card.kind == "estimator"
        assert card.input.stride == card.content["input"]["stride"]
        assert card.confidence.probability == card.content["confidence"]["probability"]
    assert hashlib.sha256(card.read_model()).hexdigest() == card.sha256


def test_some_cards_ship():
    assert {"estimator-int8", "face"} <= set(SHIPPED)
    face = shipped("face", FaceCard)
    assert face.path.stat().st_size + face.model.stat().st_size < 6e6
    rules = rules_of(face)
    assert rules.thresholds.false_alarms <= 0.05
    assert rules.thresholds.strong_false_alarms <= 0.01
    assert set(face.content) >= {"training", "errors", "cannot"}
    assert sum(face.content["training"]["licences"].values())


def test_the_least_that_a_card_says_is_read_and_the_rest_takes_its_default(tmp_path):
    card = read_card(written(tmp_path, THIN | {"colour": ["blue"]}), EstimatorCard)
    assert (card.sigma, card.network, card.confidence.tolerance_share) == ("lens", {}, 0)
    assert card.content["colour"] == ["blue"]
    assert card.model == tmp_path / "a.onnx"


def test_the_kind_is_read_and_without_one_the_format_says_it(tmp_path):
    for stated in ({}, {"kind": "detector"}):
        assert isinstance(read_card(written(tmp_path, DETECTOR | stated)), DetectorCard)
    for stated in ({}, {"kind": "estimator"}):
        assert isinstance(read_card(written(tmp_path, THIN | stated)), EstimatorCard)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in THIN.items() if key != name}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "a card, an object, but got a list"),
        ({}, "`format` to be 1 or to begin with blurprint-detector-, but got nothing"),
        (THIN | {"format": 2}, "`format` to be 1 .*but got 2"),
        (THIN | {"kind": "oracle"}, '`kind` to be estimator or detector or face, but got "oracle"'),
        (THIN | {"kind": ["estimator"]}, "`kind` to be estimator or detector"),
        (THIN | {"kind": "detector"}, "`format` to be text, but got 1"),
        (without("file"), "`file`, which is missing"),
        (without("input"), "`input`, which is missing"),
        (without("confidence"), "`confidence`, which is missing"),
        (THIN | {"file": 3}, "`file` to be text, but got 3"),
        (THIN | {"file": "../a.onnx"}, "`file` to be the name of a file beside the card"),
        (THIN | {"input": {"stride": "16"}}, '`input.stride` to be a whole number, but got "16"'),
        (THIN | {"input": {"stride": 0}}, "`input.stride` to be at least 1, but got 0"),
        (THIN | {"sigma": "both"}, '`sigma` to be among lens, whole, but got "both"'),
        (THIN | {"confidence": {}}, "`confidence.tolerance_px`, which is missing"),
        (
            THIN | {"confidence": CURVE | {"tolerance_px": float("nan")}},
            "`confidence.tolerance_px` to be a finite number",
        ),
        (THIN | {"confidence": CURVE | {"log_ratio": [1, 0]}}, "`confidence` to be increasing"),
        (THIN | {"confidence": CURVE | {"log_ratio": [1]}}, "`confidence` to be increasing"),
        (THIN | {"confidence": CURVE | {"log_ratio": None}}, "`confidence` to be increasing"),
        (DETECTOR | {"config": {"model": "rgb"}}, "`config.views`, which is missing"),
        (DETECTOR | {"int8": {"file": "b.onnx"}}, "`int8.sha256`, which is missing"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_with_its_file(content, said, tmp_path):
    with pytest.raises(InputError, match=rf"a\.json: Expected .*{said}"):
        read_card(written(tmp_path, content))


def test_a_card_of_another_kind_than_is_needed_is_refused(tmp_path):
    with pytest.raises(InputError, match="the card of an estimator, but got that of a detector"):
        read_card(written(tmp_path, DETECTOR), EstimatorCard)
    with pytest.raises(InputError, match="the card of a face network, but got that of a detector"):
        read_card(written(tmp_path, DETECTOR), FaceCard)


@pytest.mark.parametrize("text", ["", "{", "\xff", "[" * 100_000])
def test_what_is_no_json_is_refused(text, tmp_path):
    (tmp_path / "a.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.json: Expected a card in JSON"):
        read_card(tmp_path / "a.json")


def test_a_card_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"a\.json: cannot be read as a card \(No such file"):
        read_card(tmp_path / "a.json")


def test_files_that_a_detectors_card_does_not_name_are_asked_for_in_vain(tmp_path):
    bare = {key: value for key, value in DETECTOR.items() if key not in ("file", "sha256")}
    card = read_card(written(tmp_path, bare), DetectorCard)
    with pytest.raises(InputError, match=r"a\.json: Expected `file`, which is missing"):
        card.read_model()
    with pytest.raises(InputError, match=r"a\.json: Expected `int8`, which is missing"):
        card.in_8_bits()


def test_help_does_not_wait_for_pydantic():
    code = (
        "import sys\n"
        "from blurprint.cli.main import app\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "print('pydantic' in sys.modules, 'onnxruntime' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
