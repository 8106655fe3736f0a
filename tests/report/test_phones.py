"""Reports on the screen of a phone: nothing lies beyond its right edge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from skimage import data
from typer.testing import CliRunner

from blurprint.analysis import analyze
from blurprint.arrays import FloatMap
from blurprint.cli.main import app
from blurprint.clips.analyze_clip import analyze_clip
from blurprint.photos.photo import Photo
from chromium import running_browser
from videos import write_video

WIDTHS = (320, 360, 390, 412)
WORD = "Unbreakable" * 9


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def portrait(copies: int = 1) -> FloatMap:
    rgb: FloatMap = np.tile(data.astronaut(), (1, copies, 1)).astype(np.float32) / 255
    return rgb


def beyond(page: Page, text: str, folder: Path) -> dict[int, int]:
    """By how many pixels a page is wider than the screen, for each width at which it is."""
    file = folder / "report.html"
    file.write_text(text, "utf-8")
    page.goto(file.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        root = "document.documentElement"
        found[width] = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    return {width: over for width, over in found.items() if over > 0}


@pytest.mark.parametrize("copies", [1, 2])
def test_a_report_with_faces_fits(page: Page, tmp_path: Path, copies: int) -> None:
    report = analyze(Photo(rgb=portrait(copies), source="portrait.png"))
    assert report.faces is not None
    assert len(report.faces.measured) == copies
    assert beyond(page, report.to_html(), tmp_path) == {}


def test_words_without_an_end_do_not_widen_a_report(page: Page, tmp_path: Path) -> None:
    exif = {
        "camera": WORD, "lens": WORD, "software": WORD, "taken": WORD,
        "focal_length_mm": 50.0, "focal_length_35mm_mm": 75.0, "f_number": 2.8,
    }  # fmt: skip
    photo = Photo(
        rgb=portrait(), source=f"{WORD}.png", exif=exif, scale=0.25, notes=(f"Note: {WORD}.",)
    )
    report = analyze(photo)
    limits = report.to_dict()["camera_limits"]
    assert not limits["missing"], "the table of the camera is there as well"
    assert beyond(page, report.to_html(), tmp_path) == {}


def test_the_overview_of_a_folder_fits(page: Page, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name in (WORD, "b"):
        Image.fromarray(data.astronaut()).save(pictures / f"{name}.png")
    run = CliRunner().invoke(app, ["analyze", str(pictures), "--out", str(tmp_path / "out")])
    assert run.exit_code == 0, run.output
    text = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert beyond(page, text, tmp_path) == {}


def test_the_report_of_a_clip_fits(page: Page, tmp_path: Path) -> None:
    frame = np.rint(portrait(2) * 255).astype(np.uint8)
    path = write_video(tmp_path / f"{WORD}.mp4", [np.roll(frame, step, 1) for step in range(4)])
    assert beyond(page, analyze_clip(path).to_html(), tmp_path) == {}


def test_print_keeps_the_table_of_regions(page: Page, tmp_path: Path) -> None:
    assert beyond(page, analyze(Photo(rgb=portrait())).to_html(), tmp_path) == {}
    row = "getComputedStyle(document.querySelector('.limits tr')).display"
    assert page.evaluate(row) == "flex"
    page.emulate_media(media="print")
    assert page.evaluate(row) == "table-row"
