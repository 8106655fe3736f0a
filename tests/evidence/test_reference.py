"""How usual a value is: the table, who is compared with whom, and when nobody is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blurprint.errors import InputError
from blurprint.evidence import reference
from blurprint.evidence.evidence import Evidence, Reference
from blurprint.evidence.measure import MEASURES, measure_evidence
from blurprint.evidence.reference import (
    FEWEST,
    PERCENTS,
    SIDES,
    percentile_of,
    shipped_table,
    weights_of,
    with_reference,
)
from blurprint.evidence.reference_table import MethodTally, ReferenceTable, measure_photographs
from blurprint.optics.defocus_map import DefocusMap


def flat(sigma: float, side: int = 300, method: str = "edge") -> DefocusMap:
    one = np.ones((40, side), np.float32)
    return DefocusMap(sigma * one, one, method)


def rows(defocus: DefocusMap) -> tuple[Evidence, ...]:
    return tuple(measure(defocus) for measure in MEASURES.values())


@pytest.fixture
def hundred(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReferenceTable]:
    """A table of a hundred photographs, of medians 0.01, 0.02, ... 1 px."""
    tally = MethodTally("edge")
    for index in range(100):
        defocus = flat((index + 1) / 100)
        tally.add(defocus, rows(defocus))
    table = ReferenceTable((tally,), 100, ())
    monkeypatch.setattr(reference, "shipped_table", lambda: json.loads(table.to_json()))
    yield table


def median(defocus: DefocusMap) -> Evidence:
    return measure_evidence(defocus)[0]


def test_a_value_stands_where_it_stands_among_the_photographs(hundred: ReferenceTable) -> None:
    found = median(flat(0.5)).reference
    assert found is not None
    assert found.percentile == pytest.approx(50, abs=1)
    assert (found.low, found.high) == (pytest.approx(0.06, abs=0.01), pytest.approx(0.95, abs=0.01))
    assert found.photographs == 100
    assert "256 to 384 px" in found.group
    assert "75 to 100 %" in found.group


@pytest.mark.parametrize(
    ("defocus", "words"),
    [
        (flat(0.5, side=500), "fewer than 30"),
        (flat(0.5, side=4000), "more than"),
        (flat(0.5, method="mine"), 'method "mine"'),
    ],
)
def test_without_a_like_group_it_is_unknown(
    hundred: ReferenceTable, defocus: DefocusMap, words: str
) -> None:
    row = median(defocus)
    assert row.reference is None
    assert row.no_reference.startswith("Unknown")
    assert words in row.no_reference


def test_a_table_of_other_weights_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"format": 1, "methods": {"net": {"weights_sha256": "0" * 64, "groups": []}}}
    monkeypatch.setattr(reference, "shipped_table", lambda: old)
    row = with_reference(MEASURES["blur_median"](flat(1, method="net")), flat(1, method="net"))
    assert row.reference is None
    assert "other weights" in row.no_reference


def test_small_groups_are_left_out_of_the_table() -> None:
    tally = MethodTally("edge")
    for _ in range(FEWEST - 1):
        tally.add(flat(1), rows(flat(1)))
    assert tally.to_dict()["groups"] == []
    tally.add(flat(1), rows(flat(1)))
    assert {len(group["measures"]) for group in tally.to_dict()["groups"]} == {1, 4}


def test_percentiles_between_quantiles_and_outside() -> None:
    quantiles = [2.0 * percent for percent in PERCENTS]
    assert percentile_of(24.0, quantiles) == pytest.approx(12)
    assert (percentile_of(-1, quantiles), percentile_of(999, quantiles)) == (0, 100)


def test_unusual_is_rare_and_beyond_its_error() -> None:
    row = MEASURES["blur_median"](flat(2.0))
    row = replace(row, error=0.3, reference=Reference(99, 0.3, 1.0, 100, ""))
    assert row.is_unusual
    assert not replace(row, error=1.2).is_unusual
    assert not replace(row, reference=Reference(97, 0.3, 1.0, 100, "")).is_unusual
    assert replace(row, value=0.1, reference=Reference(1, 0.5, 1.0, 100, "")).is_unusual


def test_the_table_that_ships_is_of_the_weights_that_ship() -> None:
    """After other weights: blurprint benchmark reference, as docs/physics.md says."""
    table = shipped_table()
    assert table["percents"] == list(PERCENTS)
    assert table["side_bounds_px"] == list(SIDES)
    assert {"net", "edge"} <= set(table["methods"])
    for method, part in table["methods"].items():
        assert part["weights_sha256"] == weights_of(method)
        for group in part["groups"]:
            for measure in group["measures"].values():
                assert measure["quantiles"] == sorted(measure["quantiles"])


def test_a_folder_of_photographs_becomes_a_table(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "inner").mkdir()
    for index in range(3):
        picture = rng.integers(0, 255, (40, 60, 3)).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / "inner" / f"{index}.png")
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    table = measure_photographs(tmp_path, ["edge"])
    assert table.photographs == 3
    assert len(table.unread) == 1
    assert "broken.jpg" in table.unread[0]
    content = json.loads(table.to_json())
    assert content == table.to_dict()
    assert content["methods"]["edge"]["photographs"] == 3
    assert table.to_json() == measure_photographs(tmp_path, ["edge"]).to_json(), "repeatable"


def test_no_photographs_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Expected photographs"):
        measure_photographs(tmp_path, ["edge"])
