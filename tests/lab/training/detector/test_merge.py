"""Settings of a file with those of the command line over them."""

from __future__ import annotations

import pandas as pd
import pytest

from blurprint.errors import InputError
from blurprint.lab.training.detector.merge import merged_source, merged_training
from blurprint.lab.training.detector.parts import train_and_val
from blurprint.lab.training.detector.settings import DetectorTraining

NOTHING = {"epochs": None, "detector": {"model": None, "views": {"views": None, "size": None}}}
"""What options say that nobody gave."""


def test_nothing_given_is_the_paper_or_the_file() -> None:
    assert merged_training({}, NOTHING) == DetectorTraining()
    stored = DetectorTraining(epochs=3, augment=("flip",)).to_dict()
    assert merged_training({**stored, "data": {"data": ["folder:d"]}}, NOTHING).to_dict() == stored


def test_what_is_given_goes_over_the_file() -> None:
    stored = {"epochs": 3, "seed": 5, "detector": {"views": {"size": 96, "fit": "crop"}}}
    merged = merged_training(stored, {"epochs": 4, "detector": {"views": {"size": 64}}})
    assert (merged.epochs, merged.seed) == (4, 5)
    assert (merged.detector.views.size, merged.detector.views.fit) == (64, "crop")
    assert stored["epochs"] == 3


def test_a_model_brings_its_views_and_drops_the_normalisation_of_another() -> None:
    stored = {"detector": {"model": "defocus", "normalisation": "timm"}}
    assert merged_training(stored, {}).detector.normalisation == "timm"
    other = merged_training(stored, {"detector": {"model": "rgb"}}).detector
    assert (other.views.views, other.normalisation) == (("rgb",), "half")  # its own default
    fusion = merged_training(stored, {"detector": {"model": "fusion"}}).detector
    assert fusion.views.views == ("rgb", "defocus")
    asked = {"model": "fusion", "views": {"views": ("rgb", "frequency")}}
    assert merged_training(stored, {"detector": asked}).detector.views.views == ("rgb", "frequency")


def test_unknown_settings_are_named() -> None:
    with pytest.raises(InputError, match="epoch_count"):
        merged_training({"epoch_count": 3}, {})


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"detector": "rgb"}, '`detector` to be a table of names and values, but got "rgb"'),
        ({"detector": []}, "`detector` to be a table of names and values"),
        ({"detector": {"views": 3}}, "`views` to be a table of names and values, but got 3"),
        ({"detector": {"views": {"views": "rgb"}}}, '`views` to be a list of names, but got "rgb"'),
    ],
    ids=str,
)
def test_tables_of_another_type_are_named(stored, said) -> None:
    with pytest.raises(InputError, match=f"^Expected {said}"):
        merged_training(stored, {})
    if "list" not in said:
        with pytest.raises(InputError, match=f"^Expected {said}"):
            DetectorTraining.from_dict(stored)


def test_data_that_are_no_table_are_named() -> None:
    for value in ("folder:d", ["folder:d"], 3):
        with pytest.raises(InputError, match=r"^Expected `data` to be a table of names"):
            merged_source({"data": value}, {})


def test_files_of_before_splits_had_a_seed_of_their_own() -> None:
    assert merged_source({"seed": 7, "data": {"data": ["folder:d"]}}, {}).split_seed == 7
    assert merged_source({"seed": 7, "data": {"frames": 3}}, {}).split_seed == 42
    given = merged_source({"data": {"split": "official"}}, {"data": ("coco:d",), "split": None})
    assert (given.data, given.split) == (("coco:d",), "official")


def test_both_parts_are_needed() -> None:
    table = pd.DataFrame({"path": ["a", "b", "c"], "split": ["val", "train", "test"]})
    train, val = train_and_val(table)
    assert (train.path.tolist(), val.path.tolist()) == (["b"], ["a"])
    assert (train.index.tolist(), val.index.tolist()) == ([0], [0])
    for name, row in (("train", 1), ("val", 0)):
        with pytest.raises(InputError, match=f"a part {name} in the data"):
            train_and_val(table.drop(index=row))
