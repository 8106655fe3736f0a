"""Lists of names that come in pieces, hold nothing, or contradict themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import pytest

from blurprint.scan.items.account import Account
from blurprint.scan.items.find import find_items
from blurprint.scan.items.item import Item
from blurprint.scan.items.lists import NameList

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


class Pipe:
    """Gives what is there, as a pipe does: a piece at a time."""

    def __init__(self, pieces: Iterable[bytes | OSError]) -> None:
        self._pieces = iter(pieces)

    def read1(self, size: int) -> bytes:
        piece = next(self._pieces, b"")
        if isinstance(piece, OSError):
            raise piece
        assert len(piece) <= size
        return piece


def piped(monkeypatch: pytest.MonkeyPatch, *pieces: bytes | OSError) -> NameList:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=Pipe(pieces)))
    return NameList("-")


def items_of(*lists: NameList) -> tuple[list[Item], Account]:
    account = Account()
    return list(find_items([], lists, account=account)), account


def test_a_nul_in_a_later_piece_is_seen(monkeypatch) -> None:
    names = piped(monkeypatch, b"a/p0", b".jpg\0a/p1", b".jpg\0")
    assert list(names) == ["a/p0.jpg", "a/p1.jpg"] and "NUL" in names.words


def test_pieces_of_lines_are_joined(monkeypatch) -> None:
    names = piped(monkeypatch, b"a", b".jpg\nb", b".jpg")
    assert list(names) == ["a.jpg", "b.jpg"] and "a name a line" in names.words


def test_a_nul_that_comes_too_late_is_refused(monkeypatch) -> None:
    lines = b"none.jpg\n" * 7282  # 65,538 bytes
    names = piped(monkeypatch, lines[:65536], lines[65536:], b"b.jpg\0c.jpg\0", b"d.jpg\n")
    items, account = items_of(names)
    assert len(items) == 7282 and {item.path for item in items} == {"none.jpg"}
    (problem,) = account.problems.names
    assert problem.startswith("standard input: the list has a NUL after 65,536 bytes")


def test_a_list_that_breaks_off_is_a_problem(monkeypatch) -> None:
    names = piped(monkeypatch, b"none.jpg\n" * 7281, b"1234567", OSError(5, "Input/output error"))
    items, account = items_of(names)
    assert len(items) == 7281
    assert account.problems.names == [
        "standard input: the list cannot be read to its end (Input/output error)"
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0\0"])
def test_a_list_without_a_name_is_a_problem(tmp_path, content) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    items, account = items_of(NameList(str(path)))
    assert items == [] and account.problems.names == [f"{path}: the list holds no names"]


def test_a_list_of_nothing_but_empty_folders_is_a_problem(tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.jpg").write_bytes(JPEG)
    path = tmp_path / "list"
    path.write_text(f"{tmp_path}/empty\n")
    _, account = items_of(NameList(str(path)))
    assert account.problems.names == [f"{path}: holds nothing that gets a row"]
    path.write_text(f"{tmp_path}/empty\n{tmp_path}/a.jpg\n")
    items, account = items_of(NameList(str(path)))
    assert len(items) == 1 and not account.problems.count
    assert account.left_out["folders that hold nothing"].names == [str(tmp_path / "empty")]


def test_a_folder_that_a_list_repeats_is_not_empty(tmp_path) -> None:
    (tmp_path / "a.jpg").write_bytes(JPEG)
    lists = []
    for name in ("one", "two"):
        Path(tmp_path.parent / name).write_text(f"{tmp_path}\n")
        lists.append(NameList(str(tmp_path.parent / name)))
    items, account = items_of(*lists)
    assert len(items) == 1 and not account.problems.count
