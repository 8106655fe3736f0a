"""The side at which a scan measures blur, apart from that at which it judges faces."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image
from skimage import data

import blurprint
from blurprint.errors import InputError
from blurprint.faces.faces import at_size
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.photos.photo import Photo, read_photo
from blurprint.scan import bytes_row as module
from blurprint.scan.bytes_row import bytes_row
from blurprint.scan.scan_settings import ScanSettings
from blurprint.scan.table.columns import columns_of
from blurprint.scan.table.row import Row, full_row
from blurprint.score.blur_term import BlurTerm, blur_percentile, own_blur_percentile
from blurprint.score.face_judge import FaceJudge
from blurprint.score.face_share import measured_share
from blurprint.score.photo_score import score_with
from blurprint.score.rules import rules_of
from tiny_face import tiny_rules, write_tiny_face

OWN = ScanSettings(map_side=0)
SMALL = ScanSettings(map_side=300)
SEARCHED = {"judged_width_px", "judged_height_px", "face_eyes_native_px"}


@cache
def portrait() -> bytes:
    """512 x 384 px, eyes some 50 px apart."""
    file = io.BytesIO()
    Image.fromarray(data.astronaut()[:384]).save(file, "JPEG", quality=92)
    return file.getvalue()


def strip(height: int, width: int) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@cache
def row_of(settings: ScanSettings) -> Row:
    return bytes_row(portrait(), settings)


@pytest.mark.parametrize("side", [512, 640, 2048, 4000])
def test_a_side_that_reduces_nothing_changes_nothing(side: int) -> None:
    assert dict(bytes_row(portrait(), replace(OWN, map_side=side))) == dict(row_of(OWN))


def test_by_default_a_picture_of_up_to_640_px_has_the_row_of_its_own_size() -> None:
    assert dict(row_of(ScanSettings())) == dict(row_of(OWN))
    assert ScanSettings().map_side == 640


def test_the_map_is_that_of_analyze_at_this_side_and_faces_are_judged_at_the_larger_one() -> None:
    row, own, both = row_of(SMALL), row_of(OWN), row_of(ScanSettings(max_side=300))
    of_map = {name for name in both if not name.startswith(("face", "judged"))}
    of_map -= {"label", "likelihood_ratio", "p_fake", "at_bound", "strong", "notes"}
    of_map -= {name for name in of_map if name.startswith("abstain")}
    assert len(of_map) > 25
    assert {name: row[name] for name in of_map} == {name: both[name] for name in of_map}
    assert (row["working_width_px"], row["working_height_px"]) == (300, 225)
    assert (row["judged_width_px"], row["judged_height_px"]) == (512, 384)
    assert row["scale"] == 300 / 512
    assert row["blur_median_native_px"] == pytest.approx(row["blur_median_px"] * 512 / 300)
    assert (own["working_width_px"], own["judged_width_px"]) == (512, 512)
    assert row["faces"] == own["faces"] == 1
    assert row["likelihood_ratio"] == own["likelihood_ratio"], "the face network saw all pixels"
    assert "reduced" in str(row["doubts"]).split()
    assert "reduced" not in str(own["doubts"]).split()
    full_row(row, columns_of("net"))


def test_a_face_has_its_eyes_in_pixels_of_the_map_and_of_the_file() -> None:
    row, own = row_of(SMALL), row_of(OWN)
    assert own["face_eyes_px"] == own["face_eyes_native_px"]
    assert row["face_eyes_native_px"] == own["face_eyes_native_px"]
    assert row["face_eyes_px"] == pytest.approx(row["face_eyes_native_px"] * 300 / 512, rel=1e-5)
    assert row["face_inner_ring_log_ratio"] == pytest.approx(
        own["face_inner_ring_log_ratio"],
        abs=row["face_inner_ring_error_log_ratio"] + own["face_inner_ring_error_log_ratio"],
    )


def test_the_blur_of_a_face_is_read_where_it_lies_on_the_map() -> None:
    photo, whole = read_photo(portrait(), max_side=300), read_photo(portrait(), max_side=0)
    (face,) = at_size(find_faces_of(whole).found, 300 / 512)
    wanted = blur_percentile(photo, blurprint.estimate_defocus(photo), face)
    assert row_of(SMALL)["face_inner_ring_percentile"] == wanted is not None


def test_a_face_that_is_too_small_on_the_map_is_judged_and_its_blur_is_left_out() -> None:
    row, own = row_of(ScanSettings(map_side=120)), row_of(OWN)
    assert row["face_eyes_px"] < 16 < row["face_eyes_native_px"]
    assert not any(name.startswith(("face_inner", "face_noise", "face_camera")) for name in row)
    assert "px apart on the map, fewer than 16" in row["notes"] and "--map-side" in row["notes"]
    assert row["likelihood_ratio"] == own["likelihood_ratio"] or row["label"] == "unsure"


def test_the_map_alone_decodes_no_larger_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []
    read = module.read_photos

    def counted(data: bytes, sides: tuple[int, ...], *, max_pixels: int) -> tuple[Photo, ...]:
        asked.append(sides)
        return read(data, sides, max_pixels=max_pixels)

    monkeypatch.setattr(module, "read_photos", counted)
    alone = bytes_row(portrait(), replace(SMALL, faces=False))
    assert asked == [(300, 300)]
    assert {name: row_of(SMALL)[name] for name in alone} == dict(alone)
    assert not SEARCHED & alone.keys()


def test_a_strip_too_thin_at_this_side_is_measured_at_the_larger_one() -> None:
    row = bytes_row(strip(12, 900), ScanSettings(method="edge", map_side=300))
    assert row["status"] in ("ok", "no_face") and row["working_width_px"] == 900
    gone = bytes_row(strip(12, 900), ScanSettings(method="edge", map_side=300, max_side=400))
    assert gone["status"] == "too_small" and "--max-side" in gone["error"]


@pytest.mark.parametrize(
    ("map_side", "max_side", "side"),
    [(0, 0, 0), (640, 0, 640), (0, 2048, 2048), (640, 2048, 640), (2048, 640, 640)],
)
def test_no_map_is_larger_than_what_is_read(map_side: int, max_side: int, side: int) -> None:
    assert ScanSettings(map_side=map_side, max_side=max_side).side_of_map == side


def test_a_side_below_the_least_is_refused() -> None:
    with pytest.raises(InputError, match="Expected `map_side` to be 0 or at least 8, but got 3"):
        ScanSettings(map_side=3)


def test_a_score_takes_the_share_from_the_map_and_size_and_blur_from_the_photo(tmp_path) -> None:
    term = BlurTerm(weight=0.4, from_px=16, full_px=20)
    judge = FaceJudge.of(write_tiny_face(tmp_path, tiny_rules(blur=term), gain=1.0))
    rules = rules_of(judge.card)
    whole, photo = (read_photo(portrait(), max_side=side) for side in (0, 300))
    defocus = blurprint.estimate_defocus(photo)
    faces = find_faces_of(whole)
    own = score_with(judge, rules, whole, blurprint.estimate_defocus(whole), faces)
    found = score_with(judge, rules, whole, defocus, faces, of_map=photo)
    (face,) = at_size(faces.found, 300 / 512)
    (one,), (other,) = found.faces, own.faces
    assert one.facts.condition == other.facts.condition
    assert one.facts.condition.face_px == faces.found[0].eye_distance
    assert one.facts.measured == measured_share(defocus, face)
    percentile = own_blur_percentile(whole, faces.found[0], faces.found, "net")
    assert one.blur == term.at(percentile, one.facts.condition.face_px)
    assert abs(one.blur - other.blur) < 0.15
    reduced = blur_percentile(photo, defocus, face)
    assert abs(term.at(reduced, one.facts.condition.face_px) - other.blur) > 0.2
    assert one.reading is not None and other.reading is not None
    assert one.reading.logit == other.reading.logit
    with pytest.raises(InputError, match="Expected the map of the photo"):
        score_with(judge, rules, whole, defocus, faces)
    another = replace(photo, native_size=(999, 700))
    with pytest.raises(InputError, match="Expected the map of the same picture"):
        score_with(judge, rules, whole, defocus, faces, of_map=another)
