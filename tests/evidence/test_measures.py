"""Each row of evidence against arithmetic by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from blurprint.evidence import local_variance
from blurprint.evidence.evidence import Evidence
from blurprint.evidence.measure import MEASURES, measure_evidence
from blurprint.optics.defocus_map import DefocusMap

Map = npt.NDArray[np.float32]


def defocus_map(
    sigma: object, confidence: object = 1.0, *, scale: float = 1.0, unit: str = "px"
) -> DefocusMap:
    values = np.array(sigma, np.float32)
    trust = np.broadcast_to(np.float32(confidence), values.shape).copy()
    return DefocusMap(values, trust, "edge" if unit == "px" else "paper", scale=scale, unit=unit)


def ring(border: float, centre: float) -> Map:
    """8 x 8, whose middle 4 x 4 (half of each side) differs from the rest."""
    sigma = np.full((8, 8), border, np.float32)
    sigma[2:6, 2:6] = centre
    return sigma


def row(name: str, defocus: DefocusMap) -> Evidence:
    return MEASURES[name](defocus)


FIVE = [[1, 2, 3, 4, 5]]

BY_HAND = [
    # the plain median
    ("blur_median", defocus_map(FIVE), 3.0),
    # half of the weight of 1 + 1 + 1 + 1 + 0.5 is reached at the third
    ("blur_median", defocus_map(FIVE, [[1, 1, 1, 1, 0.5]]), 3.0),
    # the last pixel outweighs all others together
    ("blur_median", defocus_map(FIVE, [[0.2, 0.2, 0.2, 0.2, 1]]), 5.0),
    # an untrusted pixel does not count
    ("blur_median", defocus_map([[1, 9]], [[1, 0]]), 1.0),
    # P95 - P5 of the hundred numbers 1 ... 100
    ("blur_range", defocus_map([np.arange(1, 101)]), 90.0),
    # the untrusted half spans more than the trusted one
    ("blur_range", defocus_map([[1, 2, 0, 50]], [[1, 1, 0, 0]]), 1.0),
    # confidence of exactly 0.5 counts as measured
    ("measured_share", defocus_map([[1, 1, 1, 1]], [[1, 0.5, 0.49, 0]]), 50.0),
    ("centre_border", defocus_map(ring(border=3, centre=1)), 2.0),
    ("centre_border", defocus_map(ring(border=1, centre=3)), -2.0),
    # one row: in every window of the map the values 0 and 2 are equally many
    ("local_variance", defocus_map([[0, 2]]), 1.0),
    ("local_variance", defocus_map(np.full((40, 40), 3)), 0.0),
]


@pytest.mark.parametrize(("name", "defocus", "expected"), BY_HAND)
def test_value_by_hand(name: str, defocus: DefocusMap, expected: float) -> None:
    assert row(name, defocus).value == pytest.approx(expected, abs=1e-5)


def test_details_hold_the_numbers_behind_the_value() -> None:
    spread = row("blur_range", defocus_map([np.arange(1, 101)]))
    assert spread.details == {"p05": 5.0, "p95": 95.0}
    halves = row("centre_border", defocus_map(ring(border=3, centre=1)))
    assert halves.details == {"centre": 1.0, "border": 3.0}


def test_local_variance_is_that_of_windows_cut_at_the_border() -> None:
    sigma = np.random.default_rng(5).uniform(0, 4, (31, 23)).astype(np.float32)
    by_loops = [
        sigma[max(y - 7, 0) : y + 8, max(x - 7, 0) : x + 8].var(dtype=np.float64)
        for y in range(31)
        for x in range(23)
    ]
    assert row("local_variance", defocus_map(sigma)).value == pytest.approx(
        np.mean(by_loops), rel=1e-5
    )


def test_local_variance_does_not_depend_on_how_the_map_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sigma = np.random.default_rng(7).uniform(0, 4, (120, 40)).astype(np.float32)
    mask = np.random.default_rng(8).uniform(size=sigma.shape) < 0.7
    defocus = DefocusMap(sigma, mask.astype(np.float32), "edge", mask=mask)
    whole = row("local_variance", defocus).value
    monkeypatch.setattr(local_variance, "STRIP_ROWS", 32)
    assert row("local_variance", defocus).value == pytest.approx(whole, rel=1e-9)


def test_local_variance_ignores_an_offset_and_confidence() -> None:
    sigma = np.random.default_rng(6).uniform(0, 1, (64, 64)).astype(np.float32)
    plain = row("local_variance", defocus_map(sigma)).value
    shifted = row("local_variance", defocus_map(sigma + 50, np.eye(64))).value
    assert shifted == pytest.approx(plain, rel=1e-4)


@pytest.mark.parametrize("name", ["blur_median", "blur_range", "centre_border"])
def test_lengths_double_with_sigma_and_have_native_pixels(name: str) -> None:
    sigma = ring(border=3, centre=1)
    one, two = row(name, defocus_map(sigma, scale=0.5)), row(name, defocus_map(2 * sigma))
    assert one.value is not None
    assert two.value == pytest.approx(2 * one.value)
    assert one.native == pytest.approx(one.value / 0.5)
    assert f"({one.native:.2f} px at native size)" in one.sentence
    assert "native" not in two.sentence


def test_native_variance_is_squared() -> None:
    variance = row("local_variance", defocus_map([[0, 2]], scale=0.5))
    assert (variance.value, variance.native, variance.unit) == (1.0, 4.0, "px^2")


def test_measured_share_has_no_native_size() -> None:
    assert row("measured_share", defocus_map(FIVE, scale=0.5)).native is None


def test_rows_come_in_order_under_their_names() -> None:
    rows = measure_evidence(defocus_map(ring(3, 1)))
    assert [one.name for one in rows] == list(MEASURES)


@pytest.mark.parametrize("name", [name for name in MEASURES if name != "measured_share"])
@pytest.mark.parametrize("confidence", [0.0, 0.4])
def test_nothing_measured_gives_no_value(name: str, confidence: float) -> None:
    nothing = row(name, defocus_map(np.ones((40, 40)), confidence))
    assert nothing.value is None
    assert nothing.native is None
    assert "could be measured" in nothing.sentence


def test_a_stray_pixel_in_a_large_picture_is_no_measurement() -> None:
    confidence = np.zeros((100, 100), np.float32)
    confidence[50, 50] = 1
    assert row("blur_median", defocus_map(np.ones((100, 100)), confidence)).value is None


def test_a_border_without_edges_is_not_compared() -> None:
    confidence = np.zeros((8, 8), np.float32)
    confidence[2:6, 2:6] = 1
    halves = row("centre_border", defocus_map(ring(3, 1), confidence))
    assert halves.value is None
    assert "Nothing in the border" in halves.sentence
    assert "centre" not in halves.sentence.split("measured")[0]


@pytest.mark.parametrize(
    ("border", "centre", "words"),
    [(3, 1, "2.00 px more blurred"), (1, 3, "2.00 px less blurred"), (2, 2, "as blurred as")],
)
def test_direction_of_centre_and_border(border: float, centre: float, words: str) -> None:
    assert words in row("centre_border", defocus_map(ring(border, centre))).sentence


def test_the_papers_map_is_never_told_in_pixels() -> None:
    for one in measure_evidence(defocus_map(ring(3, 1), scale=0.5, unit="map units")):
        assert one.native is None
        assert one.unit in ("map units", "map units^2", "%")
        assert " px" not in one.sentence
        assert one.unit == "%" or one.unit.replace("^2", "²") in one.sentence


def test_sentences_hold_the_value() -> None:
    for one in measure_evidence(defocus_map(ring(3, 1))):
        assert one.value is not None
        told = f"{one.value:.0f} %" if one.unit == "%" else f"{one.value:.2f}"
        assert told in one.sentence


def test_what_is_measured_whole_has_no_rest():
    from blurprint.evidence.measured_share import measured_share

    one = np.ones((100, 100), np.float32)
    assert "rest" not in measured_share(DefocusMap(one, one, "net")).sentence
    almost = one.copy()
    almost[0, 0] = 0
    sentence = measured_share(DefocusMap(one, almost, "net")).sentence
    assert sentence.startswith("99.9 % of the picture")
    assert "the rest is less certain" in sentence
