"""DeepfakeBench's JSON: with and without the level of compression, and where frames are found."""

from __future__ import annotations

import json
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


def listed(root, labels, dataset="D", parts=("train", "val", "test")):
    """A clip of two frames for each label and part."""
    content: dict[str, dict[str, dict[str, object]]] = {}
    for label in labels:
        for index, part in enumerate(parts):
            clip = f"{label}-{index}"
            names = [f"{dataset}/{clip}/{frame}.png" for frame in range(2)]
            grow(root, *names)
            row = {"label": label, "frames": names}
            content.setdefault(label, {}).setdefault(part, {})[clip] = row
    return write_json(root / f"{dataset}.json", {dataset: content})


@pytest.mark.parametrize(
    ("labels", "fakes"),
    [
        (["FF-real", "FF-DF", "FF-F2F", "FF-FS", "FF-NT", "FF-FH", "FF-SH"], 6),
        (["DFD_real", "DFD_fake"], 1),
        (["CelebDFv1_real", "CelebDFv1_fake", "CelebDFv2_real", "CelebDFv2_fake"], 2),
        (["DFDC_Real", "DFDC_Fake", "DFDCP_Real", "DFDCP_FakeA", "DFDCP_FakeB"], 3),
        (["DF_real", "DF_fake", "UADFV_Real", "UADFV_Fake", "roop_Real", "roop_Fake"], 3),
        (["whichisreal_Real", "whichisreal_Fake", "MidJourney_Fake", "sd1.5_Fake"], 3),
        (["RealVideo-RealAudio", "FakeVideo-RealAudio", "FakeVideo-FakeAudio"], 2),
        (["real", "fake"], 1),
    ],
)
def test_known_labels(tmp_path, labels, fakes):
    account = Account()
    table = read_deepfakebench(listed(tmp_path, labels), ReadOptions(), account)
    found = table.groupby("method")["label"].unique().map(list)
    assert {name for name in labels if found[name] == [0]} == set(labels) - set(
        account.labels["fake"]
    )
    assert len(account.labels["fake"]) == fakes


def test_real_pictures_with_a_fake_voice_are_real_and_that_is_said(tmp_path):
    file = listed(tmp_path, ["RealVideo-FakeAudio", "FakeVideo-RealAudio"])
    account = Account()
    table = read_deepfakebench(file, ReadOptions(), account)
    assert table.groupby("method")["label"].first().to_dict() == {
        "FakeVideo-RealAudio": 1,
        "RealVideo-FakeAudio": 0,
    }
    assert account.inferred == [
        "RealVideo-FakeAudio is real, for its pictures are; only its sound is fake"
    ]
    given = ReadOptions(labels={"realvideo-fakeaudio": 1})
    account = Account()
    assert set(read_deepfakebench(file, given, account)["label"]) == {1}
    assert account.inferred == []


def test_labels_that_are_not_known_are_listed(tmp_path):
    file = listed(tmp_path, ["Unreal_Engine", "surreal", "FF-real"])
    with pytest.raises(InputError, match=r"got Unreal_Engine, surreal; say --label Unreal_Engine="):
        read_deepfakebench(file, ReadOptions(), Account())
    labels = {"unreal_engine": 1, "Surreal": 1}
    table = read_deepfakebench(file, ReadOptions(labels=labels), Account())
    assert Counter(table["label"]) == {0: 6, 1: 12}


def test_a_clip_under_two_labels_is_refused(tmp_path):
    file = listed(tmp_path, ["FF-real", "FF-DF"])
    content = json.loads(file.read_text())
    content["D"]["FF-real"]["train"]["FF-real-0"]["label"] = "FF-DF"
    write_json(file, content)
    with pytest.raises(InputError, match="one label for FF-real-0, but got FF-real and FF-DF"):
        read_deepfakebench(file, ReadOptions(), Account())


def test_one_missing_frame_is_left_out_and_counted(tmp_path):
    file = faceforensics(tmp_path)
    gone = next((tmp_path / "rgb").glob("**/003_013/005.png"))
    gone.unlink()
    account = Account()
    table = read_deepfakebench(file, ReadOptions(), account)
    assert len(table) == 640  # the clip has 39 frames still, and gives 32
    assert str(gone) not in set(table["path"])
    assert account.left_out[0].startswith(
        "1 of 800 listed frames that are not there, in 1 of 20 clips, 0 of them whole"
    )
    assert len(read_deepfakebench(file, ReadOptions(frames=0), Account())) == 799


