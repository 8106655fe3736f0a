"""Which data: what a card keeps of them, and what counts when they are used again."""

from __future__ import annotations

import json

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.source import DataSource, source_for, trained_source
from blurprint.lab.models.detector_file import DetectorFile
from trees import grow


@pytest.fixture
def trained(tmp_path) -> DataSource:
    return DataSource(
        (f"faceforensics:{tmp_path / 'ff'}",), "identity", 7, "c40", 8, ("Deepfakes",), {"x": 1}
    )


def test_it_comes_back_from_what_toml_and_json_take(trained):
    plain = trained.to_dict()
    assert DataSource.from_dict(plain) == trained
    without_none = {name: value for name, value in plain.items() if value is not None}
    assert DataSource.from_dict(without_none) == trained
    with pytest.raises(InputError, match="Unknown settings of the data: spilt"):
        DataSource.from_dict({"data": ["folder:a"], "spilt": "identity"})
    with pytest.raises(InputError, match="`data` to be a list"):
        DataSource.from_dict({"data": "folder:a"})
    with pytest.raises(InputError, match="`frames` to be a whole number"):
        DataSource.from_dict({"data": ["folder:a"], "frames": "8"})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"split_seed": True}, "`split_seed` to be a whole number, but got true"),
        ({"compression": 23}, "`compression` to be text, but got 23"),
        ({"labels": "x=fake"}, "`labels` to be a table of names and values"),
        ({"labels": {"x": "fke"}}, 'the label "x" to be real or fake, but got "fke"'),
        ({"fake_types": [1]}, "`fake_types` to be text, but got 1"),
    ],
)
def test_values_of_another_type_are_refused_by_every_way_in(values, said, trained):
    with pytest.raises(InputError, match=said):
        DataSource.from_dict({"data": ["folder:a"], **values})
    with pytest.raises(InputError, match=said):
        trained.over(values)


def test_the_same_data_are_used_as_in_training(trained):
    source, notes = source_for(trained, {})
    assert source == trained
    assert notes == [
        "As in training, from the card: split identity, split seed 7, compression c40, frames 8,"
        " labels x=fake, fake types Deepfakes"
    ]
    again, notes = source_for(trained, {"data": trained.data, "split_seed": 42})
    assert again == trained.over({"split_seed": 42})
    assert "Differs from training: split seed 42 instead of 7" in notes


def test_other_data_of_that_layout_keep_the_rules_but_not_the_fakes(trained, tmp_path):
    other = (f"faceforensics:{tmp_path / 'elsewhere'}",)
    source, notes = source_for(trained, {"data": other})
    assert (source.split, source.split_seed, source.frames) == ("identity", 7, 8)
    assert source.fake_types == ()
    assert any(note.startswith("Differs from training: data ") for note in notes)


def test_data_of_another_layout_keep_the_frames_alone(trained):
    source, _ = source_for(trained, {"data": ("celebdf:/data/celeb",)})
    assert source == DataSource(("celebdf:/data/celeb",), frames=8)


def test_a_card_that_names_no_data_needs_some():
    with pytest.raises(InputError, match="Expected --data"):
        source_for(None, {})
    source, notes = source_for(None, {"data": ("folder:a",)})
    assert source == DataSource(("folder:a",))
    assert notes == ["The detector's card does not say what it was trained on"]


def test_an_older_card_was_split_by_the_seed_of_its_training():
    card = {"data": {"data": ["folder:a"], "rows": {"train": 1}}, "settings": {"seed": 5}}
    source = trained_source(card)
    assert source is not None and source.split_seed == 5
    assert trained_source({}) is None and trained_source({"data": {}}) is None


def test_defaults_are_kept_as_what_they_came_to(tmp_path):
    for index in range(12):
        grow(tmp_path / "a" / "train" / "real", f"{index}.png")
        grow(tmp_path / "a" / "test" / "fake", f"{index}.png")
        grow(tmp_path / "b" / "real", f"{index}.png")
        grow(tmp_path / "b" / "fake", f"{index}.png")
    source = DataSource((f"folder:{tmp_path / 'a'}",))
    settled = source.settled(source.read().account)
    assert (settled.split, settled.defaults) == ("official", ("split",))
    # The same data stay as they were split; other data, which have no such parts, do not need it.
    assert source_for(settled, {})[0].split == "official"
    other = source_for(settled, {"data": (f"folder:{tmp_path / 'b'}",)})[0]
    assert other.split is None and len(other.read().table) == 24
    two = Account()
    two.settle("split", "official")
    two.settle("split", "identity")
    assert source.settled(two) == source
    assert settled.over({"split": "identity"}).defaults == ()


def test_a_damaged_card_is_named_with_its_file(tmp_path):
    weights = tmp_path / "a.safetensors"
    weights.write_bytes(b"")
    card = {"format": "blurprint-detector-1", "config": {"model": "rgb", "views": {}}}
    stored = {"data": ["folder:a"], "frames": "8"}
    (tmp_path / "a.json").write_text(json.dumps({**card, "data": stored}), "utf-8")
    with pytest.raises(InputError, match=r"a\.json: Expected `frames` to be a whole number"):
        DetectorFile(weights).trained()
    for damaged in (3, ["a"], None):
        source = trained_source({"data": {"data": ["folder:a"]}, "settings": damaged})
        assert source is not None
        assert source.split_seed == 42
