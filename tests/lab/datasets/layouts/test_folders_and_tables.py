"""Layouts that any data set may have: folder, imagefolder, table."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.folder import read_folder
from blurprint.lab.datasets.layouts.folders import read_json
from blurprint.lab.datasets.layouts.imagefolder import read_imagefolder
from blurprint.lab.datasets.layouts.options import ReadOptions
from blurprint.lab.datasets.layouts.table_file import read_table
from trees import grow, write_json


@pytest.mark.parametrize(
    ("real", "fake"),
    [("real", "fake"), ("0_real", "1_fake"), ("Nature", "AI"), ("original", "generated")],
)
def test_names_of_classes(tmp_path, real, fake):
    for index in range(5):
        grow(tmp_path, f"{real}/{index}.png", f"{fake}/{index}.jpg")
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert (table["path"].str.endswith("jpg") == (table["label"] == 1)).all()
    assert set(zip(table["label"], table["method"], strict=True)) == {(0, "real"), (1, "fake")}
    assert table["group"].is_unique
    assert Counter(table["split"]) == {"train": 7, "val": 1, "test": 2}


def test_methods_and_parts_are_folders_above(tmp_path):
    for part in ("train", "test"):
        for index in range(20):
            grow(tmp_path, f"{part}/progan/airplane/0_real/{index}.png")
            grow(tmp_path, f"{part}/progan/airplane/1_fake/{index}.png")
            grow(tmp_path, f"{part}/stylegan/1_fake/{index}.png")
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert Counter(table["method"]) == {"real": 40, "progan": 40, "stylegan": 40}
    assert Counter(table["split"]) == {"train": 54, "val": 6, "test": 60}
    assert table.loc[table["split"] == "test", "path"].str.contains("/test/").all()
    drawn = read_folder(tmp_path, ReadOptions(split="identity"), Account())
    assert Counter(drawn["split"]) == {"train": 84, "val": 12, "test": 24}


def test_a_folder_within_is_a_clip(tmp_path):
    for clip in range(4):
        for frame in range(40):
            grow(tmp_path, f"real/{clip}/{frame}.png", f"fake/swaps/{clip}/{frame}.png")
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert len(table) == 8 * 32
    assert table["clip"].nunique() == 8
    assert set(table["group"]) == {*"0123", *(f"swaps/{clip}" for clip in range(4))}
    assert str(tmp_path / "real/0/31.png") in set(table["path"])
    assert str(tmp_path / "real/0/32.png") not in set(table["path"])


def test_namesakes_of_both_classes_stay_together(tmp_path):
    for clip in range(10):
        grow(tmp_path, f"real/{clip}.mp4", f"fake/{clip}.mp4")
    table = read_folder(tmp_path, ReadOptions(), Account())
    assert table.groupby("group")["split"].nunique().max() == 1
    assert table["group"].nunique() == 10


def test_folder_errors(tmp_path):
    with pytest.raises(InputError, match=r"folders named real, 0_real.*an empty folder"):
        read_folder(tmp_path, ReadOptions(), Account())
    (tmp_path / "real").mkdir()
    with pytest.raises(InputError, match="pictures or videos in real, but got none"):
        read_folder(tmp_path, ReadOptions(), Account())
    grow(tmp_path, "real/a.png", "train/fake/a.png")
    with pytest.raises(
        InputError, match=r"in every path, but 1 of 2 clips have none, first .*real/a.png"
    ):
        read_folder(tmp_path, ReadOptions(split="official"), Account())
    with pytest.raises(InputError, match="folder has"):
        read_folder(tmp_path, ReadOptions(split="authors"), Account())


def test_imagefolder_of_label_folders(tmp_path):
    for part in ("train", "validation", "test"):
        for label in ("0", "1"):
            grow(tmp_path, f"{part}/{label}/a.png", f"{part}/{label}/b.png")
    table = read_imagefolder(tmp_path, ReadOptions(), Account())
    assert Counter(zip(table["split"], table["label"], strict=True)) == {
        (part, label): 2 for part in ("train", "val", "test") for label in (0, 1)
    }


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_imagefolder_with_metadata(tmp_path, kind):
    for part, names in (("train", "abcdefghijkl"), ("test", "xy")):
        rows = [
            {"file_name": f"{name}.png", "label": index % 2, "method": "GAN"}
            for index, name in enumerate(names)
        ]
        grow(tmp_path / part, *(row["file_name"] for row in rows))
        frame = pd.DataFrame(rows)
        if kind == "csv":
            frame.to_csv(tmp_path / part / "metadata.csv", index=False)
        elif kind == "jsonl":
            frame.to_json(tmp_path / part / "metadata.jsonl", orient="records", lines=True)
        else:
            frame.to_parquet(tmp_path / part / "metadata.parquet")
    table = read_imagefolder(tmp_path, ReadOptions(), Account())
    assert Counter(table["split"]) == {"train": 11, "val": 1, "test": 2}
    assert table["label"].sum() == 7
    assert table.loc[table["path"].str.endswith("x.png"), "label"].item() == 0
    assert set(table["method"]) == {"GAN"}


def test_imagefolder_errors(tmp_path):
    grow(tmp_path, "train/cat/a.png")
    with pytest.raises(InputError, match=r"metadata.csv.*or folders .SPLIT/.LABEL.*got train/"):
        read_imagefolder(tmp_path, ReadOptions(), Account())
    (tmp_path / "metadata.csv").write_text("file_name,text\ntrain/cat/a.png,a cat\n")
    with pytest.raises(InputError, match=r"columns file_name and label, but got file_name, text"):
        read_imagefolder(tmp_path, ReadOptions(), Account())
    (tmp_path / "metadata.csv").unlink()
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "train/cat/a.png", "label": 0}\n[]\n')
    with pytest.raises(InputError, match=r"metadata.jsonl: Expected one JSON object .* line 2"):
        read_imagefolder(tmp_path, ReadOptions(), Account())
    (tmp_path / "metadata.jsonl").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"metadata.jsonl: Expected one JSON object .* line 1"):
        read_imagefolder(tmp_path, ReadOptions(), Account())


ROWS = {
    "path": ["a.png", "b.png", "c.png"],
    "label": ["real", "FAKE", "1"],
    "method": ["", "GAN", ""],
    "clip": ["000", "001", "001"],
}


def write(folder, kind, rows):
    file = folder / f"mine.{kind}"
    frame = pd.DataFrame(rows)
    if kind == "csv":
        frame.to_csv(file, index=False)
    else:
        frame.to_parquet(file)
    return file


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_of_ones_own(tmp_path, kind):
    grow(tmp_path, "a.png", "b.png", "c.png")
    table = read_table(write(tmp_path, kind, ROWS), ReadOptions(), Account())
    assert table["path"].tolist() == [str(tmp_path / name) for name in ("a.png", "b.png", "c.png")]
    assert table["label"].tolist() == [0, 1, 1]
    assert table["method"].tolist() == ["real", "GAN", "fake"]
    assert table["group"].tolist() == table["clip"].tolist() == ["000", "001", "001"]
    assert table["split"].nunique() == 2


def test_numbers_and_gaps_of_parquet(tmp_path):
    grow(tmp_path, "a.png", "b.png")
    rows = {"path": ["a.png", "b.png"], "label": [0.0, 1.0], "method": ["x", None]}
    table = read_table(write(tmp_path, "parquet", rows), ReadOptions(), Account())
    assert table["label"].tolist() == [0, 1]
    assert table["method"].tolist() == ["x", "fake"]


def test_a_column_split_is_the_default(tmp_path):
    grow(tmp_path, "a.png", "b.png", "c.png")
    file = write(tmp_path, "csv", {**ROWS, "split": ["train", "Validation", ""]})
    assert read_table(file, ReadOptions(), Account())["split"].tolist() == ["train", "val", ""]
    drawn = read_table(file, ReadOptions(split="identity"), Account())["split"].tolist()
    assert drawn[1] == drawn[2] != ""


def test_what_we_write_is_read_back(tmp_path):
    from blurprint.lab.datasets.table import write_table

    for index in range(30):
        grow(tmp_path, f"real/{index}.png", f"fake/{index}.png")
    table = read_folder(tmp_path, ReadOptions(), Account())
    for name in ("t.csv", "t.parquet"):
        write_table(table, tmp_path / name)
        assert read_table(tmp_path / name, ReadOptions(), Account()).equals(table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": ["real", "cat", "1"]}, r'label of row 2 to be among 0, 1, real.*"cat"'),
        ({"split": ["train", "test", "exam"]}, r'split of row 3 .*"exam"'),
        ({"path": ["a.png", "x.png", "y.png"]}, r"2 of 3 are not there, first .*x\.png"),
        ({"path": ["a.png", "", "c.png"]}, "a path in row 2"),
    ],
)
def test_rows_that_are_wrong_are_named(tmp_path, change, message):
    grow(tmp_path, "a.png", "b.png", "c.png")
    with pytest.raises(InputError, match=rf"mine\.csv: Expected .*{message}"):
        read_table(write(tmp_path, "csv", {**ROWS, **change}), ReadOptions(), Account())


def test_table_errors(tmp_path):
    with pytest.raises(InputError, match="Expected a CSV or Parquet file, but got a folder"):
        read_table(tmp_path, ReadOptions(), Account())
    with pytest.raises(InputError, match="columns path and label, but got path, kind"):
        read_table(
            write(tmp_path, "csv", {"path": ["a"], "kind": ["real"]}), ReadOptions(), Account()
        )
    with pytest.raises(InputError, match="Expected rows, but got none"):
        read_table(write(tmp_path, "csv", {"path": [], "label": []}), ReadOptions(), Account())
    (tmp_path / "mine.parquet").write_bytes(b"not parquet")
    with pytest.raises(InputError, match=r"mine.parquet: cannot be read"):
        read_table(tmp_path / "mine.parquet", ReadOptions(), Account())
    with pytest.raises(InputError, match=r"Expected a file .csv or .parquet, but got .json"):
        read_table(write_json(tmp_path / "mine.json", []), ReadOptions(), Account())
    grow(tmp_path, "a.png")
    plain = write(tmp_path, "csv", {"path": ["a.png"], "label": [0]})
    with pytest.raises(InputError, match="Expected a column split"):
        read_table(plain, ReadOptions(split="official"), Account())


def test_backslashes_of_a_table_are_separators_where_the_file_is_there_then(tmp_path):
    grow(tmp_path, "frames/a.png", "frames/b.png", "frames/c\\d.png")
    rows = {
        "path": ["frames\\a.png", "frames/b.png", "frames/c\\d.png"],
        "label": ["real", "fake", "fake"],
    }
    account = Account()
    table = read_table(write(tmp_path, "csv", rows), ReadOptions(), account)
    assert table["path"].tolist() == [
        str(tmp_path / name) for name in ("frames/a.png", "frames/b.png", "frames/c\\d.png")
    ]
    assert account.inferred == ["backslashes taken for separators in 1 of 3 paths"]


def test_an_absolute_path_of_windows_is_named(tmp_path):
    grow(tmp_path, "a.png")
    rows = {"path": ["a.png", r"D:\data\b.png"], "label": [0, 1]}
    with pytest.raises(InputError, match=r"got one of Windows in row 2: D:\\data\\b.png"):
        read_table(write(tmp_path, "csv", rows), ReadOptions(), Account())


@pytest.mark.parametrize(
    ("name", "part"), [("dev", "val"), ("Eval", "test"), ("TRAINING", "train")]
)
def test_parts_of_a_table_by_other_names(tmp_path, name, part):
    grow(tmp_path, "a.png", "b.png", "c.png")
    account = Account()
    rows = {**ROWS, "split": [name, "val", ""]}
    table = read_table(write(tmp_path, "csv", rows), ReadOptions(), account)
    assert table["split"].tolist() == [part, "val", ""]
    assert account.parts[part][name] == 1
    assert account.left_out == ["1 of 3 rows belong to no part: their split is empty"]


def test_labels_of_a_table_may_be_given(tmp_path):
    grow(tmp_path, "a.png", "b.png", "c.png")
    file = write(tmp_path, "csv", {**ROWS, "label": ["Pristine", "swap", "SWAP"]})
    with pytest.raises(InputError, match=r'"Pristine"; --label Pristine=real.fake --label '):
        read_table(file, ReadOptions(), Account())
    account = Account()
    table = read_table(file, ReadOptions(labels={"pristine": 0, "Swap": 1}), account)
    assert table["label"].tolist() == [0, 1, 1]
    assert account.labels == {"real": {"Pristine": 1}, "fake": {"swap": 1, "SWAP": 1}}


def test_imagefolder_metadata_that_contradicts_its_folder_is_refused(tmp_path):
    grow(tmp_path, "train/a.png")
    (tmp_path / "train/metadata.csv").write_text("file_name,label,split\na.png,0,test\n")
    with pytest.raises(InputError, match=r"row 1 to be in one part, but got train and test"):
        read_imagefolder(tmp_path, ReadOptions(), Account())


def test_imagefolder_pictures_that_the_metadata_does_not_list_are_counted(tmp_path):
    grow(tmp_path, "train/a.png", "train/b.png", "c.png")
    (tmp_path / "train/metadata.csv").write_text("file_name,label\na.png,0\n")
    account = Account()
    assert len(read_imagefolder(tmp_path, ReadOptions(), account)) == 1
    assert account.left_out[0] == (
        f"2 pictures or videos that metadata.csv does not list, first {tmp_path / 'c.png'}"
    )


@pytest.mark.parametrize("twice", ["label", "Label", " path"])
def test_columns_that_are_there_twice_are_refused(tmp_path, twice):
    grow(tmp_path, "a.png", "b.png")
    (tmp_path / "t.csv").write_text(f"path,label,{twice}\na.png,0,1\nb.png,1,0\n")
    name = twice.strip().lower()
    with pytest.raises(InputError, match=rf"every column once, but got {name} more than once"):
        read_table(tmp_path / "t.csv", ReadOptions(), Account())


def test_columns_that_are_not_used_are_named_and_parts_by_another_name_hinted_at(tmp_path):
    grow(tmp_path, "a.png", "b.png", "c.png")
    rows = {**ROWS, "subset": ["train", "test", ""], "camera": ["x", "y", "train"]}
    account = Account()
    read_table(write(tmp_path, "csv", rows), ReadOptions(), account)
    assert account.inferred == [
        "columns not used: subset (holds parts: name it split to follow it), camera"
    ]


def test_true_and_false_are_no_labels(tmp_path):
    grow(tmp_path, "a.png", "b.png")
    rows = {"path": ["a.png", "b.png"], "label": [True, False]}
    for kind in ("csv", "parquet"):
        with pytest.raises(InputError, match="true may mean real or fake: write 0 for real and 1"):
            read_table(write(tmp_path, kind, rows), ReadOptions(), Account())


def test_the_draw_does_not_depend_on_where_the_folder_lies(tmp_path):
    parts = []
    for home in ("here", "there/deep"):
        names = [f"{name}/{index}.png" for name in "rf" for index in range(30)]
        grow(tmp_path / home, *names)
        rows = {"path": names, "label": [int(name[0] == "f") for name in names]}
        table = read_table(write(tmp_path / home, "csv", rows), ReadOptions(), Account())
        assert set(table["group"]) == set(names)
        rows["file_name"] = rows.pop("path")
        pd.DataFrame(rows).to_csv(tmp_path / home / "metadata.csv", index=False)
        other = read_imagefolder(tmp_path / home, ReadOptions(), Account())
        assert other["group"].tolist() == table["group"].tolist()
        assert other["split"].tolist() == table["split"].tolist()
        parts.append(table["split"].tolist())
    assert parts[0] == parts[1]


def test_groups_of_pictures_elsewhere(tmp_path):
    grow(tmp_path, "own/r/../a.png", "b.png", "own/c.png")
    paths = ["r/../a.png", "../b.png", str(tmp_path / "own/c.png"), str(tmp_path / "b.png")]
    rows = {"path": paths, "label": [0, 1, 1, 1]}
    table = read_table(write(tmp_path / "own", "csv", rows), ReadOptions(), Account())
    assert set(table["group"]) == {"a.png", "../b.png", "c.png", (tmp_path / "b.png").as_posix()}


def test_rows_whose_label_is_not_that_of_their_folder(tmp_path):
    names = ["real/a.png", "fake/b.png", "ai/real/c.png"]
    grow(tmp_path, *names)
    account = Account()
    read_table(write(tmp_path, "csv", {"path": names, "label": [1, 1, 0]}), ReadOptions(), account)
    assert account.inferred == [
        "1 of 3 rows have another label than the folder in their path is named, first real/a.png;"
        " the table is followed"
    ]
    rows = {"file_name": names, "label": ["0", "real", "1"]}
    pd.DataFrame(rows).to_csv(tmp_path / "metadata.csv", index=False)
    with pytest.raises(
        InputError, match=r"row 2 \(fake/b.png\) to have the label of its folder fake"
    ):
        read_imagefolder(tmp_path, ReadOptions(), Account())


def test_lines_of_json_with_gaps_and_names_twice(tmp_path):
    grow(tmp_path, "a.png", "b.png")
    file = tmp_path / "metadata.jsonl"
    rows = [f'{{"file_name": "{name}.png", "label": 0, "group": null}}' for name in "ab"]
    file.write_text("\n".join(rows))
    assert set(read_imagefolder(tmp_path, ReadOptions(), Account())["group"]) == {"a.png", "b.png"}
    file.write_text('{"file_name": "a.png", "label": 0, "label": 1}')
    with pytest.raises(InputError, match='but got line 1: "label" twice'):
        read_imagefolder(tmp_path, ReadOptions(), Account())


def test_folders_that_may_be_parts_are_said_where_a_table_has_no_column_split(tmp_path):
    names = [f"data/{part}/{n}.png" for part in ("train", "official test") for n in range(10)]
    grow(tmp_path, *names)
    rows = {"path": names, "label": [n % 2 for n in range(20)]}
    account = Account()
    read_table(write(tmp_path, "csv", rows), ReadOptions(), account)
    assert "not by the folders official test, train, for there is no column split" in account.rules
    file = write(tmp_path, "csv", rows).rename(tmp_path / "test.csv")
    account = Account()
    read_table(file, ReadOptions(), account)
    assert "not by the name of test.csv itself" in account.rules


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\xff"])
def test_lists_that_are_no_json_are_named(text, tmp_path):
    (tmp_path / "a.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"a\.json: Expected JSON"):
        read_json(tmp_path / "a.json")
