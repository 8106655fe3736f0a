"""Bars and transparent parts in a report: hatched, said in words, and in report.json."""

from __future__ import annotations

import json
from importlib.resources import files

import cv2
import jsonschema
import numpy as np
import pytest
from skimage import data

from blurprint import analyze
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.map_picture import ABSENT_GRAYS, absent
from blurprint.report.figures import map_png

SCHEMA = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))
CAT = data.chelsea()[:240, 60:380]


@pytest.fixture(scope="module")
def letterboxed():
    return analyze(cv2.copyMakeBorder(CAT, 40, 40, 0, 0, cv2.BORDER_CONSTANT), "edge")


def test_the_json_says_how_much_and_where(letterboxed):
    content = letterboxed.to_dict()
    jsonschema.validate(content, SCHEMA)
    assert content["input"]["photograph"] == {
        "share": 0.75,
        "rectangle": {"left": 0, "top": 40, "width": 320, "height": 240},
        "absent": {"bars": 0.25},
    }
    whole = analyze(CAT, "edge").to_dict()["input"]["photograph"]
    assert (whole["share"], whole["absent"]) == (1.0, {})


def test_the_page_says_it_in_words(letterboxed):
    page = letterboxed.to_html()
    assert "25 % of it is even bars" in page
    assert "hatched crosswise is no photograph" in page
    assert "320 × 240 pixels, 0 from the left, 40 from the top" in page
    assert "crosswise" not in analyze(CAT, "edge").to_html()


@pytest.mark.parametrize("unit", ["px", "map units"])
def test_the_map_is_hatched_where_there_is_no_photograph(unit):
    mask = np.zeros((80, 120), bool)
    mask[20:60] = True
    one = mask.astype(np.float32)
    code = np.frombuffer(map_png(DefocusMap(one, one, "edge", unit=unit, mask=mask), 2), np.uint8)
    drawn = cv2.imdecode(code, cv2.IMREAD_COLOR)
    grays = {int(gray) & 0xFC for gray in ABSENT_GRAYS}
    for part in (drawn[:20], drawn[60:]):
        assert set(np.unique(part)) == grays
    assert not set(np.unique(drawn[20:60])) & grays


def test_what_is_no_photograph_is_of_both_grays_at_any_size():
    for shape in ((8, 8), (100, 30), (1000, 700)):
        share = (absent(shape) == ABSENT_GRAYS[0]).mean()
        assert 0.15 < share < 0.45
