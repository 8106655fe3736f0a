"""FaceForensics++ as public copies lie, with one compression or several, and what is not there."""

from __future__ import annotations

from collections import Counter

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.faceforensics import read_faceforensics
from blurprint.lab.datasets.layouts.folder import read_folder
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow

FAKES = ("Deepfakes", "Face2Face", "FaceShifter", "FaceSwap", "NeuralTextures")
PAIRS = [(f"{index:03}", f"{index ^ 1:03}") for index in range(20)]


def kaggle(root):
    """Videos of 20 originals and of 5 methods, and 4 of DeepFakeDetection."""
    for a, b in PAIRS:
        grow(root, f"original/{a}.mp4", *(f"{method}/{a}_{b}.mp4" for method in FAKES))
    for actor in range(1, 5):
        name = f"{actor:02}_{actor % 4 + 1:02}__walking_outside__AB12CD34.mp4"
        grow(root, f"DeepFakeDetection/{name}")
    return grow(root, "csv/FF++_Metadata.csv")


def test_the_kaggle_copy(tmp_path):
    account = Account()
    root = kaggle(tmp_path / "FaceForensics++_C23")
    table = read_faceforensics(root, ReadOptions(), account)
    assert Counter(zip(table["method"], table["label"], strict=True)) == {
        ("youtube", 0): 20,
        **{(method, 1): 20 for method in FAKES},
        ("DeepFakeDetection", 1): 4,
    }
    assert account.inferred == [
        "a flat copy of FaceForensics++: a folder is a method, original is youtube",
        "compression c23, from the folder's name",
        "the reals of DeepFakeDetection (actors) are not there",
    ]
    assert account.left_out == []  # csv/ holds neither pictures nor videos
    assert account.labels["real"] == {"original": 20}
    assert table.groupby("group")["split"].nunique().max() == 1
    fakes = table[table["path"].str.endswith("003_002.mp4")]
    assert set(fakes["group"]) == {"002"}


def test_a_flat_copy_as_frames_without_a_name_that_says_its_compression(tmp_path):
    for a, b in PAIRS:
        grow(tmp_path, f"original/{a}/0.png", f"deepfakes/{a}_{b}/0.png", f"Mine/{a}/0.png")
    account = Account()
    table = read_faceforensics(tmp_path, ReadOptions(compression="c40"), account)
    assert Counter(table["method"]) == {"youtube": 20, "Deepfakes": 20}
    assert "taken for c40 as asked" in account.inferred[1]
    assert account.left_out == ["20 pictures or videos where the layout has none: Mine/ (20)"]


def test_another_compression_than_the_copys_is_refused(tmp_path):
    root = kaggle(tmp_path / "FaceForensics++_C23")
    with pytest.raises(InputError, match=r"compression c40, but .*says c23; say --compression c23"):
        read_faceforensics(root, ReadOptions(compression="c40"), Account())


def test_folder_does_not_drop_the_methods_of_the_kaggle_copy_in_silence(tmp_path):
    account = Account()
    table = read_folder(kaggle(tmp_path), ReadOptions(), account)
    assert len(table) == 20
    assert account.left_out == [
        "104 pictures or videos in no folder named as a label: DeepFakeDetection/ (4),"
        " Deepfakes/ (20), Face2Face/ (20), FaceShifter/ (20), FaceSwap/ (20), NeuralTextures/ (20)"
        " (--label DeepFakeDetection=real|fake --label Deepfakes=real|fake"
        " --label Face2Face=real|fake --label FaceShifter=real|fake --label FaceSwap=real|fake"
        " --label NeuralTextures=real|fake takes them)"
    ]
    assert account.lines(table)[-1] == "Warning: there are no fakes"
    labels = dict.fromkeys((*FAKES, "DeepFakeDetection"), 1)
    whole = read_folder(tmp_path, ReadOptions(labels=labels), Account())
    assert Counter(whole["label"]) == {0: 20, 1: 104}


def download(root, *compressions, room="videos"):
    for compression in compressions:
        for a, b in PAIRS:
            for folder, name in (
                ("original_sequences/youtube", a),
                ("manipulated_sequences/Deepfakes", f"{a}_{b}"),
            ):
                file = f"{name}.mp4" if room == "videos" else f"{name}/0.png"
                grow(root, f"{folder}/{compression}/{room}/{file}")
    return root


