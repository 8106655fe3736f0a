"""What readers are asked for: each value is checked where the options are made."""

from __future__ import annotations

import pytest

from blurprint.errors import InputError
from blurprint.lab.datasets.read import ReadOptions


def test_defaults_and_all_that_is_known():
    options = ReadOptions()
    assert (options.split, options.compression, options.frames, options.seed) == (
        None,
        None,
        32,
        42,
    )
    assert options.labels == {}
    given = ReadOptions(split="identity", compression="c40", frames=0, seed=1, labels={"x": 1})
    assert (given.split, given.compression, given.labels) == ("identity", "c40", {"x": 1})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"split": "all"}, '`split` to be among authors, official, identity, but got "all"'),
        ({"split": 3}, "`split` to be text, but got 3"),
        ({"compression": "c1"}, '`compression` to be among raw, c0, c23, c40, but got "c1"'),
        ({"frames": -1}, "`frames` to be at least 0, but got -1"),
        ({"frames": True}, "`frames` to be a whole number, but got true"),
        ({"frames": "8"}, '`frames` to be a whole number, but got "8"'),
        ({"seed": None}, "`seed` to be a whole number, but got nothing"),
        ({"labels": ["x"]}, r"`labels` to be a table of names and values, but got \['x'\]"),
        ({"labels": {"x": 2}}, r"`labels` to be 0 \(real\) or 1 \(fake\) by name, but got 2 for x"),
        ({"labels": {"x": True}}, r"`labels` to be 0 \(real\) or 1 \(fake\) by name, but got True"),
        ({"labels": {3: 1}}, "`labels.*` to be text, but got 3"),
        ({"spilt": "identity"}, "settings that are known, but got `spilt`"),
    ],
    ids=str,
)
def test_values_that_are_unknown_or_of_another_type_are_named(values, said):
    with pytest.raises(InputError, match=f"^Expected {said}"):
        ReadOptions(**values)
