"""The files of the page: what they never do, and that they agree with the code they repeat."""

from __future__ import annotations

import re
from importlib.resources import files

import numpy as np
import pytest

from blurprint.faces.outline import FACE_HULL, INNER, OVAL
from blurprint.faces.regions import FAR, MARGIN, SURROUND
from blurprint.optics.map_picture import ABSENT_GRAYS, GUESSED, MEASURED, UNKNOWN_GRAYS, viridis
from blurprint.report.document import SCHEMA_VERSION
from blurprint.score.score import Score

FOLDER = files("blurprint.serve").joinpath("page")
TEXTS = {
    entry.name: entry.read_text("utf-8")
    for entry in FOLDER.iterdir()
    if entry.name.endswith((".js", ".css", ".html", ".svg"))
}
SCRIPTS = {name: text for name, text in TEXTS.items() if name.endswith(".js")}


@pytest.mark.parametrize(
    "word",
    [
        r"\.(?:inner|outer)HTML",
        "insertAdjacentHTML",
        r"document\.write",
        "DOMParser",
        "createContextualFragment",
        "srcdoc",
        r"\beval\(",
        r"new Function",
        r"setTimeout\(\s*[\"'`]",
        r"javascript:",
    ],
)
def test_no_script_makes_elements_or_code_from_text(word: str) -> None:
    assert SCRIPTS
    assert {name for name, text in SCRIPTS.items() if re.search(word, text)} == set()


def test_nothing_is_loaded_from_elsewhere() -> None:
    addresses = {
        (name, found)
        for name, text in TEXTS.items()
        for found in re.findall(r"https?://[^\"' ]+", text)
    }
    assert {found for _, found in addresses} <= {"http://www.w3.org/2000/svg"}


def test_the_page_has_no_script_style_or_handler_within() -> None:
    page = TEXTS["index.html"]
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


def test_every_module_and_file_that_is_named_is_there() -> None:
    named = {name for text in SCRIPTS.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    named |= set(re.findall(r'(?:href|src)="static/([^"]+)"', TEXTS["index.html"]))
    assert named - set(TEXTS) == {"style.css"}, "which comes from the reports"
    assert set(SCRIPTS) - named == set(), "a script that nothing uses"


def test_every_element_that_a_script_looks_for_is_in_the_page() -> None:
    page = TEXTS["index.html"]
    ids = set(re.findall(r'\bid="([\w-]+)"', page))
    wanted = set(re.findall(r'\bfind\("([\w-]+)"\)', TEXTS["main.js"]))
    made = set(re.findall(r'\bid: "([\w-]+)"', "".join(SCRIPTS.values())))
    assert wanted - ids - made == set()


def constant(text: str, name: str) -> np.ndarray:
    """The numbers of a list of lists in a script."""
    found = re.search(rf"\b{name} = (\[.*?\n\]);", text, re.DOTALL)
    assert found is not None, name
    rows = re.findall(r"\[([^\[\]]+)\]", found[1])
    return np.array([[float(number) for number in row.split(",")] for row in rows])


@pytest.mark.parametrize(
    ("name", "shape"),
    [("OVAL", OVAL), ("FACE_HULL", FACE_HULL), ("INNER", INNER), ("SURROUND", SURROUND)],
)
def test_the_shapes_of_faces_are_those_that_are_measured(
    name: str, shape: tuple[tuple[float, float], ...]
) -> None:
    np.testing.assert_array_equal(constant(TEXTS["outlines.js"], name), np.array(shape))


def test_the_numbers_that_scripts_repeat_are_those_of_the_code() -> None:
    assert f"[MARGIN, FAR, NEAR_SIDE, FAR_SIDE] = [{MARGIN}, {FAR}, " in TEXTS["outlines.js"]
    colours = TEXTS["colours.js"]
    assert f"[MEASURED, GUESSED, HATCHES] = [{MEASURED}, {GUESSED}, 80]" in colours
    assert f"[LINES, GROUND] = [{UNKNOWN_GRAYS[0]}, {UNKNOWN_GRAYS[1]}]" in colours
    assert f"[ABSENT_LINES, ABSENT_GROUND] = [{ABSENT_GRAYS[0]}, {ABSENT_GRAYS[1]}]" in colours


def test_the_colours_are_viridis_in_the_scale_and_in_the_map_that_the_page_draws() -> None:
    stops = constant(TEXTS["colours.js"], "VIRIDIS")
    shares = np.linspace(0, 1, 256)
    places = np.linspace(0, 1, len(stops))
    between = np.stack([np.interp(shares, places, stops[:, i]) for i in range(3)], axis=1)
    assert np.abs(between - viridis(shares)).max() <= 3
    ramp = re.search(r"\.ramp \{.*?\}", TEXTS["page.css"], re.DOTALL)
    assert ramp is not None
    drawn = [
        [int(one[i : i + 2], 16) for i in (0, 2, 4)] for one in re.findall("#(......)", ramp[0])
    ]
    np.testing.assert_array_equal(drawn, stops)


def test_the_page_knows_every_label_of_a_score() -> None:
    labels = set(re.findall(r"^  (\w+): \".*\(label", TEXTS["words.js"], re.MULTILINE))
    assert labels == {"fake", "real", Score(None, "unsure").label}


def test_the_page_reads_reports_of_this_version() -> None:
    assert f'VERSION = "{SCHEMA_VERSION.partition(".")[0]}"' in TEXTS["result_view.js"]
