"""The paragraph to quote: what it says, and above all what it does not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from blurprint.evidence.doubts import Doubt
from blurprint.evidence.finding import Finding, find
from blurprint.evidence.measure import measure_evidence
from blurprint.evidence.regions import NAMES, parts_of
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo

SHAPE = (90, 120)


def finding(
    sigma: object, confidence: object = 0.9, doubts: tuple[Doubt, ...] = (), **facts: object
) -> Finding:
    values = np.broadcast_to(np.asarray(sigma, np.float32), SHAPE).copy()
    trust = np.broadcast_to(np.asarray(confidence, np.float32), SHAPE).copy()
    rng = np.random.default_rng(0)
    photo = Photo(rgb=rng.uniform(0, 1, (*SHAPE, 3)).astype(np.float32))
    defocus = DefocusMap(values, trust, "net", **facts)
    return find(photo, defocus, measure_evidence(defocus), doubts)


def with_part(row: int, column: int, inside: float, outside: float) -> np.ndarray:
    sigma = np.full(SHAPE, outside, np.float32)
    sigma[30 * row : 30 * row + 30, 40 * column : 40 * column + 40] = inside
    return sigma


@pytest.mark.parametrize(("row", "column"), [(0, 0), (1, 1), (2, 2), (0, 2)])
def test_the_most_blurred_part_is_named_with_its_blur_and_error(row: int, column: int) -> None:
    text = finding(with_part(row, column, 3.0, 0.5)).where
    assert text.startswith(f"The {NAMES[row][column]} of the picture is blurred most, by 3.00 ± ")
    assert "least, by 0.50 ± " in text


@pytest.mark.parametrize("step", [0.0005, 0.05, 0.15])
def test_no_difference_below_its_error_is_told(step: float) -> None:
    found = finding(with_part(1, 1, 0.5 + step, 0.5), confidence=0.6)
    assert "there is no difference that can be measured" in found.where
    assert not re.search("most|least|between 0", found.where)


@pytest.mark.parametrize("sigma", [0.5, with_part(0, 1, 3.14159, 0.123456), 1e-4])
@pytest.mark.parametrize("scale", [1.0, 0.37])
def test_at_most_two_decimals(sigma: object, scale: float) -> None:
    text = finding(sigma, scale=scale).text
    assert re.search(r"\d px", text)
    assert not re.search(r"\.\d{3}", text)


def test_native_pixels_are_given_where_they_differ() -> None:
    assert "(2.00 px at native size)" in finding(1.0, scale=0.5).where
    assert "native" not in finding(1.0).where


def test_what_cannot_be_judged_and_why() -> None:
    trust = np.full(SHAPE, 0.9, np.float32)
    trust[:30, :40] = 0
    sigma = np.ones(SHAPE, np.float32)
    rgb = np.random.default_rng(0).uniform(0, 1, (*SHAPE, 3)).astype(np.float32)
    rgb[:45, :60] = 0.5
    defocus = DefocusMap(sigma, trust, "net")
    found = find(Photo(rgb=rgb), defocus, measure_evidence(defocus), ())
    assert found.unknown.startswith("11 % of the picture cannot be judged")
    assert "upper left" in found.unknown
    assert found.unknown.endswith("That shows no detail.")
    rgb[15:30, :40] = np.random.default_rng(1).uniform(0, 1, (15, 40, 3))
    half = find(Photo(rgb=rgb + 0), defocus, measure_evidence(defocus), ()).unknown
    assert half.endswith("% shows no detail; of the rest the reason is unknown.")
    rgb[:30, :40] = 0.5
    sigma[:30, :40] = 9
    blurred = find(Photo(rgb=rgb + 0), defocus, measure_evidence(defocus), ())
    assert "no detail" in blurred.unknown
    assert finding(1.0).unknown == ""


def test_blur_wider_than_the_method_reads_is_said_also_where_nothing_shows_detail() -> None:
    sigma, trust = np.ones(SHAPE, np.float32), np.full(SHAPE, 0.9, np.float32)
    trust[:30], sigma[:30] = 0.3, 9
    gray = Photo(rgb=np.full((*SHAPE, 3), 0.5, np.float32))
    defocus = DefocusMap(sigma, trust, "net")
    assert 0.03 * np.hypot(*SHAPE) < 9
    said = "That seems blurred too widely to be measured."
    assert find(gray, defocus, measure_evidence(defocus), ()).unknown.endswith(said)
    trust[:30] = 0.2  # no guess of a blur
    assert "too widely" not in find(gray, defocus, measure_evidence(defocus), ()).unknown


def test_nothing_measured_says_why_and_nothing_else() -> None:
    found = finding(1.0, confidence=0.0, doubt="Noise hides all.")
    assert found.text == (
        "No blur could be measured in this picture, so nothing can be said of it. Noise hides all."
    )


def test_streaks_of_movement_are_why_nothing_is_measured() -> None:
    streaked = np.full(SHAPE, 0.8, np.float32)
    found = finding(3.0, confidence=0.1, anisotropy=streaked)
    assert found.unknown == "It seems blurred along a line, as by movement or as fur looks."
    assert "line" not in finding(3.0, confidence=0.1, anisotropy=0 * streaked).unknown


def test_the_papers_map_has_no_finding_in_pixels() -> None:
    values = np.ones(SHAPE, np.float32)
    defocus = DefocusMap(values, values, "paper", unit="map units")
    found = find(Photo(rgb=np.zeros((*SHAPE, 3), np.float32)), defocus, (), ())
    assert " px" not in found.text
    assert "without pixels" in found.text


def test_doubts_that_were_found_are_named_and_others_are_not() -> None:
    doubts = (Doubt("small", "Small", True, ""), Doubt("motion", "Movement seen", None, ""))
    text = finding(1.0, doubts=doubts).otherwise
    assert "What may be wrong in this picture in particular: small." in text
    assert "movement seen" not in text


def test_parts_leave_out_what_is_no_photograph() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[30:60] = True
    sigma = np.where(mask, 1, 9).astype(np.float32)
    sigma[30:40] = 2
    defocus = DefocusMap(sigma, mask.astype(np.float32), "net", mask=mask)
    parts = parts_of(defocus)
    assert [part.median for part in parts] == [2, 2, 2, 1, 1, 1, 1, 1, 1]
    assert sum(part.pixels for part in parts) == mask.sum()


def test_unusual_values_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from blurprint.evidence.evidence import Reference

    defocus = DefocusMap(*(np.ones(SHAPE, np.float32),) * 2, "net")
    rows = [
        replace(row, reference=Reference(50.0, 0.0, 200.0, 77, ""), no_reference="")
        for row in measure_evidence(defocus)
    ]
    photo = Photo(rgb=np.zeros((*SHAPE, 3), np.float32))
    assert "No value is unusual beside those of 77" in find(photo, defocus, rows, ()).unusual
    alone = [replace(row, reference=None) if row.name != "measured_share" else row for row in rows]
    assert find(photo, defocus, alone, ()).unusual == (
        "Its measured share is not unusual beside those of 77 ordinary photographs of like size. "
        "How usual its median blur, blur range, border against centre and local variance may be, "
        "is unknown."
    )
    rows[0] = replace(rows[0], error=0.1, reference=Reference(99.7, 0.3, 0.5, 77, ""))
    told = find(photo, defocus, rows, ()).unusual
    assert told.startswith("Unusual: its median blur is higher than in 99 % of 77 ordinary")
    rows[0] = replace(rows[0], reference=Reference(100.0, 0.3, 0.5, 77, ""))
    assert "higher than in all of 77" in find(photo, defocus, rows, ()).unusual
    rows[0] = replace(rows[0], error=0.6)
    assert "Unusual" not in find(photo, defocus, rows, ()).unusual
