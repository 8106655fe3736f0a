"""A table is checked in one place: its columns, and what their cells hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets import read
from blurprint.lab.datasets.read import read_data
from blurprint.lab.datasets.table import COLUMNS, Sample, checked_table, make_table

GOOD = make_table(
    [Sample("a.png", 0, "real", "a", "", "a.png"), Sample("b.png", 1, "GAN", "b", "test", "b")]
)


def test_a_table_passes_as_it_is_with_columns_of_its_own():
    table = GOOD.assign(note="x")
    assert checked_table(table, "mine") is table
    assert checked_table(GOOD.iloc[:0], "mine").empty
    assert checked_table(GOOD.assign(label=GOOD["label"].astype("int64")), "mine") is not None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([Sample("a", 0, "real", "a", "", "a")], "a pandas frame, but got a list"),
        (GOOD["path"], "a pandas frame, but got a Series"),
        (Path("a.csv"), "a pandas frame, but got a PosixPath"),
        (GOOD.drop(columns=["clip", "split"]), "the columns split, clip, but got path, label"),
        (pd.DataFrame(), f"the columns {', '.join(COLUMNS)}, but got none"),
        (GOOD.assign(label=[0, 2]), r"`label` .* 0 \(real\) or 1 \(fake\), but got 2 in row 1"),
        (GOOD.assign(label=[0.0, 1.0]), "`label` .* but got 0.0 in row 0"),
        (GOOD.assign(label=[True, False]), "`label` .* but got True in row 0"),
        (GOOD.assign(label=["0", "1"]), '`label` .* but got "0" in row 0'),
        (GOOD.assign(split=["", "dev"]), '`split` .* among train, val, test, or empty, .*"dev"'),
        (GOOD.assign(split=["test", None]), "`split` .* in row 1"),
        (GOOD.assign(group=["a", ""]), '`group` .* text, but got "" in row 1'),
        (GOOD.assign(clip=[3, 4]), "`clip` of every row to be text, but got 3 in row 0"),
        (GOOD.assign(path=["a.png", None]), "`path` .* in row 1"),
        (GOOD.assign(method=["real", float("nan")]), "`method` .* but got nan in row 1"),
    ],
    ids=str,
)
def test_what_is_no_table_or_holds_other_cells_is_named(table, said):
    with pytest.raises(InputError, match=f"^mine: Expected {said}"):
        checked_table(table, "mine")


def test_what_a_reader_gives_is_checked_where_all_data_come_in(monkeypatch, tmp_path):
    layouts = {"folder": lambda *_: GOOD.assign(group=["a", ""])}
    monkeypatch.setattr(read, "LAYOUTS", layouts)
    with pytest.raises(InputError, match=f"^folder:{tmp_path}: Expected `group` of every row"):
        read_data([f"folder:{tmp_path}"])
