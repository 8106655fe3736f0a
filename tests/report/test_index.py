"""The overview: every picture and failure, one scale, found and ordered by its script."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from blurprint.report.index import PAGE_LENGTH, IndexEntry, index_entry, render_index

ATTACK = "<script>alert(1)</script>"
CHROMIUM = shutil.which("chromium")


def row(source: str, median: float | None = 0.5, **more: object) -> dict[str, object]:
    found = {"blur_median_px": median, "measured_share_percent": 70.0}
    return {"source": source, "status": "analysed", "error": None, "result": "r", **found, **more}


def test_a_name_cannot_turn_the_order_of_what_is_read():
    text = render_index([index_entry(row("photo\u202egpj.exe", result="r"))])
    assert "\u202e" not in text
    assert "photo\\u202egpj.exe" in text


def test_links_are_quoted_and_text_is_escaped():
    result = "in n/a b#?é\\udce9"
    text = render_index(
        [index_entry(row("p/a b#?.png", result=result)), IndexEntry(ATTACK, ATTACK)],
        words=ATTACK,
        account=[ATTACK],
    )
    folder = "in%20n/a%20b%23%3F%C3%A9%E9"
    assert f'href="{folder}/report.html"' in text
    assert f'src="{folder}/thumbnail.webp"' in text
    assert "a b#?.png" in text
    assert "Median blur 0.50 px, 70 % measured" in text
    assert ATTACK not in text
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttpRequest", text)


def test_policy_names_the_very_style_and_script_of_the_page():
    text = render_index([])
    policy = re.search(r'Security-Policy" content="([^"]*)"', text)
    assert policy
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1]
    assert "default-src &#39;none&#39;" in policy[1]


def test_failures_stand_beside_results_and_are_counted():
    failed = {"source": "x/b.jpg", "status": "failed", "error": "is empty"}
    late = {"source": "c.jpg", "status": "not reached", "error": None}
    text = render_index(map(index_entry, [row("a.jpg"), failed, late]))
    assert "3 pictures, 2 without a result" in text
    assert "is empty" in text
    assert "This picture was not reached." in text
    assert text.count('href="r/report.html"') == 1


def test_without_html_the_json_is_linked():
    assert 'href="r/report.json"' in render_index([index_entry(row("a.jpg"))], reports=False)


def test_ticks_lie_where_their_blur_has_its_colour():
    text = render_index([index_entry(row("a.jpg"))])
    ticks = re.findall(r'<text x="([\d.]+)%"[^>]*>([\d.]+)', text)
    assert len(ticks) > 4
    for place, blur in ticks:
        assert float(place) == pytest.approx(100 * (float(blur) / 8) ** 0.5, abs=0.01)
    paper = {"source": "a.jpg", "status": "analysed", "error": None, "result": "r"}
    other = render_index([index_entry({**paper, "blur_median_map_units": 1.0})])
    assert "no pixels" in other
    assert re.findall(r'<text x="([\d.]+)%"[^>]*>5 and more', other) == ["100"]


def test_a_page_of_500_pictures_is_light():
    rows = [row(f"a folder/{index:04}.jpg", result=f"a folder/{index:04}") for index in range(500)]
    assert len(render_index(map(index_entry, rows)).encode()) < 500_000


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize(
    ("steps", "names", "count"),
    [
        ({}, ["p0.jpg", "p1.jpg"], PAGE_LENGTH),
        ({"order": "median-down"}, ["p98.jpg", "p97.jpg"], PAGE_LENGTH),
        ({"order": "name", "find": "P1"}, ["p1.jpg", "p10.jpg"], 11),
        ({"show": "failed"}, ["p99.jpg"], 1),
        ({"find": "of what kind"}, ["p99.jpg"], 1),
    ],
)
def test_a_browser_finds_orders_and_pages(tmp_path: Path, steps, names, count):
    rows = [row(f"p{index}.jpg", median=index / 10) for index in range(99)]
    rows.append({"source": "p99.jpg", "status": "failed", "error": "Nobody knows of what kind."})
    text = render_index(map(index_entry, rows))
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    code = "".join(
        f"document.getElementById('{name}').value = '{value}';"
        f"document.getElementById('{name}').dispatchEvent(new Event('input'));"
        for name, value in steps.items()
    )
    page = tmp_path / "index.html"
    page.write_text(text.replace("</body>", f"<script>{code}</script></body>"), "utf-8")
    shown = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    ).stdout
    cards = re.findall(r"<li(?=[ >])(?![^>]* hidden)[^>]*>.*?<h2>(.*?)</h2>", shown, re.S)
    assert cards[: len(names)] == names
    assert len(cards) == count
    assert re.search(r'<form class="controls tools">', shown)


@pytest.mark.parametrize(
    ("bound", "said"), [(None, "0.61"), ("lower", "at most 0.61"), ("upper", "at least 0.6")]
)
def test_the_overview_never_says_more_than_the_data_support(bound, said) -> None:
    row = {"source": "a.jpg", "result": "a", "score_label": "real", "likelihood_ratio": 0.607}
    entry = index_entry(row | {"at_bound": bound})
    assert entry.verdict == f"No sign of a pasted face, likelihood ratio {said}"


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ({"score_label": "fake", "likelihood_ratio": 56.2}, "Signs of a pasted face"),
        ({"score_label": "real", "likelihood_ratio": 0.42}, "No sign of a pasted face"),
        ({"score_label": "unsure", "score_reason": "too_small"}, "Undecided on its faces"),
        ({"score_label": "unsure", "score_reason": "no_face"}, ""),
        ({"score_label": "unsure"}, ""),  # no network judged
        ({}, ""),  # a table of an earlier version
    ],
)
def test_the_overview_says_what_was_found_of_faces(row, verdict) -> None:
    row = {"source": "a/b.jpg", "result": "b", "blur_median_px": 1.0} | row
    entry = index_entry(row)
    assert entry.verdict.startswith(verdict)
    assert bool(entry.verdict) == bool(verdict)
    page = render_index([entry])
    if verdict:
        assert f'verdict {row["score_label"]}">{verdict}' in page
    else:
        assert 'class="small verdict' not in page
    assert ("data-ratio" in page) == ("likelihood_ratio" in row)
