"""The page in a browser: the map under the cursor, its zoom, and one picture over the other."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blurprint.evidence.measure import measure_evidence
from blurprint.optics.defocus_map import DefocusMap
from blurprint.photos.photo import Photo
from blurprint.report.report import Report
from blurprint.score.score import NO_SCORE

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")

MakeReport = Callable[..., Report]


def dom(text: str, folder: Path, script: str = "") -> str:
    """The page's elements after its script ran, and then `script`."""
    if script:
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        text = text.replace("</body>", f"<script>{script}</script></body>")
    page = folder / "report.html"
    page.write_text(text, "utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-sync", "--disable-background-networking", "--disable-component-update"]
    return subprocess.run(
        [
            str(CHROMIUM),
            *flags,
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def test_the_left_of_the_slider_is_the_photograph_and_the_right_the_map(
    make_report: MakeReport, tmp_path: Path
) -> None:
    shown = dom(make_report().to_html(), tmp_path)
    overlay = shown[shown.index('id="overlay"') : shown.index('id="share"')]
    assert "hidden" not in overlay.split(">")[0]
    below, above = re.findall("<img[^>]*>", overlay)
    assert "data:image/jpeg" in below
    assert "data:image/png" in above
    assert "clip-path: inset(0px 0px 0px 50%)" in above, "the map is cut away on its left half"
    assert overlay.index("Photograph</span>") < overlay.index("Map</span>")
    assert 'class="side right" id="right"' in overlay


def halves() -> Report:
    """Blur of 1.25 px left and 3.5 px right, unknown in the lower half, below it no photograph."""
    sigma = np.full((100, 200), 1.25, np.float32)
    sigma[:, 100:] = 3.5
    confidence = np.full((100, 200), 0.8, np.float32)
    confidence[50:] = 0
    mask = np.ones((100, 200), bool)
    mask[90:] = False
    defocus = DefocusMap(sigma, confidence, "net", scale=0.5, mask=mask)
    photo = Photo(rgb=np.zeros((100, 200, 3), np.float32), scale=0.5, mask=mask)
    return Report(photo, defocus, measure_evidence(defocus), NO_SCORE)


PRESS = """
const target = document.getElementById("map").parentElement;
const send = (key, shiftKey) => target.dispatchEvent(new KeyboardEvent("keydown", {key, shiftKey}));
"""


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            "for (let i = 0; i < 4; i++) send('ArrowUp', true);",
            r"blur 3\.50 px \(7\.00 px native\)",
        ),
        (
            "for (let i = 0; i < 4; i++) { send('ArrowUp', true); send('ArrowLeft', true); }",
            r"Column 60, row 10: blur 1\.25 px \(2\.50 px native\), confidence 80 %\.",
        ),
        ("send('ArrowDown', true);", r"unknown \(confidence 0 %\)"),
        ("for (let i = 0; i < 9; i++) send('ArrowDown', true);", "no photograph"),
    ],
)
def test_the_map_is_read_by_keyboard(tmp_path: Path, keys: str, words: str) -> None:
    shown = dom(halves().to_html(), tmp_path, PRESS + keys)
    reading = re.search(r'<output id="reading"[^>]*>([^<]*)', shown)
    assert reading is not None
    assert re.search(words, reading[1]), reading[1]


def test_where_the_grid_is_coarser_than_the_map_a_value_is_said_to_be_a_mean(
    tmp_path: Path,
) -> None:
    confidence = np.full((60, 640), 0.496, np.float32)
    confidence[:, ::2] += 0.001
    confidence[:, :320] = 0.9
    confidence[:, 1:320:2] = 0.22
    defocus = DefocusMap(np.full((60, 640), 1.25, np.float32), confidence, "net")
    photo = Photo(rgb=np.zeros((60, 640, 3), np.float32))
    text = Report(photo, defocus, measure_evidence(defocus), NO_SCORE).to_html()
    for keys, words in (
        ("send('ArrowUp');", "not measured; a guess is blur 1.25 px, mean confidence 49 %."),
        ("send('ArrowLeft', true);", ": blur 1.25 px, mean confidence 56 %."),
    ):
        reading = re.search(r'<output id="reading"[^>]*>([^<]*)', dom(text, tmp_path, PRESS + keys))
        assert reading is not None
        assert ", mean of 2 × 2 pixels: " in reading[1]
        assert words in reading[1]


def test_zoom_is_the_same_for_photograph_and_map(tmp_path: Path) -> None:
    shown = dom(halves().to_html(), tmp_path, PRESS + "send('+'); send('ArrowRight');")
    moves = [re.search(rf'id="{name}"[^>]*transform: ([^"]*)"', shown) for name in ("photo", "map")]
    assert moves[0] is not None
    assert moves[1] is not None
    assert moves[0][1] == moves[1][1]
    assert "scale(2)" in moves[0][1]
