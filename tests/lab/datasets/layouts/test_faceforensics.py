"""FaceForensics++: three rules of splitting, faces before videos, and what the rules leak."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.faceforensics import read_faceforensics
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow, write_json

ORIGINAL = "original_sequences/youtube/c23"
FAKES = "manipulated_sequences/Deepfakes/c23"
PAIRS = [(f"{index:03}", f"{index + 10:03}") for index in range(10)]


def videos(root, pairs=PAIRS, method="Deepfakes", compression="c23"):
    for pair in pairs:
        for a, b in (pair, pair[::-1]):
            grow(root, f"original_sequences/youtube/{compression}/videos/{a}.mp4")
            grow(root, f"manipulated_sequences/{method}/{compression}/videos/{a}_{b}.mp4")
    return root


def split_files(folder, pairs, sizes):
    start = 0
    for part, size in zip(("train", "val", "test"), sizes, strict=True):
        write_json(folder / f"{part}.json", [list(pair) for pair in pairs[start : start + size]])
        start += size


def identities(table):
    """Part by identity, of the rows that have a part."""
    names = table["clip"].str.extract(r"([^/\\]+?)(?:\.mp4)?$")[0].str.split("_")
    found: dict[str, set[str]] = {}
    for shown, part in zip(names, table["split"], strict=True):
        for name in shown if part else ():
            found.setdefault(name, set()).add(part)
    return found


def test_videos_become_rows(tmp_path):
    table = read_faceforensics(videos(tmp_path), ReadOptions(), Account())
    assert len(table) == 40
    assert Counter(zip(table["label"], table["method"], strict=True)) == {
        (0, "youtube"): 20,
        (1, "Deepfakes"): 20,
    }
    row = table[table["path"].str.endswith("003_013.mp4")].iloc[0]
    assert row["path"] == row["clip"] == str(tmp_path / FAKES / "videos" / "003_013.mp4")
    assert row["group"] == "003"
    original = table[table["path"].str.endswith("013.mp4") & (table["label"] == 0)].iloc[0]
    assert original["group"] == "003"  # linked through the fake


@pytest.mark.parametrize("name", ["faces", "v1faces", "crops"])
def test_frames_are_preferred_and_the_first_are_taken(tmp_path, name):
    videos(tmp_path, PAIRS[:1])
    for frame in (*range(12), 100):
        grow(tmp_path, f"{FAKES}/{name}/000_010/{frame}.png", f"{ORIGINAL}/{name}/000/{frame}.png")
    grow(tmp_path, f"{FAKES}/masks/000_010/0.png")
    table = read_faceforensics(tmp_path, ReadOptions(frames=11), Account())
    assert len(table) == 22
    fakes = table[table["label"] == 1]
    assert set(fakes["path"]) == {
        str(tmp_path / FAKES / name / f"000_010/{n}.png") for n in range(11)
    }
    assert set(fakes["clip"]) == {str(tmp_path / FAKES / name / "000_010")}
    assert len(read_faceforensics(tmp_path, ReadOptions(frames=0), Account())) == 26


def test_the_full_official_split_is_720_140_140(tmp_path):
    numbers = [f"{index:03}" for index in range(1000)]
    random.Random(0).shuffle(numbers)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    videos(tmp_path, pairs)
    split_files(tmp_path / "splits", pairs, (360, 70, 70))
    table = read_faceforensics(
        tmp_path, ReadOptions(), Account()
    )  # the default, where the files are there
    for label in (0, 1):
        counts = Counter(table.loc[table["label"] == label, "split"])
        assert counts == {"train": 720, "val": 140, "test": 140}
    assert all(len(parts) == 1 for parts in identities(table).values())
    assert table["group"].nunique() == 500


@pytest.mark.parametrize("place", ["", "splits", "dataset/splits"])
def test_where_the_split_files_may_lie(tmp_path, place):
    split_files(videos(tmp_path) / place, PAIRS, (6, 2, 2))
    counts = Counter(
        read_faceforensics(tmp_path, ReadOptions(split="official"), Account())["split"]
    )
    assert counts == {"train": 24, "val": 8, "test": 8}


def test_the_authors_split_lets_sources_of_test_fakes_into_training(tmp_path):
    table = read_faceforensics(videos(tmp_path), ReadOptions(split="authors"), Account())
    for label in (0, 1):
        counts = Counter(table.loc[table["label"] == label, "split"])
        assert counts == {"train": 14, "val": 2, "test": 4}
    # The fake 019_009 tests; the original 009, whose face it shows, trains.
    fake = table[table["path"].str.endswith("019_009.mp4")].iloc[0]
    source = table[table["path"].str.endswith("009.mp4") & (table["label"] == 0)].iloc[0]
    assert (fake["split"], source["split"]) == ("test", "train")
    leaked = [name for name, parts in identities(table).items() if {"train", "test"} <= parts]
    assert leaked


def test_the_identity_split_leaks_nothing(tmp_path):
    table = read_faceforensics(videos(tmp_path), ReadOptions(split="identity"), Account())
    assert all(len(parts) == 1 for parts in identities(table).values())
    assert Counter(table["split"]) == {"train": 28, "val": 4, "test": 8}


def test_actors_are_parted_one_by_one(tmp_path):
    actors = [f"{number:02}" for number in range(1, 29)]
    for a in actors:
        grow(tmp_path, f"original_sequences/actors/c23/videos/{a}__exit_phone_room.mp4")
        for b in actors:
            if a != b:
                name = f"{a}_{b}__exit_phone_room__YVGY8LOK.mp4"
                grow(tmp_path, f"manipulated_sequences/DeepFakeDetection/c23/videos/{name}")
    account = Account()
    table = read_faceforensics(tmp_path, ReadOptions(), account)
    assert "clips belong to no part" in account.left_out[0]
    assert len(table) == 28 * 28  # `--part all` keeps what no part can hold
    stems = table["path"].str.extract(r"([^/\\]+)__exit")[0].str.split("_")
    of: dict[str, set[str]] = {}
    for shown, part in zip(stems, table["split"], strict=True):
        for actor in shown if part else ():
            of.setdefault(actor, set()).add(part)
    assert len(of) == 28
    assert all(len(parts) == 1 for parts in of.values())
    assert set(table["method"]) == {"actors", "DeepFakeDetection"}
    assert set(table.loc[table["split"] == "test", "label"]) == {0, 1}


def test_raw_is_also_called_c0(tmp_path):
    videos(tmp_path, compression="c0")
    assert len(read_faceforensics(tmp_path, ReadOptions(compression="raw"), Account())) == 40


def test_a_method_that_was_not_downloaded_is_named(tmp_path):
    videos(tmp_path)
    grow(tmp_path, "manipulated_sequences/FaceShifter/c40/videos/000_010.mp4")
    account = Account()
    assert len(read_faceforensics(tmp_path, ReadOptions(), account)) == 40
    assert account.left_out == [
        "manipulated_sequences/FaceShifter (c40): no clips of compression c23"
    ]
    assert account.inferred == ["compression c23; there is c40, too (--compression)"]


def test_pairs_that_are_not_listed_belong_to_no_part(tmp_path):
    split_files(videos(tmp_path), PAIRS[:9], (5, 2, 2))
    account = Account()
    table = read_faceforensics(tmp_path, ReadOptions(), account)
    assert account.left_out[0].startswith("4 clips belong to no part")
    assert Counter(table["split"])[""] == 4


def test_errors_say_what_is_missing(tmp_path):
    with pytest.raises(InputError, match=r"nowhere: Expected a folder .* nothing there"):
        read_faceforensics(tmp_path / "nowhere", ReadOptions(), Account())
    with pytest.raises(InputError, match=r"original_sequences/ and .*but got an empty folder"):
        read_faceforensics(tmp_path, ReadOptions(), Account())
    grow(tmp_path, "real/a.png")
    with pytest.raises(InputError, match=r"Expected original_sequences/.*but got real/"):
        read_faceforensics(tmp_path, ReadOptions(), Account())
    videos(tmp_path, compression="c40")
    with pytest.raises(InputError, match=r"compression c23, but got c40; say --compression c40"):
        read_faceforensics(tmp_path, ReadOptions(compression="c23"), Account())
    options = ReadOptions(split="official", compression="c40")
    with pytest.raises(InputError, match=r"FaceForensics\+\+ repository.*splits"):
        read_faceforensics(tmp_path, options, Account())
    split_files(tmp_path, PAIRS, (6, 2, 2))
    write_json(tmp_path / "val.json", {"000": "010"})
    with pytest.raises(InputError, match=r"val\.json: Expected a list of pairs"):
        read_faceforensics(tmp_path, options, Account())
    write_json(tmp_path / "val.json", [["000", "010"]])
    with pytest.raises(InputError, match=r"val\.json: 000 is listed in train\.json too"):
        read_faceforensics(tmp_path, options, Account())
    grow(tmp_path, "original_sequences/youtube/c40/videos/holiday.mp4")
    with pytest.raises(InputError, match=r"holiday\.mp4: Expected the name of a clip"):
        read_faceforensics(tmp_path, ReadOptions(compression="c40"), Account())


@pytest.mark.parametrize("split", [None, "official"])
@pytest.mark.parametrize("place", ["", "splits"])
def test_a_part_of_the_split_files_is_refused(tmp_path, split, place):
    videos(tmp_path)
    split_files(tmp_path / place, PAIRS, (6, 2, 2))
    (tmp_path / place / "val.json").unlink()
    with pytest.raises(InputError, match=r"val.json is missing; .*--split identity to draw"):
        read_faceforensics(tmp_path, ReadOptions(split=split), Account())
    (tmp_path / place / "test.json").unlink()
    with pytest.raises(InputError, match=r"but val.json and test.json are missing"):
        read_faceforensics(tmp_path, ReadOptions(split=split), Account())
    for rule in ("identity", "authors"):
        assert len(read_faceforensics(tmp_path, ReadOptions(split=rule), Account())) > 0
