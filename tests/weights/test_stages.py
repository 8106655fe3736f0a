"""Trainings in a card: each once, whatever form the file has, and nothing of them lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from blurprint.errors import InputError
from blurprint.weights.card import EstimatorCard, read_card, shipped
from blurprint.weights.stages import MENTIONS, flattened, name_of, remember

THIN = {
    "format": 1,
    "file": "a.onnx",
    "sha256": "0",
    "input": {"stride": 16},
    "confidence": {"tolerance_px": 0.25, "log_ratio": [-1, 0.5], "probability": [0.9, 0.1]},
}
FIRST = {"settings": {"steps": 1}, "started_from": None}
SECOND = {"settings": {"steps": 2}, "started_from": {"sha256": "1", "training": FIRST}}
THIRD = {
    "settings": {"steps": 3},
    "started_from": {"sha256": "2", "step": 2, "training": SECOND},
    "averaged_with": {"sha256": "2", "share": 0.5},
    "teacher": {"sha256": "1", "training": FIRST, "taught": ["lens"]},
}
NESTED = {**THIN, "training": THIRD, "licence": "none"}
"""A card of before: the record of the first training stands in it twice."""


def nested(training: dict[str, Any], stages: dict[str, Any]) -> dict[str, Any]:
    """A training as cards of before held it, each earlier one inside the later."""
    out = dict(training)
    for mention in MENTIONS:
        earlier = training.get(mention)
        if earlier is not None and "stage" in earlier:
            record = earlier["stage"] and nested(stages[earlier["stage"]], stages)
            out[mention] = {
                **{key: value for key, value in earlier.items() if key != "stage"},
                "training": record,
            }
    return out


def written(folder: Path, content: Any) -> Path:
    file = folder / "a.json"
    file.write_text(json.dumps(content), "utf-8")
    return file


def test_a_nested_card_is_read_with_each_training_once(tmp_path):
    card = read_card(written(tmp_path, NESTED), EstimatorCard)
    one, two = name_of(FIRST), list(card.stages)[1]
    assert list(card.stages) == [one, two]
    assert card.content["stages"][one] == FIRST
    assert card.content["stages"][two]["started_from"] == {"sha256": "1", "stage": one}
    assert card.content["training"]["started_from"] == {"sha256": "2", "step": 2, "stage": two}
    assert card.content["training"]["teacher"] == {"sha256": "1", "stage": one, "taught": ["lens"]}
    assert card.content["training"]["averaged_with"] == THIRD["averaged_with"]
    assert card.training is not None
    assert card.training.named == [two, one]
    assert card.content["licence"] == "none"


def test_nothing_is_lost_and_the_other_form_stays_as_it_is(tmp_path):
    flat = flattened(NESTED)
    assert nested(flat["training"], flat["stages"]) == THIRD
    assert NESTED["training"] == THIRD  # it is not changed
    assert flattened(flat) == flat
    assert read_card(written(tmp_path, flat)).content == flat
    assert flattened(THIN) == THIN


@pytest.mark.parametrize("name", ["estimator", "estimator-int8"])
def test_shipped_cards_hold_each_earlier_training_once(name, tmp_path):
    content = shipped(name).content
    whole = nested(content["training"], content["stages"])
    first = whole["started_from"]["training"]
    assert (first["started_from"], whole["stopped_at_step"]) == (None, 4529)
    assert first["settings"]["network"] == whole["settings"]["network"]
    before = {key: value for key, value in content.items() if key != "stages"}
    before["training"] = whole
    assert read_card(written(tmp_path, before)).content == content
    assert all(key == name_of(record) for key, record in content["stages"].items())


def test_trainings_of_two_cards_are_joined():
    flat = flattened(NESTED)
    stages = {name_of(FIRST): FIRST}
    name = remember(stages, flat)
    assert list(stages.values())[-1] == flat["training"]
    assert name == name_of(flat["training"])
    assert len(stages) == 3
    assert remember(stages, THIN) is None
    with pytest.raises(InputError, match="one training of the name x, but got two that differ"):
        remember({"x": FIRST}, {"stages": {"x": THIRD}})


def deep(levels: int) -> str:
    """A card whose trainings began with one another, too many for any reader."""
    return '{"started_from": {"training": ' * levels + "null" + "}}" * levels


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"training": 3}, "`training` to be a table of names and values, but got 3"),
        ({"training": {"teacher": "a"}}, "`training.teacher` to be a table of names and values"),
        ({"stages": []}, "`stages` to be a table of names and values"),
        ({"stages": {"a": 1}}, "`stages.a` to be a table of names and values, but got 1"),
        (
            {"training": {"started_from": {"stage": "b"}}},
            "`stages` to be records of all earlier trainings, b too",
        ),
        (
            {"stages": {"a": {"teacher": {"stage": "b"}}}},
            "`stages` to be records of all earlier trainings, b too",
        ),
        ({"training": {"started_from": {"training": 5}}}, "`training.started_from.stage` to be"),
    ],
    ids=str,
)
def test_damaged_records_are_named_with_their_file(content, said, tmp_path):
    with pytest.raises(InputError, match=rf"a\.json: Expected .*{said}"):
        read_card(written(tmp_path, THIN | content))


@pytest.mark.parametrize("levels", [300, 10_000])
def test_too_many_nested_trainings_are_refused(levels, tmp_path):
    text = json.dumps(THIN)[:-1] + f', "training": {deep(levels)}}}'
    (tmp_path / "a.json").write_text(text, "utf-8")
    if levels == 300:
        # deep, but still read: each of the others holds one more
        assert len(read_card(tmp_path / "a.json", EstimatorCard).stages) == levels - 1
    else:
        with pytest.raises(InputError, match=r"a\.json: Expected a card"):
            read_card(tmp_path / "a.json")