@pytest.mark.parametrize("compression", ["raw", "c40"])
def test_the_only_compression_is_taken_and_said(tmp_path, compression):
    account = Account()
    assert len(read_faceforensics(download(tmp_path, compression), ReadOptions(), account)) == 40
    assert account.inferred == [f"compression {compression}, the only one there"]


def test_c23_is_taken_where_there_are_several(tmp_path):
    account = Account()
    table = read_faceforensics(download(tmp_path, "c23", "c40"), ReadOptions(), account)
    assert table["path"].str.contains("/c23/").all()
    assert account.inferred == ["compression c23; there is c40, too (--compression)"]


def test_raw_and_c0_are_read_once(tmp_path):
    assert len(read_faceforensics(download(tmp_path, "raw", "c0"), ReadOptions(), Account())) == 40


def test_several_compressions_without_c23_are_to_be_chosen(tmp_path):
    download(tmp_path, "raw", "c40")
    with pytest.raises(InputError, match=r"but got c40, raw; say --compression c40 or raw"):
        read_faceforensics(tmp_path, ReadOptions(), Account())
    assert len(read_faceforensics(tmp_path, ReadOptions(compression="raw"), Account())) == 40


def test_a_compression_that_is_not_there_names_those_that_are(tmp_path):
    download(tmp_path, "raw")
    (tmp_path / "original_sequences/youtube/c23").mkdir()  # empty: it does not count
    with pytest.raises(InputError, match=r"compression c40, but got raw; say --compression raw"):
        read_faceforensics(tmp_path, ReadOptions(compression="c40"), Account())


def test_no_level_of_compression_is_an_error(tmp_path):
    grow(tmp_path, "original_sequences/youtube/videos/000.mp4")
    with pytest.raises(InputError, match=r"youtube: Expected raw/, c23/ or c40/ .*but got videos/"):
        read_faceforensics(tmp_path, ReadOptions(), Account())


def test_frames_of_a_part_of_the_videos(tmp_path):
    download(tmp_path, "c23")
    for a, b in PAIRS[:14]:
        grow(tmp_path, f"original_sequences/youtube/c23/faces/{a}/0.png")
        grow(tmp_path, f"manipulated_sequences/Deepfakes/c23/faces/{a}_{b}/0.png")
    account = Account()
    assert len(read_faceforensics(tmp_path, ReadOptions(), account)) == 28
    assert account.left_out == [
        "12 videos without frames: frames are there for 28 of 40 videos (youtube 6, Deepfakes 6)"
    ]


def test_what_lies_beside_the_clips_is_counted(tmp_path):
    download(tmp_path, "c23", room="faces")
    grow(tmp_path, *(f"original_sequences/youtube/c23/frames/{a}/0.png" for a, _ in PAIRS))
    grow(tmp_path, "original_sequences/youtube/c23/loose.png", "mine/a/b.png", "readme.txt")
    grow(tmp_path, "manipulated_sequences/Deepfakes/masks/000_001.mp4")
    account = Account()
    assert len(read_faceforensics(tmp_path, ReadOptions(), account)) == 40
    assert account.left_out == [
        "1 picture or video beside the clips: youtube 1",
        "1 picture or video where the layout has none: mine/ (1)",
    ]
    assert account.inferred == [
        "frames from the first of faces, v1faces, frames that is there; not read: frames/"
        " (20 clips)"
    ]


def test_frames_that_are_not_taken_are_counted(tmp_path):
    grow(tmp_path, *(f"original_sequences/youtube/c23/faces/000/{index}.png" for index in range(9)))
    account = Account()
    assert len(read_faceforensics(tmp_path, ReadOptions(frames=4), account)) == 4
    assert account.inferred[-1] == (
        "at most 4 frames of each clip (--frames): 4 of 9 in 1 clip that has more"
    )


def test_the_rule_is_said(tmp_path):
    download(tmp_path, "c23")
    for split, said in (
        ("authors", "each folder sorted by name: the first int(0.7 n) train"),
        ("identity", "drawn by whole groups, 70/10/20 %, seed 7"),
    ):
        account = Account()
        read_faceforensics(tmp_path, ReadOptions(split=split, seed=7), account)
        assert account.rules[0].startswith(said)
