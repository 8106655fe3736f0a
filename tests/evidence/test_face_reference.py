"""How usual a face is: the table of portraits, people of equal weight, and when it is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint.errors import InputError
from blurprint.evidence import face_reference
from blurprint.evidence.evidence import Evidence, Reference
from blurprint.evidence.face_finding import face_words
from blurprint.evidence.face_reference import EYES, FEWEST, shipped_portraits, with_face_reference
from blurprint.evidence.face_reference_table import PortraitTable, PortraitTally, measure_portraits
from blurprint.evidence.face_scene import LOG_RATIO, FaceScene, scene_of
from blurprint.evidence.measure_faces import FACE_MEASURES, FaceEvidence, FacesFound
from blurprint.evidence.reference import PERCENTS
from blurprint.faces.face import Face
from blurprint.faces.faces import Faces
from blurprint.faces.find import FaceBox
from blurprint.optics.defocus_map import DefocusMap
from blurprint.optics.methods import weights_of
from blurprint.photos.photo import Photo

NAME = "face_inner_ring"


def face(eyes: float) -> Face:
    frame = np.array([(-0.5, -0.55), (0.5, -0.55), (0, 0.1), (-0.4, 0.55), (0.4, 0.55)])
    return Face(FaceBox(0, 0, 100, 100), (eyes * frame + 60).astype(np.float32), 1.0)


def row(value: float | None, **facts: object) -> Evidence:
    return Evidence(NAME, "Inner face", value, LOG_RATIO, "A sentence.", error=0.01, **facts)


def found(value: float | None, eyes: float = 60.0, **facts: object) -> FaceEvidence:
    return FaceEvidence(face(eyes), (), (row(value, **facts),), ())


def scene(eyes: float = 60.0, method: str = "edge") -> FaceScene:
    one = np.ones((120, 120), np.float32)
    photo = Photo(rgb=np.full((120, 120, 3), 0.5, np.float32))
    return scene_of(photo, DefocusMap(one, one, method), face(eyes))


@pytest.fixture
def hundred(monkeypatch: pytest.MonkeyPatch) -> Iterator[PortraitTally]:
    """A table of a hundred people of values 0.01, 0.02, ... 1, and one more with 500 portraits."""
    tally = PortraitTally("edge")
    for index in range(100):
        tally.add(f"person {index}", found((index + 1) / 100))
    for _ in range(500):
        tally.add("person 0", found(0.01))
    table = PortraitTable(tally, 600, 0, ())
    monkeypatch.setattr(face_reference, "shipped_portraits", lambda: json.loads(table.to_json()))
    yield tally


def test_people_count_alike_whatever_the_number_of_their_portraits(hundred: PortraitTally):
    reference = with_face_reference(row(0.5), scene()).reference
    assert reference is not None
    assert reference.percentile == pytest.approx(50, abs=1.5)
    assert reference.photographs == 600
    assert reference.group == "of 100 people with eyes 54 to 80 px apart"


@pytest.mark.parametrize(
    ("one", "where", "why"),
    [
        (row(None), scene(), "no value"),
        (row(0.5), scene(30), "fewer than 30 people with eyes 24 to 36 px apart"),
        (row(0.5), scene(400), "more than 180 px apart"),
        (row(0.5), scene(method="net"), 'method "net"'),
        (row(0.5, no_reference="Not compared: a check."), scene(), "Not compared"),
    ],
)
def test_where_nobody_is_alike_it_is_unknown(
    hundred: PortraitTally, one: Evidence, where: FaceScene, why: str
):
    compared = with_face_reference(one, where)
    assert compared.reference is None
    assert why in compared.no_reference


def test_a_class_of_fewer_people_is_left_out():
    tally = PortraitTally("edge")
    for index in range(FEWEST - 1):
        tally.add(f"{index}", found(0.1))
        tally.add(f"{index}", found(0.2))
    assert tally.to_dict()["groups"] == []
    tally.add("one more", found(0.1))
    (group,) = tally.to_dict()["groups"]
    assert group["measures"][NAME]["people"] == FEWEST


@pytest.mark.parametrize(
    ("eyes", "words"),
    [(15.9, "less than 16 px apart in the picture"), (180.5, "more than 180 px apart in the")],
)
def test_eyes_beyond_the_table_are_said_to_be_on_the_side_on_which_they_are(eyes, words, hundred):
    told = with_face_reference(row(0.5), scene(eyes))
    assert told.reference is None and words in told.no_reference


def test_a_face_of_no_class_is_counted_as_left_out():
    tally = PortraitTally("edge")
    tally.add("a", found(0.1, eyes=500))
    assert tally.to_dict()["left_out"] == {"of no class of size": 1}


def test_the_shipped_table_is_of_the_shipped_weights():
    """After other weights: blurprint benchmark portraits, as docs/report.md says."""
    table = shipped_portraits()
    assert table["methods"]["net"]["weights_sha256"] == weights_of("net")
    assert table["eyes_bounds_px"] == list(EYES)
    assert table["percents"] == list(PERCENTS)
    for group in table["methods"]["net"]["groups"]:
        assert set(group["measures"]) <= set(FACE_MEASURES) - {"face_camera"}
        for measure in group["measures"].values():
            assert measure["people"] >= FEWEST
            assert measure["quantiles"] == sorted(measure["quantiles"])


def test_a_folder_is_measured_at_two_sizes_and_its_manifest_names_people(tmp_path: Path):
    portraits = tmp_path / "portraits"
    portraits.mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(data.astronaut()).save(portraits / name)
    Image.fromarray(data.coffee()).save(portraits / "c.png")
    (portraits / "d.png").write_bytes(b"broken")
    lines = ["path,group", "portraits/a.png,one", "portraits/b.png,one"]
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    table = measure_portraits(portraits, "edge")
    assert (table.portraits, table.without_face, len(table.unread)) == (2, 1, 1)
    counted = [
        (eyes, len(rows["face_noise"]), {person for person, _ in rows["face_noise"]})
        for eyes, rows in sorted(table.tally._values.items())
    ]
    assert counted == [((16, 24), 2, {"one"}), ((36, 54), 2, {"one"})]


def test_a_folder_without_a_face_and_a_wrong_manifest_are_refused(tmp_path: Path):
    Image.fromarray(cv2.resize(data.coffee(), (120, 80))).save(tmp_path / "c.png")
    with pytest.raises(InputError, match="found a face in none"):
        measure_portraits(tmp_path, "edge")
    (tmp_path / "manifest.csv").write_text("file,person\n")
    with pytest.raises(InputError, match=r"manifest\.csv: Expected the columns"):
        measure_portraits(tmp_path, "edge")


def ranked(percentile: float, value: float = 0.9) -> FaceEvidence:
    reference = Reference(percentile, -0.1, 0.1, 400, "of 300 people")
    return found(value, reference=reference)


def words(*measured: FaceEvidence) -> str:
    faces = Faces(found=tuple(one.face for one in measured), least_px=40)
    return face_words(FacesFound(faces, measured))


def test_the_finding_names_the_most_unusual_row_and_other_explanations():
    said = words(ranked(99.2))
    assert "1 face found by MTCNN." in said
    assert "“Inner face” stands out most: higher than in 99 % of 400 ordinary portraits" in said
    assert "Portrait mode, retouching, make-up, motion and compression" in said
    assert "Face 2's “Inner face” stands out" in words(ranked(50, 0.0), ranked(0.5, -0.9))


def test_the_finding_says_where_nothing_is_unusual_or_unknown():
    assert (
        "Nothing measured of it is unusual; farthest out is “Inner face”, higher than in 80 %"
        in (words(ranked(80, 0.05)))
    )
    assert "How usual its blur is, is unknown: a sentence." in words(found(None))
    assert "How usual their blur is, is unknown: a sentence." in words(found(None), found(None))
    one = ranked(80, 0.05)
    small = Faces(found=(one.face,), small=(one.face,), least_px=40)
    assert "Nothing measured of the larger one is unusual" in face_words(FacesFound(small, (one,)))
    eleven = Faces(found=(one.face,) * 11, least_px=40)
    assert "The 10 largest are measured, 1 is not." in FacesFound(eleven, (one,) * 10).words
    assert face_words(None) == ""
    assert face_words(FacesFound(Faces(least_px=40), ())).startswith("No face found by MTCNN.")
