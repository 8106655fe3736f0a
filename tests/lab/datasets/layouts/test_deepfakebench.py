"""DeepfakeBench's JSON: with and without the level of compression, and where frames are found."""

from __future__ import annotations

from collections import Counter

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.deepfakebench import read_deepfakebench
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow, write_json


def faceforensics(root, join="/"):
    """Ten pairs, parted as the official split does, frames out of order."""
    content: dict[str, dict[str, dict[str, dict[str, object]]]] = {}
    for index in range(10):
        part = "train" if index < 6 else "val" if index < 8 else "test"
        a, b = f"{index:03}", f"{index + 10:03}"
        for label, room, clip in (
            ("FF-real", "original_sequences/youtube", a),
            ("FF-DF", "manipulated_sequences/Deepfakes", f"{a}_{b}"),
        ):
            names = [f"FaceForensics++/{room}/c23/frames/{clip}/{n:03}.png" for n in range(40)]
            grow(root / "rgb", *names)
            clips = content.setdefault(label, {}).setdefault(part, {}).setdefault("c23", {})
            frames = [name.replace("/", join) for name in reversed(names)]
            clips[clip] = {"label": label, "frames": frames}
    return write_json(root / "dataset_json/FaceForensics++.json", {"FaceForensics++": content})


@pytest.mark.parametrize("join", ["/", "\\"])
def test_faceforensics(tmp_path, join):
    table = read_deepfakebench(faceforensics(tmp_path, join), ReadOptions(), Account())
    assert Counter(zip(table["method"], table["label"], strict=True)) == {
        ("FF-real", 0): 320,
        ("FF-DF", 1): 320,
    }
    assert Counter(table["split"]) == {"train": 384, "val": 128, "test": 128}
    clip = table[table["clip"].str.endswith("003_013")]
    assert [path[-7:] for path in clip["path"]] == [f"{n:03}.png" for n in range(32)]
    assert set(clip["group"]) == {"FaceForensics++/003"}
    assert table.groupby("group")["split"].nunique().max() == 1


def test_data_without_compression_and_with_test_twice(tmp_path):
    content: dict[str, dict[str, dict[str, object]]] = {}
    for label, clips in (
        ("CelebDFv2_real", ["id0_0000", "id1_0000", "id2_0000"]),
        ("CelebDFv2_fake", ["id0_id1_0000", "id2_id3_0000", "id4_id5_0000"]),
    ):
        for index, clip in enumerate(clips):
            name = f"Celeb-DF-v2/{label}/frames/{clip}/0.png"
            grow(tmp_path, name)
            row = {"label": label, "frames": [name]}
            for part in ("train",) if index else ("val", "test"):
                content.setdefault(label, {}).setdefault(part, {})[clip] = row
            content[label].setdefault("test", {})["id9_0009"] = {"label": label, "frames": []}
    folder = tmp_path / "json"
    write_json(folder / "Celeb-DF-v2.json", {"Celeb-DF-v2": content})
    table = read_deepfakebench(folder, ReadOptions(), Account())
    assert len(table) == 6
    assert set(table["label"]) == {0, 1}
    assert set(table.loc[table["split"] == "test", "group"]) == {"Celeb-DF/id0"}
    assert set(table["split"]) == {"train", "val", "test"}  # validation is drawn from train
    learnt = table[table["split"] != "test"]
    assert learnt.groupby("group")["split"].nunique().max() == 1
    drawn = read_deepfakebench(folder, ReadOptions(split="identity"), Account())
    assert drawn.groupby("group")["split"].nunique().max() == 1


def test_clips_that_are_not_there_are_counted(tmp_path):
    file = faceforensics(tmp_path)
    for frame in (tmp_path / "rgb").glob("**/003_013/*.png"):
        frame.unlink()
    account = Account()
    assert read_deepfakebench(file, ReadOptions(), account)["clip"].nunique() == 19
    assert (
        "40 of 800 listed frames that are not there, in 1 of 20 clips, 1 of them whole (first"
        in (account.left_out[0])
    )


def test_errors(tmp_path):
    with pytest.raises(InputError, match="Expected JSON files of DeepfakeBench"):
        read_deepfakebench(tmp_path, ReadOptions(), Account())
    with pytest.raises(InputError, match="nothing there"):
        read_deepfakebench(tmp_path / "a.json", ReadOptions(), Account())
    file = faceforensics(tmp_path)
    with pytest.raises(InputError, match="compression c40, but got c23; say --compression c23"):
        read_deepfakebench(file, ReadOptions(compression="c40"), Account())
    row = {"label": "real", "frames": ["nowhere/0.png"]}
    write_json(file, {"D": {"real": {"train": {"a": row}}}})
    with pytest.raises(InputError, match=r"its frames \(nowhere/0.png\).*but got FaceForensics"):
        read_deepfakebench(file, ReadOptions(), Account())
    for wrong in ([], {"D": []}, {"D": {"real": {"train": {"a": {"label": "real", "frames": 1}}}}}):
        write_json(file, wrong)
        with pytest.raises(InputError, match="Expected"):
            read_deepfakebench(file, ReadOptions(), Account())
    write_json(file, {"D": {"real": {"exam": {}}}})
    with pytest.raises(InputError, match="parts train, val, test, but got exam"):
        read_deepfakebench(file, ReadOptions(), Account())
