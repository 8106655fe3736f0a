"""Where the file comes from, in the report: apart from the finding, escaped, and in report.json."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest
from PIL import Image
from skimage import data as samples

from blurprint import Report, analyze
from blurprint.cli.summary import block
from exif_data import exif, jpeg_with

SCHEMA = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))
EVIL = "Photoshop<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def report() -> Report:
    picture = Image.fromarray(samples.coffee()[:120, :160])
    return analyze(jpeg_with(picture, exif({0x0131: EVIL, 0x0132: "2024:01:01 00:00:00"})), "edge")


def section(page: str) -> str:
    start = page.index('<section class="provenance"')
    return page[start : page.index("</section>", start)]


def test_the_section_stands_after_the_evidence_and_says_it_does_not_count(report: Report) -> None:
    page = report.to_html()
    part = section(page)
    assert page.index('id="evidence"') < page.index('id="provenance"') < page.index('id="facts"')
    assert "Where the file comes from" in part
    assert "This does not enter the finding or score." in part
    for row in report.provenance:
        assert row.title in part
        assert part.count("Does not mean:") == len(report.provenance.rows)


def test_texts_of_the_file_are_escaped_and_marked(report: Report) -> None:
    part = section(report.to_html())
    assert "<script" not in part
    assert "&lt;script&gt;" in part
    assert "\u202e" not in part
    assert "\\u202e" in part


def test_the_json_has_every_row_and_keeps_to_its_schema(report: Report) -> None:
    document = report.to_dict()
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(report.to_json()))
    assert document["schema_version"] == "2.6"
    rows = document["provenance"]["rows"]
    assert [row["name"] for row in rows] == [row.name for row in report.provenance]
    assert rows[2]["details"]["editors"] == ["Photoshop<script>alert(1)</script>\\u202e"]


def test_the_terminal_has_one_line(report: Report) -> None:
    document = report.to_dict()
    lines = block(document, None, ()).splitlines()
    (line,) = [line for line in lines if "Where it comes from" in line]
    assert "names the editor" in line
    assert "\u202e" not in line
    del document["provenance"]  # as reports of version 2.1
    assert "Where it comes from" not in block(document, None, ())


def test_a_report_without_a_file_says_so(report: Report) -> None:
    bare = replace(report, provenance=analyze(report.photo, "edge").provenance)
    assert "Unknown: no file." in section(bare.to_html())
