"""Files and requests that are made to do harm: each is a failure that says so, and no more."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from odd_pictures import chunk, png

SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">
<image href="http://127.0.0.1:1/fetched"/></svg>"""
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
PIXELS = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)


def encoded(container: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, container, **options)
    return buffer.getvalue()


def large_png(width: int, height: int) -> bytes:
    """A PNG that declares so many pixels, of zeros, which compress a thousandfold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A small PNG with a compressed text of 100 MB."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    return png(PIXELS, 2, chunk(b"zTXt", b"Comment\0\0" + text), depth=8)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("../../evil.py", "raise SystemExit")
    return buffer.getvalue()


def one(real, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg"):
    answer = real.post("/v1/analyze", files={"files": (name, content, kind)})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"][0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SVG, "SVG drawing"),
        (HTML, "not a picture"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (archive(), "archive"),
        (b"\x1aE\xdf\xa3" + bytes(100), "video"),
        (b"\0\0\0\x18ftypmp42" + bytes(100), "video"),
        (b"GIF89a" + HTML, "cannot be|not a picture|too few|limit of"),
        (b"\x89PNG\r\n\x1a\n" + HTML, "cannot be|not a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(1000), "cannot be|not a picture"),
        (b"#!/bin/sh\nrm -rf /\n", "not a picture"),
        (b"", "empty"),
        (bytes(100_000), "not a picture"),
        (encoded("JPEG")[:300], "cannot be|not a picture|truncated"),
        (png(PIXELS, 2, depth=8)[:60], "cannot be|truncated|not a picture"),
    ],
    ids=range(15),
)
def test_what_is_no_picture_is_said_to_be_none(real, content, message):
    state = one(real, content)
    assert (state["state"], state["error"]["code"]) == ("failed", "unreadable")
    assert re.search(message, state["error"]["message"])
    assert "Traceback" not in json.dumps(state)


def test_bombs_are_refused_before_they_are_unpacked(real):
    state = one(real, large_png(4000, 4000))
    assert state["error"]["message"].endswith("more than the limit of 1 million")
    assert "declares 4000 x 4000 pixels" in state["error"]["message"]
    header = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    state = one(real, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b""))
    assert state["error"]["code"] == "unreadable"
    state = one(real, text_bomb())
    assert state["state"] == "done", "the text is left out"
    assert real.get("/metrics").text.count("blurprint_processes_lost_total{") == 0


@pytest.mark.parametrize("container", ["JPEG", "PNG", "GIF", "BMP"])
def test_polyglots_are_the_pictures_that_they_are_and_nothing_else(real, container):
    """A picture that is HTML, SVG and an archive as well: none of that is ever given out."""
    state = one(real, encoded(container) + HTML + SVG + archive(), "a.html", "text/html")
    assert state["state"] == "done"
    assert state["report"]["input"]["format"] == container
    for link in state["links"].values():
        answer = real.get(link)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert b"alert(" not in answer.content
        assert b"evil.py" not in answer.content


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/cron.d/evil",
        "..\\..\\evil.jpg",
        "/etc/passwd",
        "a.jpg\r\nSet-Cookie: evil=1",
        'a.jpg"; filename="b.jpg',
        "<img src=x onerror=alert(1)>.jpg",
        "x" * 3000,
        "\u202egpj.exe",
        "con",
        "%2e%2e%2fevil",
        "{{7*7}}.jpg",
    ],
)
def test_names_do_no_harm(real, name):
    before = set(real.app.state.service.store.folder.parent.iterdir())
    boundary = b"EDGE"
    said = name.encode().replace(b'"', b'\\"')
    body = (
        b'--EDGE\r\nContent-Disposition: form-data; name="files"; filename="'
        + said
        + b'"\r\n\r\n'
        + encoded("PNG")
        + b"\r\n--EDGE--\r\n"
    )
    kind = f"multipart/form-data; boundary={boundary.decode()}"
    answer = real.post("/v1/analyze", content=body, headers={"Content-Type": kind})
    if answer.status_code == 400:  # a line break within a header ends it
        assert "\r" in name
        return
    state = answer.json()["results"][0]
    assert state["state"] == "done"
    assert len(state["name"]) <= 200
    assert "/" not in state["name"]
    assert "set-cookie" not in answer.headers
    page = real.get(state["links"]["report_html"])
    assert "set-cookie" not in page.headers
    assert "<img src=x" not in page.text
    assert "49.jpg" not in page.text
    assert set(real.app.state.service.store.folder.parent.iterdir()) == before


def test_a_thousand_small_files_are_refused_at_the_bound(real):
    files = [("files", (f"{n}.jpg", b"x")) for n in range(1000)]
    answer = real.post("/v1/analyze", files=files)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_many_files")
    assert list(real.app.state.service.store.uploads.iterdir()) == []


def test_a_large_file_is_refused(real):
    answer = real.post("/v1/analyze", files={"files": ("a.jpg", bytes(2_000_001))})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")
    assert list(real.app.state.service.store.uploads.iterdir()) == []


def test_the_log_holds_nothing_of_a_file(real, caplog):
    with caplog.at_level("INFO", logger="blurprint.serve"):
        one(real, SVG, "secret name.jpg")
        real.get("/v1/results/secretid?secret=1")
    said = "".join(f"{record.getMessage()}{record.__dict__}" for record in caplog.records)
    assert "'route': '/v1/analyze'" in said
    assert "secret" not in said
