"""Faces in a report: the page, the JSON by its schema, the terminal, the table."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from PIL import Image
from skimage import data

from blurprint.analysis import analyze
from blurprint.cli.summary import block, line
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.report.face_section import face_section
from blurprint.report.report import Report
from blurprint.report.score_section import score_section
from blurprint.report.write import write_report
from blurprint.scan.report_there import report_there
from blurprint.scan.rows import _found, _largest_face

SCHEMA = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def astronaut() -> Report:
    return analyze(data.astronaut(), method="edge")


@pytest.fixture(scope="module")
def coffee() -> Report:
    return analyze(data.coffee()[:200, :300], method="edge")


def test_the_json_of_a_face_follows_the_schema(astronaut: Report):
    document = json.loads(astronaut.to_json())
    jsonschema.validate(document, SCHEMA)
    (face,) = document["faces"]
    assert document["face_search"]["found"] == 1
    assert face["landmarks"]["left_eye"][0] < face["landmarks"]["right_eye"][0]
    assert face["eye_distance"] == pytest.approx(45, abs=8)
    assert [row["name"] for row in face["evidence"]] == list(FACE_MEASURES)
    assert document["finding"]["faces"] in document["finding"]["text"]


def test_the_json_without_a_face_follows_the_schema_and_says_so(coffee: Report):
    document = json.loads(coffee.to_json())
    jsonschema.validate(document, SCHEMA)
    assert document["faces"] == []
    assert document["face_search"]["sentence"].startswith("No face found by MTCNN.")
    assert document["finding"]["faces"] in document["finding"]["text"]


def test_the_page_draws_every_region_and_names_its_blur(astronaut: Report, coffee: Report):
    page = astronaut.to_html()
    assert '<h2 id="faces">Faces</h2>' in page
    for drawn in ("face-inner", "face-hull", "face-ring", "face-far"):
        assert f'<polygon class="{drawn}"' in page
    for words in ("Inner face", "Whole face", "Surround", "Background", "Step across the outline"):
        assert words in page
    plain = coffee.to_html()
    assert "No face found by MTCNN." in plain
    assert "<polygon" not in plain


def test_a_report_without_a_search_has_no_section(coffee: Report):
    silent = Report(coffee.photo, coffee.defocus, coffee.evidence, coffee.score)
    jsonschema.validate(json.loads(silent.to_json()), SCHEMA)
    assert silent.to_dict()["face_search"] is None
    assert silent.finding.faces == ""
    assert 'id="faces"' not in silent.to_html()


def test_the_terminal_has_a_line_for_each_row_of_a_face(astronaut: Report):
    said = block(astronaut.to_dict(), None, ())
    assert "Faces                   1 face found by MTCNN." in said
    for row in astronaut.to_dict()["faces"][0]["evidence"]:
        assert row["title"] in said


def test_the_table_has_the_largest_face(astronaut: Report, coffee: Report):
    row = _largest_face(astronaut.to_dict())
    assert row["faces"] == 1
    assert row["face_noise_log_ratio"] == astronaut.faces.measured[0]["face_noise"].value
    empty = _largest_face(coffee.to_dict())
    assert empty.keys() == row.keys()
    assert (empty["faces"], empty["face_eyes_px"]) == (0, None)


def test_notes_on_the_score_reach_terminal_and_table(astronaut: Report):
    document = astronaut.to_dict()
    document["score"]["notes"] = ["Face 1: It may be no face."]
    assert "Face 1: It may be no face." in block(document, None, ())
    assert _found(document)["notes"] == "Face 1: It may be no face."


def test_a_ratio_at_a_bound_says_so_face_by_face(astronaut: Report):
    (score,) = astronaut.score.faces
    for bound, words in (("lower", "at most 0.45"), ("upper", "at least 0.44"), (None, "0.45")):
        face = replace(score, likelihood_ratio=0.449, at_bound=bound)
        shown = replace(astronaut.score, faces=(face,))
        report = Report(
            astronaut.photo,
            astronaut.defocus,
            astronaut.evidence,
            shown,
            judged=astronaut.judged,
            faces=astronaut.faces,
        )
        assert score_section(report)["faces"][0]["ratio"] == words


def test_the_line_of_a_picture_names_a_label(astronaut: Report, coffee: Report):
    document = astronaut.to_dict()
    document["score"]["label"] = "fake"
    assert line(document, Path("out/a")).endswith(f" measured, score fake -> {Path('out/a')}")
    assert "score" not in line(coffee.to_dict(), None)


def test_what_is_said_of_the_picture_stands_before_what_is_said_of_faces(astronaut: Report):
    finding = astronaut.finding
    assert finding.text.index(finding.unusual) < finding.text.index(finding.faces)


def test_a_report_that_is_there_keeps_the_prior_of_its_score(tmp_path: Path):
    file = tmp_path / "a.png"
    Image.fromarray(data.astronaut()).save(file)
    first = analyze(file, method="edge", prior=0.01)
    write_report(first, tmp_path / "out")
    again, _ = report_there(file.read_bytes(), file, tmp_path / "out")
    assert again.score == first.score
    assert again.score.prior == 0.01
    (tmp_path / "out/defocus.npz").unlink()
    again, _ = report_there(file.read_bytes(), file, tmp_path / "out")
    assert again.score == first.score


def test_a_probability_below_1_is_not_rounded_to_it(astronaut: Report):
    (face,) = face_section(astronaut)["faces"]
    assert face["words"].endswith("found with a probability of more than 0.99.")


def test_nothing_is_explained_where_no_face_was_read(astronaut: Report, coffee: Report):
    assert "What else could explain it, and what was not looked at" in astronaut.to_html()
    assert "Red: where the network" in astronaut.to_html()
    page = coffee.to_html()
    assert "<summary>What was not looked at</summary>" in page
    assert "What else could explain it" not in page
    assert "portrait mode of a phone" not in page
    assert "Red: where the network" not in page