def test_the_only_compression_is_taken(tmp_path):
    file = faceforensics(tmp_path)
    content = json.loads(file.read_text().replace('"c23": {', '"c40": {'))
    write_json(file, content)
    account = Account()
    assert len(read_deepfakebench(file, ReadOptions(), account)) == 640
    assert "compression c40, the only one there" in account.inferred
    for part in content["FaceForensics++"]["FF-DF"].values():
        part["raw"] = part.pop("c40")
    write_json(file, content)
    with pytest.raises(InputError, match=r"got c40, raw; say --compression c40 or raw"):
        read_deepfakebench(file, ReadOptions(), Account())
    account = Account()
    assert len(read_deepfakebench(file, ReadOptions(compression="raw"), account)) == 320
    assert account.left_out == ["FF-real (c40): no clips of compression raw"]


def test_files_of_single_methods_show_the_same_people(tmp_path):
    content = json.loads(faceforensics(tmp_path).read_text())["FaceForensics++"]
    write_json(tmp_path / "dataset_json/FF-DF.json", {"FF-DF": content})
    table = read_deepfakebench(tmp_path / "dataset_json/FF-DF.json", ReadOptions(), Account())
    assert table["group"].str.startswith("FaceForensics++/").all()
    assert table["group"].nunique() == 10  # each original with its fake


def test_clips_of_several_parts_are_taken_once_and_said(tmp_path):
    content: dict[str, dict[str, dict[str, object]]] = {}
    for label in ("DFDC_Real", "DFDC_Fake"):
        for index in range(20):
            name = f"DFDC/{label}/{index}/0.png"
            grow(tmp_path, name)
            row = {"label": label, "frames": [name]}
            for part in ("test", "val") if index < 5 else ("train", "val"):
                content.setdefault(label, {}).setdefault(part, {})[f"{label}{index}"] = row
    account = Account()
    table = read_deepfakebench(
        write_json(tmp_path / "DFDC.json", {"DFDC": content}), ReadOptions(), account
    )
    assert Counter(table["split"]) == {"train": 27, "val": 3, "test": 10}
    assert account.inferred == [
        "clips that are listed in several parts are taken once (in test and val: test, 10 clips; in"
        " train and val: train, 30 clips)"
    ]


def test_parts_by_other_names(tmp_path):
    file = listed(tmp_path, ["real", "fake"], parts=("training", "Dev", "EVAL"))
    assert Counter(read_deepfakebench(file, ReadOptions(), Account())["split"]) == {
        "train": 4,
        "val": 4,
        "test": 4,
    }


def two_files(root, first, second):
    """A.json and B.json, which list the clip c by label and part; beside it another real."""
    frames = [f"D/c/{index}.png" for index in range(3)]
    grow(root, *frames, "D/other/0.png")
    for name, (label, part) in (("A", first), ("B", second)):
        clips = {label: {part: {"c": {"label": label, "frames": frames}}}}
        other = {"other": {"label": "FF-real", "frames": ["D/other/0.png"]}}
        clips.setdefault("FF-real", {}).setdefault("train", {}).update(other)
        write_json(root / f"{name}.json", {"D": clips})
    return root


@pytest.mark.parametrize("other", ["FF-real", "FF-F2F", "fake"])
def test_two_files_that_contradict_each_other_are_refused(tmp_path, other):
    folder = two_files(tmp_path, ("FF-DF", "train"), (other, "test"))
    message = rf"clip c, but got FF-DF in A.json \(train\) and {other} in B.json \(test\)"
    with pytest.raises(InputError, match=message):
        read_deepfakebench(folder, ReadOptions(), Account())


def test_two_files_with_different_parts_test_and_two_names_of_reals_are_said(tmp_path):
    folder = two_files(tmp_path, ("FF-real", "train"), ("e4s_Real", "test"))
    account = Account()
    table = read_deepfakebench(folder, ReadOptions(), account)
    assert Counter(table["split"]) == {"test": 3, "train": 1}
    assert account.inferred[:2] == [
        "clips that are listed in several parts are taken once (in test and train: test, 1 clips)",
        "reals that are listed under several names are taken once (e4s_Real and FF-real: e4s_Real,"
        " 1 clips)",
    ]


def test_two_lists_of_one_clip_are_joined(tmp_path):
    folder = two_files(tmp_path, ("FF-DF", "train"), ("FF-DF", "test"))
    content = json.loads((folder / "B.json").read_text())
    del content["D"]["FF-DF"]["test"]["c"]["frames"][0]
    write_json(folder / "B.json", content)
    table = read_deepfakebench(folder, ReadOptions(), Account())
    assert Counter(table["split"]) == {"test": 3, "train": 1}


def test_a_name_that_a_file_gives_twice_is_refused(tmp_path):
    grow(tmp_path, "D/0.png", "D/1.png")
    clips = ", ".join(f'"c": {{"label": "real", "frames": ["D/{n}.png"]}}' for n in range(2))
    (tmp_path / "D.json").write_text('{"D": {"real": {"train": {' + clips + "}}}}")
    with pytest.raises(InputError, match=r'D.json: Expected every name once, but got "c" twice'):
        read_deepfakebench(tmp_path, ReadOptions(), Account())
