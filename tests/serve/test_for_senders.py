"""No text that a sender of files reads tells to give an option or to install a package."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import blurprint
from blurprint.analysis import analyze
from blurprint.clips.analyze_clip import analyze_clip
from blurprint.errors import install_extra
from blurprint.provenance.manifest import NOT_INSTALLED
from blurprint.serve import installed
from blurprint.serve.for_senders import clip_for_sender, for_sender, report_for_sender
from blurprint.serve.job import Failure, Upload
from blurprint.serve.work import analyze_upload
from served import acting_service, client_of
from videos import moving, write_video

ROOT = Path(blurprint.__file__).parent
ADVICE = re.compile(r"(?<![\w-])--[a-z]|\bpip\b|\binstall\b|\[[a-z]+\]'|\bneeds (the extra|Pillow)")
APART = {"catalogue", "cli", "doctor", "lab", "scan", "serve"}
"""Rooms whose words the service never passes on, and its own."""
NOT_PASSED_ON = {
    "errors.py": "makes the advice that others name",
    "optics/map_picture.py": "`plot`, which the service does not call",
    "evidence/reference_table.py": "the card of a table",
    "evidence/face_reference_table.py": "the card of a table",
}


def words_of(node: ast.expr) -> str:
    """The text of an expression, with 9 for what is only known when it runs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) for part in node.values)
    call = node.value if isinstance(node, ast.FormattedValue) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "install_extra":
        return install_extra(ast.literal_eval(call.args[0]))
    return "9"


def texts_of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)  # documentation
        if isinstance(node, ast.JoinedStr):
            skipped |= set(node.values)
        if isinstance(node, (ast.JoinedStr, ast.Constant)) and node not in skipped:
            yield words_of(node)


def advising() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT)
        if name.parts[0] not in APART:
            texts = [text for text in texts_of(path) if ADVICE.search(text)]
            if texts:
                found[name.as_posix()] = texts
    return found


def test_no_text_of_the_analysis_reaches_a_sender_with_advice():
    found = advising()
    assert set(NOT_PASSED_ON) <= set(found), "nothing is listed in vain"
    assert sum(map(len, found.values())) > len(NOT_PASSED_ON) + 5
    for name, texts in found.items():
        for text in texts if name not in NOT_PASSED_ON else ():
            left = for_sender(f"{text}.")
            assert not ADVICE.search(left), (name, left)
            assert "which needs" not in left


def upload(folder: Path, content: bytes, **given: object) -> Upload:
    path = folder / "upload"
    path.write_bytes(content)
    values = {
        **{"id": "a" * 32, "path": path, "name": "a.png", "folder": folder / "result"},
        **{"method": "net", "prior": 0.5, "max_side": 2048, "max_pixels": 10**8, "seconds": 9.0},
    }
    return Upload(**{**values, **given})


def failure(given: Upload) -> Failure:
    found = analyze_upload(given, lambda *_: None)
    assert found is not None
    return found


def test_a_narrow_picture_and_a_large_one(tmp_path):
    path = tmp_path / "narrow.png"
    Image.fromarray(np.zeros((10, 6000, 3), np.uint8)).save(path)
    found = failure(upload(tmp_path, path.read_bytes()))
    assert found.code == "unreadable"
    assert found.message.endswith("(reduced from 6000 x 10)")
    found = failure(upload(tmp_path, path.read_bytes(), max_pixels=1000))
    assert found.message == "declares 6000 x 10 pixels, more than the limit of 1,000"


def test_heic_and_videos_without_their_extras_are_invalid(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
    found = failure(upload(tmp_path, heic))
    assert found == Failure(
        "invalid", "is a HEIC picture, which this service is not set up to read"
    )
    monkeypatch.setitem(sys.modules, "av", None)
    found = failure(upload(tmp_path, b"\0\0\0\x18ftypmp42" + bytes(100)))
    assert found == Failure("invalid", "is a video, which this service is not set up to read")


NOTE = "It counts as a face of that size. A larger max_side (--max-side) shows more of it."


def test_reports_and_clips_have_no_advice_either(tmp_path):
    report = analyze(data.astronaut()[:200, 100:350])
    assert report.judged is not None
    row = replace(report.provenance.rows[0], found=f"Not read. {NOT_INSTALLED}")
    advised = replace(
        report,
        judged=replace(report.judged, notes=(NOTE,)),
        provenance=replace(report.provenance, rows=(row,)),
    )
    assert ADVICE.search(advised.to_json())
    plain = report_for_sender(advised)
    assert not ADVICE.search(plain.to_json())
    assert not re.search(r"--max-side|blurprint\[", plain.to_html())
    assert "this service is not set up to read manifests." in plain.to_json()
    clip = analyze_clip(write_video(tmp_path / "clip.mp4", moving(2)))
    shown = replace(clip.shown[0], report=advised)
    clip = replace(clip, shown=(shown,), failed={7: NOTE}, notes=(NOTE,), score_notes=(NOTE,))
    text = clip_for_sender(clip)
    assert not ADVICE.search(text.to_json())
    assert not ADVICE.search(text.shown[0].report.to_json())


@pytest.mark.parametrize("there", [True, False])
def test_the_page_and_the_limits_offer_what_is_read(tmp_path, monkeypatch, there):
    for module in ("pages", "routes.access"):
        for name in ("reads_heic", "reads_videos"):
            monkeypatch.setattr(import_module(f"blurprint.serve.{module}"), name, lambda: there)
    with client_of(acting_service(tmp_path)) as client:
        page, limits = client.get("/").text, client.get("/v1/limits").json()
    assert (limits["heic"], limits["videos"]) == (there, there)
    for kind in (".heic,", ".heif,", "video/*", ".mkv"):
        assert (kind in page) == there, kind
    assert 'accept="image/*,' in page


def test_what_is_installed_is_asked_of_the_installation(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setitem(sys.modules, "av", None)
    assert not installed.reads_heic()
    assert not installed.reads_videos()
