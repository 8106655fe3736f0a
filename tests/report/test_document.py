"""report.json: strict, as its schema says, and true to the map."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import jsonschema
import numpy as np
import pytest
from skimage import data

from blurprint.analysis import analyze
from blurprint.errors import InputError
from blurprint.evidence.evidence import Reference
from blurprint.evidence.measure import measure_evidence
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import METHODS
from blurprint.photos.photo import Photo
from blurprint.report.distribution import distribution
from blurprint.report.document import EXIF_KEYS
from blurprint.report.report import Report
from blurprint.score.score import NO_SCORE, Score
from blurprint.weights.card import FaceCard, shipped

MakeReport = Callable[..., Report]

SCHEMA = json.loads(files("blurprint.report").joinpath("report.schema.json").read_text("utf-8"))


def refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def valid(report: Report) -> dict[str, Any]:
    """The document, after it passed strict JSON and the schema."""
    read: dict[str, Any] = json.loads(report.to_json(), parse_constant=refuse)
    jsonschema.Draft202012Validator(SCHEMA).validate(read)
    assert read == report.to_dict()
    return read


def report_of(sigma: object, confidence: object = 1.0, *, scale: float = 1.0) -> Report:
    values = np.array(sigma, np.float32)
    trust = np.broadcast_to(np.float32(confidence), values.shape).copy()
    defocus = DefocusMap(values, trust, "edge", scale=scale)
    photo = Photo(rgb=np.zeros((8, 8, 3), np.float32))
    return Report(photo, defocus, measure_evidence(defocus), NO_SCORE)


def every_object(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for item in schema for found in every_object(item)]
    if not isinstance(schema, dict):
        return []
    here = [schema] if schema.get("type") == "object" else []
    return here + [found for item in schema.values() for found in every_object(item)]


def test_schema_is_one_and_leaves_nothing_undescribed() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for part in every_object(SCHEMA):
        assert part["additionalProperties"] is not True
        for name, content in part.get("properties", {}).items():
            assert "description" in content, name


def test_schema_names_the_exif_tags_of_the_document() -> None:
    assert set(SCHEMA["properties"]["input"]["properties"]["exif"]["properties"]) == set(EXIF_KEYS)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("method", list(METHODS))
def test_real_reports_are_valid(make_report: MakeReport, method: str, flat: bool) -> None:
    document = valid(make_report(method, flat=flat))
    assert document["method"]["name"] == method
    assert document["parameters"]["estimator"], "our own estimators tell their constants"
    # Networks are not sure of one step in a picture as small as this.
    if flat or METHODS[method].network is None:
        assert (document["defocus"]["percentiles"] is None) == flat


@pytest.mark.parametrize(
    "facts",
    [
        {"source": "caf\udce9 ☕ <x>.png"},
        {"exif": MappingProxyType({"camera": "A B", "f_number": float("inf"), "iso": 100.0})},
        {"exif": MappingProxyType({"unknown tag": "x"})},
        {"scale": 0.25, "native_size": (360, 240), "format": "JPEG", "notes": ("A note.",)},
    ],
)
def test_odd_facts_are_still_valid(make_report: MakeReport, facts: dict[str, Any]) -> None:
    document = valid(make_report(**facts))
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert set(document["input"]["exif"]) <= {"camera", "iso"}


def test_a_score_is_told() -> None:
    plain = report_of(np.ones((20, 20)))
    score = Score(0.25, "real", prior=0.5, likelihood_ratio=1 / 3, words="A third.", face="face 1")
    told = valid(Report(plain.photo, plain.defocus, plain.evidence, score))
    assert (told["score"]["value"], told["score"]["label"]) == (0.25, "real")
    assert told["score"]["likelihood_ratio"] == 1 / 3
    assert told["score"]["weights_sha256"] is None  # no network judged
    assert told["score"]["other_explanations"][0]["name"] == "no_trace_left"
    assert told["finding"]["score"] == "A third."
    assert told["finding"]["text"].startswith("A third. ")


def test_a_judged_face_is_told_with_its_network() -> None:
    told = valid(analyze(data.astronaut()[:260, 90:350]))
    score = told["score"]
    assert [one["name"] for one in score["faces"]] == ["face 1"]
    assert score["face"] == "face 1"
    assert score["weights_sha256"] == shipped("face", FaceCard).sha256
    assert score["value"] == pytest.approx(
        score["likelihood_ratio"] / (1 + score["likelihood_ratio"])
    )
    assert told["finding"]["text"].startswith(score["words"])


def test_the_prior_changes_the_value_and_nothing_else() -> None:
    picture = data.astronaut()[:260, 90:350]
    even, rare = (analyze(picture, prior=prior).score for prior in (0.5, 0.01))
    assert (even.label, even.likelihood_ratio) == (rare.label, rare.likelihood_ratio)
    assert even.value is not None
    assert rare.value is not None
    assert rare.value < even.value
    with pytest.raises(InputError, match="prior"):
        analyze(picture, prior=1.0)


def test_created_is_utc_to_the_second() -> None:
    plain = report_of(np.ones((20, 20)))
    moment = datetime(2026, 5, 4, 3, 2, 1, 999, tzinfo=UTC)
    report = Report(plain.photo, plain.defocus, plain.evidence, NO_SCORE, created=moment)
    assert valid(report)["created"] == "2026-05-04T03:02:01Z"


def test_percentiles_in_working_and_native_pixels() -> None:
    document = valid(report_of([np.arange(1, 101)], scale=0.5))["defocus"]
    assert document["percentiles"] == {"p05": 5, "p25": 25, "p50": 50, "p75": 75, "p95": 95}
    assert document["percentiles_native"]["p50"] == 100


def test_the_papers_map_has_no_native_pixels(make_report: MakeReport) -> None:
    defocus = valid(make_report("paper", scale=0.5))["defocus"]
    assert defocus["percentiles"] is not None
    assert defocus["percentiles_native"] is None


def test_histogram_weighs_by_confidence() -> None:
    # Of the weight, 99 in a hundred lie on 4 and one on 7.
    sigma = np.full((10, 20), 4.0)
    sigma[0, :2] = 7
    trust = np.full((10, 20), 1.0)
    trust[0, :2] = 0.99
    trust[1] = 0.49
    sigma[1] = 9
    histogram = valid(report_of(sigma, trust))["defocus"]["histogram"]
    assert histogram["edges"][0] == 0
    assert histogram["edges"][-1] == 4
    assert histogram["weights"][-1] == pytest.approx(178 / 179.98)
    assert histogram["above"] == pytest.approx(1.98 / 179.98)
    assert sum(histogram["weights"]) + histogram["above"] == pytest.approx(1)


def test_a_map_of_zeros_has_a_histogram() -> None:
    summary = distribution(report_of(np.zeros((20, 20))).defocus)
    assert summary is not None
    assert (summary.weights[0], summary.top, summary.above) == (1, 2, 0)


@pytest.mark.parametrize(("sigma", "top"), [(0.3005, 2), (1.9, 2), (3.3, 4)])
def test_the_colour_scale_is_never_finer_than_two_pixels(sigma: float, top: float) -> None:
    noise = np.random.default_rng(0).normal(sigma, 0.0005, (40, 40))
    summary = distribution(report_of(noise).defocus)
    assert summary is not None
    assert summary.top == top


def test_the_finding_the_doubts_and_the_limits_are_told(make_report: MakeReport) -> None:
    report = make_report()
    document = valid(report)
    assert document["finding"]["text"] == report.finding.text
    assert [doubt["name"] for doubt in document["doubts"]] == [d.name for d in report.doubts]
    assert document["camera_limits"]["missing"]
    assert document["camera_limits"]["diffraction_px"] is None


def test_a_reference_is_told(make_report: MakeReport) -> None:
    plain = make_report()
    rows = tuple(
        replace(row, reference=Reference(42.0, 0.1, 2.0, 77, "of its like"), no_reference="")
        for row in plain.evidence
    )
    document = valid(replace(plain, evidence=rows))
    assert document["evidence"][0]["reference"] == {
        "percentile": 42.0,
        "low": 0.1,
        "high": 2.0,
        "photographs": 77,
        "group": "of its like",
    }
    assert valid(plain)["evidence"][0]["no_reference"].startswith("Unknown")


def test_a_report_leaves_its_process(make_report: MakeReport) -> None:
    report = make_report()
    for again in (pickle.loads(pickle.dumps(report)), copy.deepcopy(report)):
        assert again.to_json() == report.to_json()
        with pytest.raises(TypeError):
            again.photo.exif["camera"] = "another"
