"""The account of a reading: at most six lines, with counts, and a warning where one is due."""

from __future__ import annotations

import pytest

from blurprint.lab.datasets.account import Account, lacking_classes, straddling
from blurprint.lab.datasets.table import Sample, make_table


def rows(*parts_and_labels, groups="own", suffix="png"):
    """A row of its own clip for each part and label."""
    return make_table(
        Sample(
            f"{index}.{suffix}",
            label,
            "m",
            str(index) if groups == "own" else groups,
            part,
            str(index),
        )
        for index, (part, label) in enumerate(parts_and_labels)
    )


WHOLE = [(part, label) for part in ("train", "val", "test") for label in (0, 1)]


def test_counts_by_part_and_label():
    table = rows(*WHOLE, ("train", 0), ("", 1))
    assert Account().lines(table) == [
        "Read: train: 2 real pictures (2 clips, 2 groups), 1 fake picture (1 clip, 1 group); val: 1"
        " real picture (1 clip, 1 group), 1 fake picture (1 clip, 1 group); test: 1 real picture (1"
        " clip, 1 group), 1 fake picture (1 clip, 1 group); no part: 1 fake picture (1 clip, 1"
        " group)"
    ]
    assert "train: 1 real video (1 clip" in Account().lines(rows(*WHOLE, suffix="MP4"))[0]


def test_six_lines_whatever_there_is_to_say():
    account = Account()
    for index in range(20):
        account.take_label(index % 2, f"name{index}", 1000 + index)
        account.take_part("train", f"part{index}", 10)
        account.rule(f"rule {index}")
        account.infer(f"inference {index}")
        account.leave_out(f"loss {index}")
    account.aside["hidden file"] += 2
    lines = account.lines(rows(("train", 0), ("train", 1), ("val", 1)))
    assert [line.partition(":")[0] for line in lines] == [
        *("Labels", "Parts", "Read", "Inferred", "Left out", "Warning")
    ]
    assert '"name18" (1,018)' in lines[0]
    assert "and 4 more; fake = " in lines[0]
    assert lines[3].endswith("inference 4; and 15 more")
    assert lines[5] == "Warning: part val has no reals; part test is empty"
    assert max(map(len, lines)) < 500


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (WHOLE, ""),
        ([("train", 0), ("val", 0), ("test", 0)], "there are no fakes"),
        ([("", 1)], "there are no reals"),
        (WHOLE[:5], "part test has no fakes"),
        (WHOLE[:4], "part test is empty"),
        ([], ""),
    ],
)
def test_parts_that_lack_a_class(given, said):
    assert lacking_classes(rows(*given)) == said


def test_groups_in_several_parts():
    assert straddling(rows(*WHOLE)) == ""
    assert straddling(rows(*WHOLE, groups="alice")) == (
        '1 of 1 groups lie in more than one part, such as "alice"'
    )
    assert straddling(rows(("train", 0), ("", 1), groups="alice")) == ""


def test_what_is_said_twice_is_said_once_and_data_sets_are_told_apart():
    one, both = Account(), Account()
    one.leave_out("2 videos")
    one.leave_out("2 videos")
    one.take_label(1, "fake", 3)
    assert one.left_out == ["2 videos"]
    both.add(one, "folder:a")
    both.add(one, "folder:b")
    assert both.left_out == ["folder:a: 2 videos", "folder:b: 2 videos"]
    assert both.labels == {"fake": {"fake": 6}}
