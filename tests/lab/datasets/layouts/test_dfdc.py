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


def test_listed_videos_that_are_absent_and_unlisted_ones_are_counted(tmp_path):
    part(tmp_path, 0)
    for name in ("real3", "fake3", "fake4"):
        (tmp_path / f"{name}.mp4").unlink()
    grow(tmp_path, "holiday.mp4", "test_videos/a.mp4", "test_videos/b.mp4")
    account = Account()
    assert len(read_dfdc(tmp_path, ReadOptions(), account)) == 17
    home = tmp_path.name
    assert account.left_out == [
        f"3 of 20 listed videos of {home} that are not there (first real3.mp4)",
        f"1 clip of {home} that its list does not name (holiday)",
        f"2 pictures or videos beside the clips: {home} 2",
    ]


def test_parts_lie_at_any_depth(tmp_path):
    part(tmp_path / "part_00/dfdc_train_part_0", 0)
    part(tmp_path / "part_01/deeper/dfdc_train_part_1", 10)
    grow(tmp_path, "test_videos/a.mp4")
    account = Account()
    assert len(read_dfdc(tmp_path, ReadOptions(), account)) == 40
    assert account.left_out == ["1 picture or video where the layout has none: test_videos/ (1)"]


def test_the_test_set_with_its_labels(tmp_path):
    part(tmp_path / "train/dfdc_train_part_0", 0)
    lines = ["filename,label"]
    for index in range(6):
        grow(tmp_path, f"test/t{index}.mp4")
        lines.append(f"t{index}.mp4,{index % 2}")
    (tmp_path / "test/labels.csv").write_text("\n".join([*lines, "gone.mp4,1"]))
    account = Account()
    table = read_dfdc(tmp_path, ReadOptions(), account)
    test = table[table["split"] == "test"]
    assert {path[-6:]: label for path, label in zip(test["path"], test["label"], strict=True)} == {
        f"t{index}.mp4": index % 2 for index in range(6)
    }
    assert table["split"].value_counts().to_dict() == {"train": 18, "val": 2, "test": 6}
    assert account.left_out == ["1 of 7 listed videos of test that are not there (gone.mp4)"]
    assert account.labels == {"real": {"REAL": 10, "0": 3}, "fake": {"FAKE": 10, "1": 3}}
    alone = read_dfdc(tmp_path / "test", ReadOptions(), Account())
    assert set(alone["split"]) == {"test"}
    validation = (tmp_path / "test").rename(tmp_path / "validation")
    assert validation.is_dir()
    renamed = read_dfdc(tmp_path, ReadOptions(split="official"), Account())
    assert set(renamed.loc[renamed["path"].str.contains("/validation/"), "split"]) == {"val"}


def test_a_list_that_contradicts_its_folder_is_refused(tmp_path):
    part(tmp_path / "test", 0)
    with pytest.raises(InputError, match=r"in the part test of its folder, but its split is train"):
        read_dfdc(tmp_path, ReadOptions(), Account())


def test_labels_of_the_test_set_are_checked(tmp_path):
    grow(tmp_path, "a.mp4")
    (tmp_path / "labels.csv").write_text("filename,label\na.mp4,2\n")
    with pytest.raises(InputError, match=r'label of row 1 to be 0 .real. or 1 .fake., but got "2"'):
        read_dfdc(tmp_path, ReadOptions(), Account())
    assert read_dfdc(tmp_path, ReadOptions(labels={"2": 1}), Account())["label"].tolist() == [1]
    (tmp_path / "labels.csv").write_text("file,label\na.mp4,1\n")
    with pytest.raises(InputError, match="columns filename and label, but got file, label"):
        read_dfdc(tmp_path, ReadOptions(), Account())


def test_a_list_of_all_above_lists_of_parts(tmp_path):
    part(tmp_path / "dfdc_train_part_0", 0)
    content = (tmp_path / "dfdc_train_part_0/metadata.json").read_text()
    (tmp_path / "metadata.json").write_text(content)
    account = Account()
    assert len(read_dfdc(tmp_path, ReadOptions(), account)) == 20
    assert account.left_out == []
    assert "is not read, for folders in it have theirs" in account.inferred[0]


def test_a_list_that_names_a_video_twice(tmp_path):
    grow(tmp_path, "a.mp4", "b.mp4")
    file = tmp_path / "labels.csv"
    file.write_text("filename,label\na.mp4,0\nb.mp4,1\na.mp4,0\n")
    account = Account()
    assert len(read_dfdc(tmp_path, ReadOptions(), account)) == 2
    assert account.left_out == [f"1 row of the list of {tmp_path.name} that repeats another"]
    file.write_text("filename,label\na.mp4,0\nb.mp4,1\na.mp4,1\n")
    with pytest.raises(InputError, match=r"one label for a.mp4, but its list says 0 and 1"):
        read_dfdc(tmp_path, ReadOptions(), Account())
    file.unlink()
    (tmp_path / "metadata.json").write_text(
        '{"a.mp4": {"label": "REAL"}, "a.mp4": {"label": "FAKE"}}'
    )
    with pytest.raises(InputError, match=r'every name once, but got "a.mp4" twice'):
        read_dfdc(tmp_path, ReadOptions(), Account())


def test_parts_that_are_drawn_unasked_are_not_said_to_be_asked_for(tmp_path):
    part(tmp_path, 0)
    content = {f"{k}{i}.mp4": {"label": k[:4].upper(), "split": "val" if i < 2 else "train"}
               for i in range(10) for k in ("real", "fake")}  # fmt: skip
    write_json(tmp_path / "metadata.json", content)
    for split, why in ((None, "for no list says test"), ("identity", "as asked")):
        account = Account()
        read_dfdc(tmp_path, ReadOptions(split=split), account)
        assert f"parts are drawn, {why}; those of the lists are not followed" in account.inferred
