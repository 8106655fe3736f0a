"""A result says what its report says, and what follows from the reader's prior."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from blurprint.evidence import wording
from blurprint.score.calibration import posterior
from blurprint.score.words import probability, ratio_in_figures
from page_service import Service, astronaut, made, softened

pytestmark = pytest.mark.slow

OpenResults = Callable[..., Page]


def test_the_page_says_all_that_the_report_says(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    report = made(astronaut()).report
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    text = " ".join(page.locator("#result").inner_text().split())
    wanted = [report["finding"][part] for part in ("score", "where", "faces", "unusual", "unknown")]
    wanted += [row["sentence"] for row in report["evidence"]]
    wanted += [row["sentence"] for face in report["faces"] for row in face["evidence"]]
    wanted += [doubt["sentence"] for doubt in report["doubts"]]
    score = report["score"]
    wanted += [one["sentence"] for one in score["other_explanations"] + score["not_looked_at"]]
    rows = report["provenance"]["rows"]
    wanted += [row[part] for row in rows for part in ("title", "found", "means", "does_not_mean")]
    wanted += [report["finding"]["otherwise"], report["camera_limits"]["missing"]]
    wanted += [report["input"]["sha256"], report["face_search"]["sentence"]]
    assert [one for one in wanted if " ".join(one.split()) not in text] == []


def test_evidence_has_value_error_percentile_and_strip(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    report = made(astronaut()).report
    for row in [*report["evidence"], *report["faces"][0]["evidence"]]:
        line = page.locator(f"tr[data-name={row['name']}]")
        if row["reference"] is None:
            expect(line).to_contain_text(row["no_reference"])
            expect(line.locator(".strip")).to_have_count(0)
        else:
            expect(line).to_contain_text(f"Percentile {row['reference']['percentile']:.0f}")
            expect(line.locator(".strip")).to_have_count(1)
        if row["unit"] == "log ratio":
            expect(line).to_contain_text(wording.signed_percent(row["value"]))
            expect(line).to_contain_text(f"± {100 * row['error']:.0f} %")
    strip = page.locator("tr[data-name=face_background] .strip")
    drawn = strip.evaluate(
        """(one) => {
          const band = one.querySelector(".band");
          const mark = one.querySelector(".value-mark");
          return [band.x, band.width, mark.cx].map((length) => length.baseVal.value);
        }"""
    )
    row = report["faces"][0]["evidence"][3]
    low, high = row["reference"]["low"], row["reference"]["high"]
    # Where the value lies in the band, from 0 to 1.
    share = (drawn[2] - drawn[0]) / drawn[1]
    assert share == pytest.approx((row["value"] - low) / (high - low), abs=0.01)


def test_the_prior_gives_the_probability_by_bayes(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    score = made(astronaut()).report["score"]
    ratio = score["likelihood_ratio"]
    section = page.locator(".score")
    expect(section).to_contain_text(ratio_in_figures(ratio, score["at_bound"]))
    expect(section).to_contain_text("No sign of a pasted face")
    prior = page.get_by_label("Probability before the measurement")
    for text in ("50", "1", "0.02", "99.5", "1e-9", "1e-20", "99.99999999999999"):
        prior.fill(text)
        share = float(text) / 100
        after = probability(posterior(ratio, share))
        expect(page.locator(".posterior")).to_contain_text(
            f"was {probability(share)} before the measurement, it is {after} after it."
        )
    for text in ("0", "100", "", "-3", "250"):
        prior.fill(text)
        expect(page.locator(".posterior")).to_contain_text("No probability")
        assert prior.get_attribute("aria-invalid") == "true"
    page.get_by_label("Prior probability, in percent").fill("10")
    expect(page.locator(".posterior")).to_contain_text("was 10 % before")
    assert prior.get_attribute("aria-invalid") == "false"
    expect(section).to_contain_text("written for a prior of 50 %")


def test_without_a_score_the_reason_is_there_and_no_prior(
    open_results: OpenResults, service: Service
) -> None:
    def without(report: dict[str, Any]) -> None:
        report["score"] |= {
            "likelihood_ratio": None, "value": None, "prior": None, "label": "unsure", "words": "",
            "abstain_reason": "The eyes are only 12 px apart.", "face": None, "at_bound": None,
        }  # fmt: skip
        report["score"]["faces"][0] |= {"likelihood_ratio": None, "label": "unsure"}
        report["finding"] |= {"score": ""}

    service.change = without
    page = open_results(("a.png", astronaut()))
    expect(page.locator(".score")).to_contain_text("No score")
    expect(page.locator(".score")).to_contain_text("The eyes are only 12 px apart.")
    expect(page.locator("#prior")).to_have_count(0)
    expect(page.get_by_role("region", name="What was not looked at")).to_be_visible()
    where = made(astronaut()).report["finding"]["where"]
    expect(page.locator(".finding p").first).to_have_text(where)


def test_words_and_numbers_are_those_of_the_reports(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    values = [0.0, 0.0304, 0.5, 1.234, 3.44, 41.27, 99.97, 100.0]
    logs = [-1.3785, -0.0162, 0.0, 0.113, 2.0]
    ratios = [[0.607, "lower"], [25.9, "upper"], [7.94, None], [0.0502, "lower"], [1289.0, None]]
    shares = [0.5, 0.0000012, 0.9999988, 0.378, 0.05, 3e-12, 1e-11, 1 - 1e-11, 1 - 1e-15, 0.0, 1.0]
    told = page.evaluate(
        """async ([values, logs, ratios, shares]) => {
          const words = await import("./static/words.js");
          return [
            values.map(words.number), values.map(words.significant), values.map(words.percent),
            logs.map(words.signedPercent), shares.map(words.probability),
            ratios.map(([ratio, bound]) => words.ratioInFigures(ratio, bound)),
            (await import("./static/faces.js")).judgement({
              name: "face 2", label: "real", likelihood_ratio: 0.607, at_bound: "lower",
              abstain_reason: null,
            }),
          ];
        }""",
        [values, logs, ratios, shares],
    )
    functions = (wording.number, wording.significant, wording.percent)
    assert told[:3] == [[tell(value) for value in values] for tell in functions]
    assert told[3] == [wording.signed_percent(value) for value in logs]
    assert told[4] == [probability(share) for share in shares]
    assert told[5] == [
        ratio_in_figures(0.607, "lower"), ratio_in_figures(25.9, "upper"), ratio_in_figures(7.94),
        ratio_in_figures(0.0502, "lower"), ratio_in_figures(1289.0),
    ]  # fmt: skip
    at_most = ratio_in_figures(0.607, "lower")
    assert f", likelihood ratio {at_most}." in told[6], "of a face that did not decide, too"


def test_the_camera_is_shown_as_in_the_reports(open_results: OpenResults, service: Service) -> None:
    def with_camera(report: dict[str, Any]) -> None:
        report["input"]["exif"] = {"camera": "X", "exposure_s": 0.3, "f_number": 2.8, "iso": 100}
        report["camera_limits"] |= {
            "missing": None,
            "diffraction_px": 0.4,
            "infinity": [{"focus_m": 2, "sigma_px": 3.456}],
            "words": ["The lens is wide open."],
            "contradicts": True,
            "assumptions": ["The lens has no faults."],
        }

    service.change = with_camera
    page = open_results(("a.png", astronaut()))
    facts = page.get_by_role("region", name="File and camera")
    for words in ("0.3 s", "f/2.8", "100", "X"):
        expect(facts).to_contain_text(words)
    camera = page.get_by_role("region", name="Blur that the camera allows")
    for words in ("0.40 px", "focus at 2 m", "3.46 px", "wide open", "lies outside what the file"):
        expect(camera).to_contain_text(words)
    times = [0.008, 1 / 3, 0.3, 2.5]
    told = page.evaluate(
        "async (all) => all.map((await import('./static/sections.js')).exposure)", times
    )
    assert told == ["1/125 s", "1/3 s", "0.3 s", "2.5 s"]


@pytest.mark.parametrize("change", [{"schema_version": "3.0"}, {"evidence": None}])
def test_a_result_that_the_page_cannot_show_is_said_to_be_one(
    open_results: OpenResults, service: Service, change: dict[str, Any]
) -> None:
    service.change = lambda report: report.update(change)
    page = open_results(("a.png", astronaut()), loaded=False)
    expect(page.locator("#result")).to_contain_text("This page cannot show the result")
    expect(page.get_by_role("link", name="Report of a.png")).to_be_visible()


def test_half_floats_are_read_as_they_are(open_results: OpenResults) -> None:
    import numpy as np

    page = open_results(("a.png", astronaut()))
    bits = [0, 1, 0x3FF, 0x400, 0x3C00, 0xC000, 0x7BFF, 0x3555]
    told = page.evaluate(
        "async (bits) => bits.map((await import('./static/values.js')).half)", bits
    )
    assert told == np.array(bits, np.uint16).view(np.float16).astype(float).tolist()


def test_every_file_can_be_downloaded(open_results: OpenResults, tmp_path: Path) -> None:
    page = open_results(("holiday.png", astronaut()))
    names = {}
    for words in ("HTML", "JSON", "npz", "PNG"):
        with page.expect_download() as download:
            page.locator(".downloads a", has_text=f"({words})").click()
        download.value.save_as(tmp_path / words)
        names[words] = download.value.suggested_filename
    assert names == {
        "HTML": "holiday.report.html",
        "JSON": "holiday.report.json",
        "npz": "holiday.defocus.npz",
        "PNG": "holiday.map.png",
    }
    assert (tmp_path / "PNG").read_bytes() == made(astronaut()).files["map.png"][1]
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Report (new tab)").click()
    assert popup.value.url.endswith("/report.html")


def test_print_shows_the_result_and_no_controls(open_results: OpenResults, tmp_path: Path) -> None:
    page = open_results(("a.png", astronaut()))
    page.locator(".viewer").focus()
    page.keyboard.press("+")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for hidden in (".intake", "#pictures-list", ".tools", ".downloads", ".prior"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in (".finding", ".viewer", ".ramp", ".posterior", ".provenance details p >> nth=0"):
        expect(page.locator(shown)).to_be_visible()
    expect(page.locator(".plane")).to_have_css("transform", "none")
    sheet = page.pdf(prefer_css_page_size=True)
    assert sheet.startswith(b"%PDF")


def test_differences_are_listed_with_their_errors(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    a, b = made(astronaut()).report, made(softened()).report
    rows = page.locator("table.differences tbody tr")
    one, other = a["evidence"][0], b["evidence"][0]
    by = one["value"] - other["value"]
    error = (one["error"] ** 2 + other["error"] ** 2) ** 0.5
    expect(rows.first).to_contain_text("Median blur")
    expect(rows.first).to_contain_text(f"{by:+.2f} px".replace("-", "−"))
    verdict = "more than twice" if abs(by) > 2 * error else "within twice"
    expect(rows.first).to_contain_text(f"± {error:.2f} px: {verdict} its error")
    inner, soft = a["faces"][0]["evidence"][0], b["faces"][0]["evidence"][0]
    face = rows.filter(has_text="Inner face against surround")
    change = wording.signed_percent(inner["value"] - soft["value"])
    expect(face.locator("td").nth(2)).to_contain_text(change)
    page.get_by_role("button", name="Swap the two").click()
    expect(page.locator("#shown")).to_have_text("b.png and a.png")
    expect(rows.first).to_contain_text(f"{-by:+.2f} px".replace("-", "−"))
    page.get_by_role("button", name="End the comparison").click()
    expect(page.locator("#shown")).to_have_text("b.png")


def test_pictures_that_were_reduced_are_compared_in_native_pixels(
    open_results: OpenResults, service: Service
) -> None:
    def first_is_reduced(report: dict[str, Any]) -> None:
        if report["input"]["source"] != "a.png":
            return
        report["input"]["scale"] = 0.25
        for row in report["evidence"]:
            power = {"px": 1, "px^2": 2}.get(row["unit"])
            row["native"] = row["value"] / 0.25**power if power else None

    service.change = first_is_reduced
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    a, b = made(astronaut()).report["evidence"], made(softened()).report["evidence"]
    rows = page.locator("table.differences").first.locator("tbody tr")
    units = set()
    for line, one, other in zip(rows.all(), a, b, strict=True):
        units.add(one["unit"])
        first, second, difference = line.locator("td").all()
        power = {"px": 1, "px^2": 2}.get(one["unit"])
        if power is None:
            expect(first).to_contain_text(wording.percent(one["value"]))
            expect(difference).to_contain_text("percentage points")
            continue
        factor, unit = 4**power, one["unit"].replace("^2", "²")
        tell = lambda value: wording.number(value).replace("-", "−")  # noqa: E731
        expect(first).to_contain_text(f"{tell(factor * one['value'])} {unit} native")
        expect(first).to_contain_text(f"± {tell(factor * one['error'])} {unit} native")
        expect(first).to_contain_text(f"{tell(one['value'])} {unit} as measured")
        expect(second).to_contain_text(f"{tell(other['value'])} {unit} native")
        expect(second).not_to_contain_text("as measured")
        by = factor * one["value"] - other["value"]
        error = ((factor * one["error"]) ** 2 + other["error"] ** 2) ** 0.5
        sign = "+" if by > 0 else ""
        verdict = "more than twice" if abs(by) > 2 * error else "within twice"
        expect(difference).to_contain_text(f"{sign}{tell(by)} {unit} native")
        expect(difference).to_contain_text(f"± {tell(error)} {unit} native: {verdict} its error")
    assert units == {"px", "px^2", "%"}
    inner, soft = (made(one()).report["faces"][0]["evidence"][0] for one in (astronaut, softened))
    face = page.locator("table.differences tr", has_text="Inner face against surround")
    expect(face).to_contain_text(wording.signed_percent(inner["value"] - soft["value"]))


def test_a_length_without_a_native_size_is_not_compared_with_one_of_another_scale(
    open_results: OpenResults, service: Service
) -> None:
    def first_is_reduced(report: dict[str, Any]) -> None:
        if report["input"]["source"] == "a.png":
            report["input"]["scale"] = 0.25
            report["evidence"][0]["native"] = None

    service.change = first_is_reduced
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    row = page.locator("table.differences tbody tr").first
    expect(row.locator("td").nth(2)).to_contain_text("not compared")
    expect(row.locator("td").nth(2)).to_contain_text("the native size of one is not known")


def test_what_cannot_be_compared_is_said(open_results: OpenResults, service: Service) -> None:
    count = 0

    def second_is_larger(report: dict[str, Any]) -> None:
        nonlocal count
        count += 1
        if count == 2:
            report["input"] |= {"native_width": 2000, "native_height": 1000, "sha256": "0" * 64}
            report["method"] = {"name": "paper", "unit": "map units", "weights": None}
            report["faces"] = []
            for row in report["evidence"]:
                row["unit"] = row["unit"].replace("px", "map units")

    service.change = second_is_larger
    page = open_results(("a.png", astronaut()), ("b.png", astronaut()), beside=True)
    notes = json.dumps(page.locator("#result .note").all_inner_texts())
    for words in (
        "different shapes",
        "different sizes",
        "different methods",
        "no common scale",
    ):
        assert words in notes
    expect(page.locator("table.differences tbody tr").first).to_contain_text("different units")
    expect(page.locator("#result")).to_contain_text("has no face at its place in the second")


def test_the_same_file_twice_is_recognised(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()), ("b.png", astronaut()), beside=True)
    expect(page.locator("#result .note")).to_have_text("Both are the same file, byte for byte.")


def as_clip(report: dict[str, Any]) -> None:
    """The report as that of a clip of twelve frames; its face is measured in the frame shown."""
    report["clip"] = {
        "analysed": 12,
        "not_decoded": 1,
        "failed": [{"frame": 7, "reason": "is cut off"}],
        "shown": [{"frame": 4, "time_s": 0.4, "why": "median likelihood ratio"}],
        "tracks": [{"number": 1, "frames": 12}],
    }
    known = {"value": 0.1, "error": 0.05}
    nothing = {"value": None, "error": None}
    report["frames"] = [
        {
            "index": index,
            "time_s": index / 10,
            "faces": [
                {
                    "track": 1,
                    "difference": known if index % 2 else nothing,
                    "log10_likelihood_ratio": -0.2 if index else None,
                }
            ],
        }
        for index in range(12)
    ]
    report["defocus"]["histogram"] = None
    report["faces"][0]["frame"] = 4


def test_a_clip_is_shown_over_time(open_results: OpenResults, service: Service) -> None:
    service.change = as_clip
    page = open_results(("a.mp4", astronaut()))
    clip = page.get_by_role("region", name="Over time")
    expect(clip).to_contain_text("12 frames were measured. 1 could not be decoded.")
    expect(clip).to_contain_text("could not be measured: 7 (is cut off)")
    ratios, differences = clip.locator(".timeline").all()
    expect(ratios.locator("circle")).to_have_count(11)
    expect(differences.locator("circle")).to_have_count(6)
    expect(differences.locator(".error")).to_have_count(6)
    expect(page.locator(".pictures")).to_contain_text("Shown is frame 4, at 0.40 s")
    expect(page.locator(".outlines .face-inner")).to_have_count(1)
    top = made(astronaut()).files["values.bin"][2]["X-Top"]
    expect(page.locator(".colours figcaption")).to_contain_text(f"from 0 to {float(top):g} px")


def test_no_outline_is_drawn_of_a_face_in_another_frame(
    open_results: OpenResults, service: Service
) -> None:
    def elsewhere(report: dict[str, Any]) -> None:
        as_clip(report)
        report["faces"][0]["frame"] = 9

    service.change = elsewhere
    page = open_results(("a.mp4", astronaut()))
    expect(page.locator(".outlines polygon")).to_have_count(0)
    expect(page.get_by_role("button", name="Show face 1")).to_have_count(0)
    expect(page.get_by_role("article", name="Face 1")).to_be_visible()
