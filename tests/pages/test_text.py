"""Names of files as text: each its own, and read back."""

from __future__ import annotations

import os
import time

from hypothesis import given
from hypothesis import strategies as st

from blurprint.pages.text import path_of_text, path_text

PIECES = st.sampled_from(
    ["\\", "\\\\", "u", "udcff", "ud800", "\udcff", "\udc80", "\ud800", "u0021", "!", "UDCFF", "é/"]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_name_is_read_back_from_its_text(name) -> None:
    text = path_text(name)
    text.encode("utf-8")
    assert path_of_text(text) == name


@given(st.binary(max_size=12))
def test_bytes_of_any_name_are_read_back(name) -> None:
    assert os.fsencode(path_of_text(path_text(os.fsdecode(name)))) == name


def test_two_names_have_two_texts() -> None:
    names = ["bad\udcff", "bad\\udcff", "bad\\\udcff", "bad\\\\udcff", "bad\\\\\udcff"]
    assert len(set(map(path_text, names))) == len(names)


def test_ordinary_names_are_their_own_text() -> None:
    for name in ("a.jpg", r"C:\users\udo.jpg", r"\\host\u.jpg", r"a\UDCFF", "日本 é\u202e.png"):
        assert path_text(name) == path_of_text(name) == name


def test_very_many_backslashes_take_no_time() -> None:
    start = time.process_time()
    path_text("\\" * 1_000_000 + "x")
    path_of_text("\\" * 1_000_000 + "x")
    assert time.process_time() - start < 5
