"""Celeb-DF: its list marks 1 = real, our table 1 = fake."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.layouts.celebdf import TEST_LIST, read_celebdf
from blurprint.lab.datasets.layouts.options import ReadOptions
from trees import grow

LIST = """\
1 YouTube-real/00170.mp4
1 Celeb-real/id0_0001.mp4
0 Celeb-synthesis/id0_id1_0001.mp4
"""


@pytest.fixture
def root(tmp_path):
    for one in range(8):
        grow(tmp_path, f"YouTube-real/{170 + one:05}.mp4", f"Celeb-real/id{one}_0000.mp4")
        grow(tmp_path, f"Celeb-real/id{one}_0001.mp4")
        for other in (one ^ 1, (one + 2) % 8):
            grow(tmp_path, f"Celeb-synthesis/id{one}_id{other}_0001.mp4")
    (tmp_path / TEST_LIST).write_text(LIST)
    return tmp_path


def test_polarity(root):
    table = read_celebdf(root, ReadOptions(), Account())
    assert table.groupby("method")["label"].unique().map(list).to_dict() == {
        "Celeb-real": [0],
        "Celeb-synthesis": [1],
        "YouTube-real": [0],
    }


def test_the_official_split(root):
    table = read_celebdf(root, ReadOptions(), Account())
    test = table[table["split"] == "test"]
    assert {path.removeprefix(str(root)) for path in test["path"]} == {
        "/YouTube-real/00170.mp4",
        "/Celeb-real/id0_0001.mp4",
        "/Celeb-synthesis/id0_id1_0001.mp4",
    }
    rest = table[table["split"] != "test"]
    assert set(rest["split"]) == {"train", "val"}
    assert rest.groupby("group")["split"].nunique().max() == 1


def test_the_identity_split_shares_no_identity(root):
    table = read_celebdf(root, ReadOptions(split="identity"), Account())
    assert set(table["split"]) == {"train", "val", "test"}
    assert table.groupby("group")["split"].nunique().max() == 1
    shown = table["path"].str.extractall(r"(id\d+)_")[0].droplevel(1)
    assert table["split"].reindex(shown.index).groupby(shown.to_numpy()).nunique().max() == 1


def test_folders_of_frames(root):
    for frame in range(40):
        grow(root, f"Celeb-synthesis/id0_id1_0001/{frame:05}.png")
    table = read_celebdf(root, ReadOptions(), Account())
    fakes = table[table["label"] == 1]
    assert len(fakes) == 32
    assert set(fakes["clip"]) == {str(root / "Celeb-synthesis/id0_id1_0001")}
    assert set(fakes["split"]) == {"test"}


def test_without_the_list_identities_are_parted(root):
    (root / TEST_LIST).unlink()
    official, default = ReadOptions(split="official"), ReadOptions()
    assert read_celebdf(root, default, Account()).equals(
        read_celebdf(root, ReadOptions(split="identity"), Account())
    )
    with pytest.raises(InputError, match=rf"{TEST_LIST}: Expected the list .*No such file"):
        read_celebdf(root, official, Account())


def test_errors(root, tmp_path):
    with pytest.raises(InputError, match=r"official, identity.*authors"):
        read_celebdf(root, ReadOptions(split="authors"), Account())
    (root / TEST_LIST).write_text("1 Celeb-synthesis/id0_id1_0001.mp4\n")
    with pytest.raises(InputError, match="line 1 to mark real videos 1"):
        read_celebdf(root, ReadOptions(), Account())
    (root / TEST_LIST).write_text("1 YouTube-real/00170.mp4\nYouTube-real/00171.mp4\n")
    with pytest.raises(InputError, match="Expected line 2 like"):
        read_celebdf(root, ReadOptions(), Account())
    (root / TEST_LIST).write_text("1 YouTube-real/00999.mp4\n")
    with pytest.raises(InputError, match=r"none .YouTube-real/00999"):
        read_celebdf(root, ReadOptions(), Account())
    with pytest.raises(InputError, match=r"Expected Celeb-real/, .*but got YouTube-real"):
        read_celebdf(grow(tmp_path / "other", "YouTube-real.zip"), ReadOptions(), Account())


def test_clips_of_the_list_that_are_absent_are_counted(root):
    (root / TEST_LIST).write_text(
        f"{LIST}1 YouTube-real/00999.mp4\n0 Celeb-synthesis/id9_id8_0.mp4"
    )
    account = Account()
    read_celebdf(root, ReadOptions(), account)
    assert account.left_out == [
        f"2 of 5 videos of {TEST_LIST} that are not there (Celeb-synthesis/id9_id8_0,"
        " YouTube-real/00999)"
    ]
    assert account.rules[0] == f"test from {TEST_LIST}"


def test_what_is_not_read_is_counted(root):
    grow(root, "Celeb-synthesis-extra/a.mp4", "b.mp4", "Celeb-real/c.png")
    for folder in ("id0_0000", "id1_0000"):
        grow(root, f"Celeb-real/{folder}/0.png")
    account = Account()
    read_celebdf(root, ReadOptions(split="identity"), account)
    assert account.left_out[:3] == [
        "14 videos without frames: frames are there for 2 of 16 videos (Celeb-real 14)",
        "1 picture or video beside the clips: Celeb-real 1",
        "2 pictures or videos where the layout has none: the folder itself (1),"
        " Celeb-synthesis-extra/ (1)",
    ]


def test_a_missing_class_is_said(root):
    for video in (root / "YouTube-real").iterdir():
        video.unlink()
    account = Account()
    read_celebdf(root, ReadOptions(split="identity"), account)
    assert account.inferred == ["YouTube-real not there"]


def test_a_list_with_tabs_backslashes_and_other_capitals(root):
    usual = read_celebdf(root, ReadOptions(), Account())
    text = LIST.replace(" ", "\t").replace("/", "\\").lower()
    (root / TEST_LIST).write_text(text)
    assert read_celebdf(root, ReadOptions(), Account()).equals(usual)
    (root / TEST_LIST).write_text("1,YouTube-real/00170.mp4")
    with pytest.raises(InputError, match=r'like "1 YouTube-real/00170.mp4" \(or Celeb-real, Celeb'):
        read_celebdf(root, ReadOptions(), Account())


def test_a_folder_that_is_a_link_is_not_counted_again_under_its_other_name(root):
    (root / "Celeb-real").rename(root / "store")
    (root / "Celeb-real").symlink_to("store")
    account = Account()
    assert len(read_celebdf(root, ReadOptions(), account)) == 40
    assert account.left_out == []
