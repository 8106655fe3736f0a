"""`read_provenance`: any file, any damage, and how a report carries it."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data as samples

import blurprint
from blurprint import InputError, PhotoError, Provenance, analyze, read_photo, read_provenance
from blurprint.photos.photo import Photo
from blurprint.provenance import read
from exif_data import exif, jpeg, jpeg_with
from odd_pictures import all_odd

NAMES = ["manifest", "generator", "software", "exif", "thumbnail", "jpeg", "recompression"]
PICTURE = Image.fromarray(samples.coffee()[:200, :300])
SMALL = jpeg(PICTURE.resize((96, 64)))
RICH = jpeg_with(
    PICTURE,
    exif({0x010F: "Box", 0x0131: "GIMP"}, {0x9003: "2024:01:01 10:00:00"}, {}, thumbnail=SMALL),
    xmp=b'<a xmp:CreatorTool="Tool"/>',
    comment=b"hello",
)


def sound(rows: Provenance) -> Provenance:
    assert [row.name for row in rows] == NAMES
    for row in rows:
        assert row.status in ("found", "none", "unknown", "not looked at")
        assert row.found.endswith((".", ".”)"))
        assert row.means
        assert row.does_not_mean
        assert "unexpected error" not in row.found, row.found
    json.dumps(rows.to_dict(), allow_nan=False, ensure_ascii=False).encode("utf-8")
    return rows


def test_path_and_bytes_give_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(RICH)
    rows = sound(read_provenance(RICH))
    assert rows == read_provenance(tmp_path / "a.jpg") == read_provenance(str(tmp_path / "a.jpg"))
    assert "software" in rows
    assert "another" not in rows
    with pytest.raises(KeyError, match='Expected one of "manifest"'):
        rows["another"]


def test_missing_files_and_other_things_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="cannot be read"):
        read_provenance(tmp_path / "none.jpg")
    with pytest.raises(InputError, match="path or the bytes"):
        read_provenance(3)


@pytest.mark.parametrize("odd", all_odd(), ids=lambda odd: odd.name)
def test_odd_pictures(odd: object) -> None:
    sound(read_provenance(odd.data))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"text", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM"])
def test_what_is_no_picture_is_unknown(data: bytes) -> None:
    rows = sound(read_provenance(data))
    assert rows["recompression"].status == "unknown"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    broken = bytearray(RICH[: data.draw(st.integers(0, len(RICH)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if broken:
            place = data.draw(st.integers(0, len(broken) - 1))
            broken[place] = data.draw(st.integers(0, 255))
    sound(read_provenance(bytes(broken)))


def test_a_fault_of_ours_costs_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(read, "software_row", fails)
    rows = read_provenance(RICH)
    assert rows["software"].status == "unknown"
    assert "unexpected error (RuntimeError)" in rows["software"].found
    assert rows["jpeg"].status == "found"


def test_rows_leave_their_process() -> None:
    rows = read_provenance(RICH)
    assert pickle.loads(pickle.dumps(rows)) == rows


def test_a_report_carries_it_from_paths_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(RICH)
    rows = read_provenance(RICH)
    assert analyze(tmp_path / "a.jpg", "edge").provenance == rows
    assert analyze(RICH, "edge").provenance == rows
    assert analyze(read_photo(tmp_path / "a.jpg"), "edge").provenance == rows


def test_a_picture_without_a_file_is_unknown() -> None:
    report = analyze(np.asarray(PICTURE), "edge")
    for row in sound(report.provenance):
        assert (row.status, row.found) == ("unknown", "Unknown: no file.")
    assert report.provenance.brief == "unknown"


def test_a_file_that_changed_or_went_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(RICH)
    photo = read_photo(file)
    file.write_bytes(SMALL)
    for row in sound(analyze(photo, "edge").provenance):
        assert row.found == "Unknown: the file has changed since it was read."
    file.unlink()
    for row in sound(analyze(photo, "edge").provenance):
        assert row.found == "Unknown: the file cannot be read any more."


def test_it_changes_neither_finding_nor_score() -> None:
    plain = analyze(jpeg(PICTURE), "edge")
    named = analyze(jpeg(PICTURE, xmp=b'<a xmp:CreatorTool="Midjourney"/>'), "edge")
    assert named.provenance["generator"].status == "found"
    assert named.finding == plain.finding
    assert named.score == plain.score
    assert [row.value for row in named] == [row.value for row in plain]


def test_a_photo_made_by_hand_has_no_file() -> None:
    photo = Photo(rgb=np.full((64, 64, 3), 0.5, np.float32), source="step.png")
    assert analyze(photo, "edge").provenance == read.NO_FILE


def test_the_brief_line_names_what_was_found() -> None:
    assert read_provenance(RICH).brief.startswith("names the editor “GIMP”")
    assert read_provenance(jpeg(PICTURE)).brief == "nothing found, which proves nothing"


def test_the_names_are_public() -> None:
    assert {"read_provenance", "Provenance", "ProvenanceRow"} <= set(blurprint.__all__)
