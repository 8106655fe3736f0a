"""The page: well formed, complete, loads nothing, and lets nothing in."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

import blurprint
from blurprint.evidence.evidence import Reference
from blurprint.report.report import Report

MakeReport = Callable[..., Report]

VOID = {"meta", "img", "input", "br", "link"}
ATTACK = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Collects elements, and fails where an end tag does not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def loads_nothing(text: str) -> None:
    page = Page(text)
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            address = attributes.get(name, "")
            assert "//" not in address or address.startswith("data:"), (tag, address)
            assert tag == "a" or not address or address.startswith("data:image/"), (tag, address)
    outside_data = re.sub(r"data:image/[^\"]*", "", text)
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest", outside_data)
    policy = page.all("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")


@pytest.mark.parametrize("method", ["edge", "paper"])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_page_is_well_formed_and_loads_nothing(
    make_report: MakeReport, method: str, flat: bool, scale: float
) -> None:
    loads_nothing(make_report(method, flat=flat, scale=scale).to_html())


def test_the_finding_comes_before_the_pictures(make_report: MakeReport) -> None:
    report = make_report()
    text = report.to_html()
    assert text.index(report.finding.where) < text.index('id="photo"')


def test_wide_pictures_stand_one_above_the_other(make_report: MakeReport) -> None:
    plain, wide = make_report(), make_report()
    rgb = np.tile(wide.photo.rgb, (1, 4, 1))
    wide = blurprint.analyze(blurprint.Photo(rgb=rgb), "edge")
    assert 'class="pair wide"' in wide.to_html()
    assert 'class="pair"' in plain.to_html()


@pytest.mark.parametrize(
    ("exif", "words"),
    [
        ({}, "Unknown. The file does not say"),
        (
            {"focal_length_mm": 4.0, "focal_length_35mm_mm": 28.0, "f_number": 1.8},
            "Background at infinity, focus at 1 m",
        ),
    ],
)
def test_the_blur_that_the_camera_allows(
    make_report: MakeReport, exif: dict[str, float], words: str
) -> None:
    report = make_report(exif=MappingProxyType(exif), native_size=(3600, 2400), scale=0.025)
    assert words in Page(report.to_html()).text


def test_parameters_fold_away(make_report: MakeReport) -> None:
    text = make_report().to_html()
    folded = text[text.rindex("<details") : text.rindex("</details>")]
    assert "Reach" in folded
    assert "SHA-256" not in folded


def test_errors_and_percentiles_stand_beside_their_values(make_report: MakeReport) -> None:
    plain = make_report()
    first = replace(
        plain.evidence[0], error=0.123, reference=Reference(98.9, 0.1, 0.2, 77, "of 1 to 2 px")
    )
    text = Page(replace(plain, evidence=(first,)).to_html()).text
    assert "± 0.12 px" in text
    assert "Percentile 99" in text
    assert "of 77 photographs of 1 to 2 px; nine tenths of them: 0.10 to 0.20" in text


def test_policy_names_the_very_style_and_script_of_the_page(make_report: MakeReport) -> None:
    text = make_report().to_html()
    policy = Page(text).all("meta")[1]["content"]
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_page_tells_every_row_the_score_and_the_facts(make_report: MakeReport) -> None:
    report = make_report(
        sha256="ab" * 32,
        notes=("The file holds 3 frames; the first was measured.",),
        exif=MappingProxyType(
            {"camera": "Box 1", "focal_length_mm": 50.0, "f_number": 2.8, "exposure_s": 0.008}
        ),
    )
    text = Page(report.to_html()).text
    for row in report.evidence:
        assert row.title in text
        assert row.sentence in text
    assert report.score.abstain_reason is not None
    facts = [report.score.abstain_reason, *report.photo.notes, report.photo.sha256, "step.png"]
    for fact in [*facts, "Box 1", "50 mm", "f/2.8", "1/125 s", blurprint.__version__]:
        assert fact in text


def test_native_pixels_are_shown_only_where_they_differ(make_report: MakeReport) -> None:
    assert "native" not in Page(make_report().to_html()).text
    assert "px native" in Page(make_report(scale=0.5).to_html()).text


def test_the_papers_page_speaks_of_no_pixels_of_blur(make_report: MakeReport) -> None:
    text = Page(make_report("paper", scale=0.5).to_html()).text
    before_the_parameters = text[: text.index("File and camera")]
    assert not re.search(r"\d px\b|native pixels, in|px native", before_the_parameters)
    assert "map units" in text


def test_nothing_measured_says_so(make_report: MakeReport) -> None:
    page = Page(make_report(flat=True).to_html())
    assert "not measured" in page.text
    assert "median" not in page.all("img")[1]["alt"]


@pytest.mark.parametrize(
    "facts",
    [
        {"source": f"{ATTACK}.png"},
        {"source": '"><img src=x onerror=alert(1)>'},
        {"exif": MappingProxyType({"camera": ATTACK, "software": ATTACK})},
        {"notes": (ATTACK,)},
        {"format": ATTACK},
    ],
)
def test_text_from_outside_is_escaped(make_report: MakeReport, facts: dict[str, object]) -> None:
    text = make_report(**facts).to_html()
    page = Page(text)
    assert "alert(1)" in text
    assert len(page.all("script")) == 1
    assert not any("onerror" in attributes for _, attributes in page.elements)


def test_page_can_be_used_without_eyes_or_mouse(make_report: MakeReport) -> None:
    text = make_report().to_html()
    page = Page(text)
    assert page.all("html")[0]["lang"] == "en"
    assert "<title>step.png" in text
    assert all(image["alt"] for image in page.all("img"))
    assert all(plot["role"] == "img" and plot["aria-label"] for plot in page.all("svg"))
    labelled = {label.get("for") for label in page.all("label")}
    slider = next(field for field in page.all("input") if field["type"] == "range")
    assert slider["id"] in labelled


def test_large_pictures_are_reduced() -> None:
    rng = np.random.default_rng(0)
    blocks = rng.uniform(0, 1, (45, 60, 3)).astype(np.float32)
    photo = blurprint.Photo(rgb=np.kron(blocks, np.ones((40, 40, 1), np.float32)))
    text = blurprint.analyze(photo, method="edge").to_html()
    sizes = [(image["width"], image["height"]) for image in Page(text).all("img")[:2]]
    assert sizes == [("1200", "900"), ("1200", "900")]
    assert len(text) < 3_000_000


def test_pages_render_from_a_zip(make_report: MakeReport, tmp_path: Path) -> None:
    """Templates are resources of the package, not files beside the code."""
    package = Path(blurprint.__file__).parent
    archive = tmp_path / "blurprint.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                bundle.write(path, Path("blurprint") / path.relative_to(package))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import blurprint; "
        "assert '.zip' in blurprint.__file__; "
        "from blurprint.report.index import render_index; print(render_index([]))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(archive)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "0 pictures" in shown.stdout, shown.stderr
