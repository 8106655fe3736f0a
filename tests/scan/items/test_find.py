"""From what is given to items: folders, patterns, lists, and what is left out."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.errors import InputError
from blurprint.scan.items.account import Account
from blurprint.scan.items.braces import expanded
from blurprint.scan.items.find import count_items, find_items, may_repeat
from blurprint.scan.items.item import ItemError
from blurprint.scan.items.lists import NameList
from scan_engines import found

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "in"
    for name in ("10.jpg", "9.jpg", "b/1.png", "b/c/2.png", "b/x.mp4", ".hidden/3.png", "b/é.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(JPEG)
    (root / "notes.txt").write_text("left out")
    (root / "b/raw.nef").write_text("left out")
    (root / "b/photo").write_bytes(JPEG)
    (root / "pack.7z").write_bytes(b"7z")
    return root


def names(items: list, root: Path) -> list[str]:
    return [os.path.relpath(item.path, root) for item in items]


def test_a_folder_gives_all_within_in_natural_order_and_counts_the_rest(tree) -> None:
    items, account = found(tree)
    wanted = ["9.jpg", "10.jpg", "b/1.png", "b/photo", "b/x.mp4", "b/é.png", "b/c/2.png"]
    assert names(items, tree) == wanted
    assert [item.kind for item in items if item.kind != "picture"] == ["video"]
    assert {kind: one.count for kind, one in account.left_out.items()} == {
        "hidden files and folders": 1,
        "other files": 1,
        "camera raw files, which cannot be read": 1,
        "archives of a kind that cannot be read": 1,
    }
    assert account.sniffed.names == [str(tree / "b/photo")]
    assert account.items == 7 and account.kinds == {"picture": 6, "video": 1}
    assert not account.problems.count


def test_the_folder_of_results_and_folders_met_again_are_not_entered(tree) -> None:
    (tree / "out").mkdir()
    (tree / "out/map.png").write_bytes(JPEG)
    (tree / "b/c/up").symlink_to(tree)
    items, account = found(tree, out=str(tree / "out"))
    assert len(items) == 7
    assert account.left_out["folder of the results"].count == 1
    assert account.left_out["folders met twice"].count == 1


def test_what_is_not_there_is_an_item_with_a_problem(tree) -> None:
    (tree / "broken.jpg").symlink_to("gone.jpg")
    items, account = found(tree / "none.jpg", tree / "b/*.gif", "", tree / "broken.jpg")
    assert names(items, tree) == ["none.jpg", "broken.jpg"]
    assert account.problems.count == 4
    with pytest.raises(ItemError, match="no such file"):
        items[0].read(100)


def test_an_empty_folder_is_a_problem(tmp_path) -> None:
    items, account = found(tmp_path)
    assert items == [] and "nothing" in account.problems.names[0]


def test_a_folder_that_was_met_already_is_not_empty(tree) -> None:
    for inputs in ((tree / "b", tree / "b"), (tree, tree / "b"), (tree / "b/c", tree / "b/c/..")):
        _, account = found(*inputs)
        assert not account.problems.count, inputs
        assert account.left_out["folders met twice"].count == 1


def test_an_empty_folder_given_with_others_is_a_problem(tree) -> None:
    (tree / "none/within").mkdir(parents=True)
    _, account = found(tree, tree / "b/none", tree / "9.jpg")
    assert account.problems.names == [f"{tree}/b/none: no such file or folder"]
    _, account = found(tree / "none", tree)
    assert account.problems.names == [f"{tree}/none: holds nothing that gets a row"]


def test_an_archive_that_yields_nothing_is_a_problem_if_it_was_given(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/z.zip", "w"):
        pass
    with tarfile.open(tmp_path / "in/t.tar", "w"):
        pass
    with zipfile.ZipFile(tmp_path / "in/words.zip", "w") as opened:
        opened.writestr("a.txt", "words")
    for name in ("z.zip", "t.tar", "words.zip"):
        items, account = found(tmp_path / "in" / name)
        assert items == [] and account.problems.count == 1
        assert "holds nothing that gets a row" in account.problems.names[0]
    (tmp_path / "in/a.jpg").write_bytes(JPEG)
    _, account = found(tmp_path / "in")
    assert not account.problems.count
    assert account.left_out["archives without a file"].count == 2


def test_a_name_that_begins_another_can_be_sorted(tmp_path) -> None:
    for name in ("train", "train2", "train10"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(JPEG)
    items, _ = found(tmp_path)
    assert names(items, tmp_path) == ["train/a.jpg", "train2/a.jpg", "train10/a.jpg"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_file_that_became_a_pipe_is_not_waited_for(tree) -> None:
    (item,), _ = found(tree / "9.jpg")
    (tree / "9.jpg").unlink()
    os.mkfifo(tree / "9.jpg")
    with pytest.raises(ItemError, match="is a pipe, a socket or a device"):
        item.read(100)
    with pytest.MonkeyPatch.context() as patch:  # and if it became one after a look at it
        patch.setattr(os, "stat", lambda _: os.lstat(tree / "10.jpg"))
        with pytest.raises(ItemError, match="is a pipe, a socket or a device"):
            item.read(100)


def test_a_file_that_became_a_folder_says_so(tree) -> None:
    (item,), _ = found(tree / "9.jpg")
    (tree / "9.jpg").unlink()
    (tree / "9.jpg").mkdir()
    with pytest.raises(ItemError, match="is a folder"):
        item.read(100)


@pytest.mark.skipif(os.geteuid() == 0, reason="root lists everything")
def test_a_folder_that_cannot_be_listed_is_named(tree) -> None:
    (tree / "b").chmod(0)
    try:
        items, account = found(tree)
    finally:
        (tree / "b").chmod(0o755)
    assert len(items) == 2 and str(tree / "b") in account.problems.names[0]


def test_patterns_stand_for_what_they_match(tree) -> None:
    items, _ = found(tree / "*.jpg")
    assert names(items, tree) == ["9.jpg", "10.jpg"]
    items, _ = found(tree / "**/*.png")
    assert sorted(names(items, tree)) == ["b/1.png", "b/c/2.png", "b/é.png"]
    items, account = found(tree / "{9..11}.jpg")
    assert names(items, tree) == ["9.jpg", "10.jpg", "11.jpg"]
    assert "11.jpg" in account.problems.names[0]


def test_a_file_whose_name_is_a_pattern_is_that_file(tmp_path) -> None:
    for name in ("a[1].jpg", "{1..2}.jpg", "x,y.jpg"):
        (tmp_path / name).write_bytes(JPEG)
        assert [item.path for item in found(tmp_path / name)[0]] == [str(tmp_path / name)]


@given(
    st.integers(0, 300),
    st.integers(0, 20),
    st.integers(1, 4),
    st.text("ab-/", max_size=3),
)
def test_ranges_are_of_numbers_in_order_with_their_zeros(first, more, width, text) -> None:
    start, end = f"{first:0{width}d}", f"{first + more:0{width}d}"
    got = list(expanded(f"{text}{{{start}..{end}}}.tar"))
    pad = len(start) if start.startswith("0") or len(start) == len(end) else 0
    assert got == [f"{text}{number:0{pad}d}.tar" for number in range(first, first + more + 1)]


NAMES = st.lists(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), max_size=8
)


@given(NAMES)
def test_a_list_that_ends_names_with_nul_gives_them_back(texts) -> None:
    data = b"".join(text.encode() + b"\0" for text in texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        names = NameList("-")
        assert list(names) == texts
    assert ("NUL" in names.words) == bool(texts)


def test_a_list_of_lines_is_taken_as_it_is(tree, tmp_path) -> None:
    lines = [str(tree / "9.jpg"), "", str(tree / "*.jpg"), str(tree / "b")]
    path = tmp_path / "list.txt"
    path.write_bytes("\r\n".join(lines).encode())  # without an end of the last line
    account = Account()
    items = list(find_items([], [NameList(str(path))], account=account))
    assert names(items, tree)[:2] == ["9.jpg", "*.jpg"] and items[1].problem
    assert len(items) == 7  # the folder is gone through
    assert account.said == [f"List: {path} (a name a line)."]
    assert not account.problems.count, "a name of a list that is not there is a row only"


def test_names_without_an_encoding_are_read(tmp_path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9\n.jpg"
    Path(os.fsdecode(raw)).write_bytes(JPEG)
    (tmp_path / "list").write_bytes(raw + b"\0")
    account = Account()
    items = list(find_items([], [NameList(str(tmp_path / "list"))], account=account))
    assert items[0].read(100) == JPEG
    assert "\udce9" in items[0].path


def test_a_list_that_is_not_there_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"none\.txt"):
        NameList(str(tmp_path / "none.txt"))


def test_items_are_counted_up_to_a_limit(tree) -> None:
    assert count_items([str(tree)]).items == 7
    assert count_items([str(tree)], limit=3).items == 3


def test_only_one_plain_input_cannot_repeat_itself(tree) -> None:
    assert not may_repeat([str(tree)], [])
    assert may_repeat([str(tree), str(tree)], []) and may_repeat([f"{tree}/*"], [])


def test_more_bytes_than_are_allowed_are_not_read(tree) -> None:
    item = found(tree / "9.jpg")[0][0]
    with pytest.raises(ItemError, match="2 are read at most") as error:
        item.read(2)
    assert error.value.status == "too_large"
    assert item.read(len(JPEG)) == JPEG
