"""DFDC: labels and originals from metadata.json."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.dfdc import read_dfdc
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow, write_json


def part(folder, start, test=()):
    content = {}
    for index in range(start, start + 10):
        real, fake = f"real{index}.mp4", f"fake{index}.mp4"
        split = "test" if index in test else "train"
        content[real] = {"label": "REAL", "split": split, "original": None}
        content[fake] = {"label": "FAKE", "split": split, "original": real}
        grow(folder, real, fake)
    write_json(folder / "metadata.json", content)
    return folder


def test_a_fake_stays_with_its_original(tmp_path):
    part(tmp_path / "dfdc_train_part_0", 0)
    part(tmp_path / "dfdc_train_part_1", 10)
    table = read_dfdc(tmp_path, ReadOptions(), Account())
    assert len(table) == 40
    assert set(zip(table["label"], table["method"], strict=True)) == {(0, "real"), (1, "DFDC")}
    assert table["group"].value_counts().unique().tolist() == [2]
    assert table.groupby("group")["split"].nunique().max() == 1
    assert table["split"].value_counts().to_dict() == {"train": 28, "test": 8, "val": 4}


def test_parts_of_the_file_are_the_default_where_they_name_a_test(tmp_path):
    table = read_dfdc(part(tmp_path, 0, test=(1, 2)), ReadOptions(), Account())
    assert set(table.loc[table["split"] == "test", "group"]) == {"real1", "real2"}
    assert set(table["split"]) == {"train", "val", "test"}


def test_only_what_is_on_disk_counts(tmp_path):
    part(tmp_path, 0)
    grow(tmp_path, "real3/0.png", "real3/1.png", "fake3/0.png")
    table = read_dfdc(tmp_path, ReadOptions(), Account())
    assert set(table["clip"]) == {str(tmp_path / "real3"), str(tmp_path / "fake3")}
    assert table["group"].unique().tolist() == ["real3"]


def test_errors(tmp_path):
    with pytest.raises(InputError, match=r"Expected metadata.json or labels.csv, or folders"):
        read_dfdc(tmp_path, ReadOptions(), Account())
    file = write_json(tmp_path / "metadata.json", {"a.mp4": {"label": "FAKE"}})
    with pytest.raises(InputError, match=r"names \(a.mp4\), but got metadata.json"):
        read_dfdc(tmp_path, ReadOptions(), Account())
    grow(tmp_path, "a.mp4")
    write_json(file, {"a.mp4": {"label": "maybe"}})
    with pytest.raises(InputError, match=r'metadata.json: Expected "a.mp4" to have the label'):
        read_dfdc(tmp_path, ReadOptions(), Account())
    write_json(file, {"a.mp4": {"label": "REAL", "split": "public"}})
    with pytest.raises(InputError, match=r'"a.mp4" to have the split'):
        read_dfdc(tmp_path, ReadOptions(), Account())
    write_json(file, ["a.mp4"])
    with pytest.raises(InputError, match="but got list"):
        read_dfdc(tmp_path, ReadOptions(), Account())
    file.write_text("{")
    with pytest.raises(InputError, match=r"metadata.json: Expected JSON"):
        read_dfdc(tmp_path, ReadOptions(), Account())
