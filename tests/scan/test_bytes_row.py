"""The row of a picture: the numbers of its report, and a word for all that can go wrong."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

import blurprint
from blurprint.evidence.doubts import check_doubts
from blurprint.photos.photo import read_photo
from blurprint.report.report import Report
from blurprint.scan import bytes_row as module
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.row import Row, full_row

ASTRONAUT, COFFEE = "astronaut", "coffee"


@cache
def jpeg(name: str, side: int = 0, quality: int = 90) -> bytes:
    picture = Image.fromarray(getattr(data, name)())
    if side:
        picture.thumbnail((side, side))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


@cache
def two_faces() -> bytes:
    """A portrait and the same one smaller, of which either may be the one that decides."""
    portrait = data.astronaut()[:300, 60:420]
    small = cv2.resize(portrait, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    whole = np.full((300, 360 + small.shape[1], 3), 120, np.uint8)
    whole[:, :360] = portrait
    whole[: small.shape[0], 360:] = small
    file = io.BytesIO()
    Image.fromarray(whole).save(file, "PNG")
    return file.getvalue()


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def reported(picture: bytes, settings: ScanSettings) -> tuple[Report, dict[str, object]]:
    photo = read_photo(picture, max_side=settings.max_side)
    report = blurprint.analyze(photo, settings.method, prior=settings.prior)
    return report, report.to_dict()


PICTURES = {
    "a face": (lambda: jpeg(ASTRONAUT), ScanSettings()),
    "a face, reduced": (lambda: jpeg(ASTRONAUT), ScanSettings(max_side=300, prior=0.02)),
    "a small face": (lambda: jpeg(ASTRONAUT, 128), ScanSettings()),
    "compressed": (lambda: jpeg(ASTRONAUT, 0, 20), ScanSettings(max_side=256)),
    "two faces": (two_faces, ScanSettings()),
    "no face": (lambda: jpeg(COFFEE, 299), ScanSettings()),
    "edge": (lambda: jpeg(ASTRONAUT, 299), ScanSettings(method="edge")),
    "paper": (lambda: jpeg(ASTRONAUT, 128), ScanSettings(method="paper")),
    "nothing measured": (lambda: png(np.full((90, 120, 3), 128, np.uint8)), ScanSettings()),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_numbers_are_those_of_the_report(name):
    make, settings = PICTURES[name]
    row = bytes_row(make(), settings)
    report, document = reported(make(), settings)
    source, score, search = (document[key] for key in ("input", "score", "face_search"))
    assert row["status"] == ("ok" if search["found"] + search["small"] else "no_face")
    for key in ("format", "native_width", "native_height", "working_width", "working_height"):
        assert row[key if key == "format" else f"{key}_px"] == source[key]
    assert row["scale"] == source["scale"]
    for one in report.evidence:
        same(row, one)
    unit = report.defocus.unit.replace(" ", "_")
    for place, value in (document["defocus"]["percentiles"] or {}).items():
        assert row[f"blur_{place}_{unit}"] == value
    assert row["faces"] == search["found"] + search["small"]
    assert row["faces_small"] == search["small"]
    for key in ("label", "likelihood_ratio", "at_bound", "prior", "abstain_code", "face"):
        assert row[key] == score[key]
    assert row["p_fake"] == score["value"]
    shown = document["faces"]
    assert ("face_eyes_px" in row) == bool(shown)
    if shown:
        place = int(score["face"].removeprefix("face ")) - 1 if score["face"] else 0
        assert row["face_eyes_px"] == shown[place]["eye_distance"]
        for one in report.faces.measured[place].rows:
            same(row, one)
    full_row(row, columns_of(settings.method))  # no column that the table has not


def same(row: Row, one) -> None:
    """Alike but for the order of sums, which follows where arrays lie in memory."""
    values = {name: row[name] for name in row if name.startswith(one.name)}
    word = {"px^2": "px2", "%": "percent", "log ratio": "log_ratio"}.get(one.unit, one.unit)
    word = word.replace(" ", "_").replace("^", "")
    expected = {
        f"{one.name}_{word}": one.value,
        f"{one.name}_error_{word}": one.error,
        f"{one.name}_percentile": one.reference and one.reference.percentile,
    }
    if one.native is not None:
        expected[f"{one.name}_native_{word}"] = one.native
    known = {name: value for name, value in expected.items() if value is not None}
    assert {name: values[name] for name in known} == pytest.approx(known, rel=1e-9)
    assert {name: value for name, value in values.items() if name not in known} == dict.fromkeys(
        expected.keys() - known
    )


def test_the_face_that_decides_is_the_one_that_is_shown():
    row = bytes_row(two_faces(), ScanSettings())
    report, _ = reported(two_faces(), ScanSettings())
    eyes = [one.face.eye_distance for one in report.faces.measured]
    assert len(eyes) == 2
    assert row["face_eyes_px"] == eyes[int(row["face"][-1]) - 1]


def test_doubts_are_those_of_the_file(tmp_path):
    picture = jpeg(ASTRONAUT, 0, 20)
    file = tmp_path / "strong.jpg"
    file.write_bytes(picture)
    photo = read_photo(file)
    found = [d.name for d in check_doubts(photo, blurprint.estimate_defocus(photo)) if d.found]
    row = bytes_row(picture, ScanSettings())
    assert "compressed" in found
    assert row["doubts"].split() == found
    assert "compressed" not in (bytes_row(jpeg(ASTRONAUT, 256), ScanSettings())["doubts"] or "")


def test_the_map_alone_looks_for_no_faces(monkeypatch):
    whole = bytes_row(jpeg(ASTRONAUT), ScanSettings())

    def never(*_: object, **__: object) -> None:
        raise AssertionError("asked for faces")

    monkeypatch.setattr(module, "find_faces_of", never)
    monkeypatch.setattr(module, "score_of", never)
    alone = bytes_row(jpeg(ASTRONAUT), ScanSettings(faces=False))
    assert alone["status"] == "ok"
    assert not {"faces", "label", "face_eyes_px"} & alone.keys()
    assert {key: whole[key] for key in alone} == dict(alone)


@pytest.mark.parametrize(
    ("picture", "settings", "status", "words"),
    [
        (lambda: b"", {}, "unreadable", "the file is empty"),
        (lambda: b"GIF89a no picture", {}, "unreadable", ""),
        (lambda: jpeg(ASTRONAUT)[:200], {}, "unreadable", ""),
        (lambda: png(np.zeros((7, 90, 3), np.uint8)), {}, "too_small", "90 x 7 pixels are too few"),
        (
            lambda: png(np.zeros((16, 900, 3), np.uint8)),
            {"max_side": 100},
            "too_small",
            "reduced from 900 x 16",
        ),
        (lambda: jpeg(ASTRONAUT), {"max_pixels": 1000}, "too_large", "512 x 512 pixels, more than"),
    ],
)
def test_what_cannot_be_measured_is_a_row_that_says_why(picture, settings, status, words):
    row = bytes_row(picture(), ScanSettings(**settings))
    assert set(row) == {"status", "error"}
    assert row["status"] == status
    assert words in row["error"] and not row["error"].startswith("<bytes>")


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [
        (ValueError("no such\nthing"), "failed", "unexpected error (ValueError: no such thing)"),
        (MemoryError(), "unreadable", "not enough memory"),
    ],
)
def test_nothing_that_is_raised_ends_a_scan(monkeypatch, raised, status, words):
    def broken(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(module, "estimate_defocus", broken)
    row = bytes_row(jpeg(ASTRONAUT), ScanSettings())
    assert row["status"] == status and words in row["error"]


def test_notes_say_what_was_done_and_why_nothing_was_measured():
    pixels = np.random.default_rng(0).integers(0, 256, (400, 400, 3), np.uint8)
    row = bytes_row(png(pixels), ScanSettings())
    assert "hides the blur" in row["notes"] and row["blur_median_px"] is None
    gray = bytes_row(png(data.astronaut()[..., 0]), ScanSettings(faces=False))
    assert "The picture is gray" in gray["notes"]
