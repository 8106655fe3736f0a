"""EXIF data that contradict themselves are named; those that agree, or are missing, are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from skimage import data as samples

from blurprint import ProvenanceRow, read_provenance
from exif_data import exif, jpeg, jpeg_with

PICTURE = Image.fromarray(samples.coffee()[:200, :300])
TAKEN, CHANGED, DIGITISED = 0x9003, 0x0132, 0x9004
WIDTH, HEIGHT, ORIENTATION = 0xA002, 0xA003, 0x0112
FOCAL, FOCAL_35, LENS = 0x920A, 0xA405, 0xA432
MAKE, MODEL, MAKER_NOTE = 0x010F, 0x0110, 0x927C
F_NUMBER, APERTURE, EXPOSURE, SPEED = 0x829D, 0x9202, 0x829A, 0x9201
OFFSET_CHANGED, OFFSET_TAKEN = 0x9010, 0x9011
PLANE_X, PLANE_UNIT = 0xA20E, 0xA210
LATITUDE, LONGITUDE, GPS_TIME, GPS_DATE = 2, 4, 7, 0x1D

SOUND: dict[str, dict[int, Any]] = {
    "first": {MAKE: "Box", MODEL: "Box 1", CHANGED: "2024:05:01 12:00:05", ORIENTATION: 1},
    "detail": {
        TAKEN: "2024:05:01 12:00:05",
        DIGITISED: "2024:05:01 12:00:05",
        WIDTH: 300,
        HEIGHT: 200,
        FOCAL: 4.25,
        FOCAL_35: 26,
        F_NUMBER: 1.8,
        APERTURE: 1.7,
        EXPOSURE: 0.008,
        SPEED: 6.97,
        LENS: (1.5, 9.0, 1.5, 2.8),
        MAKER_NOTE: b"Box" * 20,
        OFFSET_TAKEN: "+02:00",
    },
    "gps": {
        LATITUDE: (48.0, 51.0, 29.0),
        LONGITUDE: (2.0, 17.0, 40.0),
        GPS_DATE: "2024:05:01",
        GPS_TIME: (10.0, 0.0, 1.0),
    },
}


def row_of(picture: Image.Image = PICTURE, **changed: dict[int, Any]) -> ProvenanceRow:
    entries = {name: {**SOUND[name], **changed.get(name, {})} for name in SOUND}
    entries = {
        name: {tag: value for tag, value in tags.items() if value is not None}
        for name, tags in entries.items()
    }
    return read_provenance(jpeg_with(picture, exif(**entries)))["exif"]


def test_data_of_a_camera_agree() -> None:
    row = row_of()
    assert (row.status, row.details["contradictions"]) == ("none", ()), row.found


def test_missing_exif_is_unknown_and_not_suspicious() -> None:
    row = read_provenance(jpeg(PICTURE))["exif"]
    assert row.status == "unknown"
    assert row.brief == ""
    assert "Missing EXIF is no sign of anything" in row.does_not_mean


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"detail": {TAKEN: "2025:01:01 00:00:00", DIGITISED: None}, "gps": {GPS_DATE: None}},
            "last changed before that",
        ),
        ({"detail": {DIGITISED: "2023:05:01 12:00:05"}}, "digitised before that"),
        ({"detail": {WIDTH: 4000, HEIGHT: 3000}}, "States 4000 x 3000 pixels"),
        ({"detail": {WIDTH: 200, HEIGHT: 300}}, "it was turned without a change of the entry"),
        ({"detail": {FOCAL_35: 900}}, "sensor with a diagonal of 0.204 mm"),
        ({"detail": {FOCAL: 50.0, FOCAL_35: 50}}, "a lens of 1.5 to 9 mm"),
        ({"detail": {APERTURE: 6.0}}, "the aperture value makes it 8"),
        ({"detail": {SPEED: 3.0}}, "the shutter speed value makes it 0.125 s"),
        ({"detail": {PLANE_X: 10.0, PLANE_UNIT: 4}}, "makes it 30 mm wide"),
        ({"first": {MAKE: None, MODEL: None}}, "maker note of a camera"),
        ({"gps": {GPS_DATE: "2024:04:20"}}, "UTC by GPS"),
        ({"gps": {LATITUDE: (148.0, 0.0, 0.0)}}, "no place on Earth"),
    ],
)
def test_each_contradiction_is_named_and_no_other(
    changed: dict[str, dict[int, Any]], words: str
) -> None:
    row = row_of(**changed)
    assert row.status == "found"
    assert words in row.found
    assert len(row.details["contradictions"]) == 1, row.found
    assert row.brief == "EXIF contradicts itself"


@pytest.mark.parametrize(
    "changed",
    [
        # The second does not count, nor do clocks that were never set.
        {"detail": {TAKEN: "2024:05:01 12:00:40"}},
        {"detail": {TAKEN: "0000:00:00 00:00:00"}},
        {"detail": {TAKEN: "    :  :     :  :  "}},
        {"first": {CHANGED: "2024:06:01 12:00:05"}},
        # 12:00 in Paris is before 06:30 in New York.
        {
            "first": {CHANGED: "2024:05:01 06:30:00"},
            "detail": {OFFSET_CHANGED: "-04:00", DIGITISED: None},
        },
        # Without a zone a local time may differ from UTC by up to 26 hours.
        {
            "detail": {OFFSET_TAKEN: None},
            "gps": {GPS_DATE: "2024:04:30", GPS_TIME: (11.0, 0.0, 0.0)},
        },
        {"detail": {FOCAL: 0.0}},
        {
            "detail": {TAKEN: "0001:01:01 00:00:00"},
            "gps": {GPS_DATE: "0001:01:01", GPS_TIME: (0.0, 0.0, 0.0)},
        },
        {"detail": {SPEED: None, APERTURE: None}},
        {"detail": {MAKER_NOTE: None}, "first": {MAKE: None, MODEL: None}},
        {"detail": {WIDTH: 0, HEIGHT: 0}},
    ],
)
def test_what_a_camera_may_write_is_no_contradiction(changed: dict[str, dict[int, Any]]) -> None:
    assert row_of(**changed).status == "none", row_of(**changed).found


def test_a_time_zone_is_offered_where_it_could_explain() -> None:
    hours = row_of(first={CHANGED: "2024:05:01 09:00:05"}, detail={DIGITISED: None})
    days = row_of(first={CHANGED: "2024:04:01 09:00:05"}, detail={DIGITISED: None})
    assert "another time zone could explain it" in hours.found
    assert "time zone could" not in days.found


def test_another_orientation_than_the_thumbnails() -> None:
    block = exif(SOUND["first"], SOUND["detail"], SOUND["gps"], {ORIENTATION: 6})
    row = read_provenance(jpeg_with(PICTURE, block))["exif"]
    assert "orientation 1, but its thumbnail has 6" in row.found


def test_a_thumbnail_of_another_shape() -> None:
    small = jpeg(PICTURE.resize((120, 80)).transpose(Image.Transpose.ROTATE_90))
    block = exif(SOUND["first"], SOUND["detail"], SOUND["gps"], thumbnail=small)
    row = read_provenance(jpeg_with(PICTURE, block))["exif"]
    assert "stored wide, but its thumbnail tall" in row.found


def test_another_camera_in_xmp() -> None:
    packet = b'<rdf:Description tiff:Make="Box" tiff:Model="Another &lt;box&gt;"/>'
    data = jpeg_with(PICTURE, exif(**SOUND), xmp=packet)
    row = read_provenance(data)["exif"]
    assert "EXIF names the model “Box 1”, but XMP “Another <box>”" in row.found
    assert len(row.details["contradictions"]) == 1


@pytest.mark.parametrize("container", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_other_containers(container: str, tmp_path: Any) -> None:
    tags = Image.Exif()
    tags[CHANGED] = "2020:01:01 00:00:00"
    tags.get_ifd(0x8769)[TAKEN] = "2024:01:01 00:00:00"
    options: dict[str, Any] = {"exif": tags}
    if container == "TIFF":
        own = TiffImagePlugin.ImageFileDirectory_v2()
        own[CHANGED] = "2020:01:01 00:00:00"
        own[0x8769] = {TAKEN: "2024:01:01 00:00:00"}
        options = {"tiffinfo": own}
    PICTURE.save(tmp_path / "picture", container, **options)
    row = read_provenance(tmp_path / "picture")["exif"]
    assert "last changed before that, at 2020-01-01" in row.found


def test_damaged_exif_is_said() -> None:
    block = exif(**SOUND)
    row = read_provenance(jpeg_with(PICTURE, block[:120]))["exif"]
    assert row.status in ("none", "unknown")
    assert "damaged" in row.found
    assert row.details["damaged"]


def test_random_exif_never_raises() -> None:
    rng = np.random.default_rng(1)
    block = exif(**SOUND)
    for _ in range(60):
        broken = bytearray(block)
        for place in rng.integers(4, len(block), 6):
            broken[place] = rng.integers(256)
        rows = read_provenance(jpeg_with(PICTURE, bytes(broken)))
        assert "unexpected error" not in " ".join(row.found for row in rows)
