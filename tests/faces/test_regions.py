"""Where the regions of a face lie."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.faces.find_faces_of import find_faces_of
from blurprint.faces.regions import NAMES, filled, regions_of
from blurprint.photos.photo import Photo


def face_at(x: float, y: float, eyes: float = 40.0, tilt: float = 0.0) -> Face:
    """An upright face around a point, turned clockwise by `tilt` radians."""
    frame = np.array([(-0.5, -0.55), (0.5, -0.55), (0, 0.1), (-0.4, 0.55), (0.4, 0.55)])
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    landmarks = (eyes * frame) @ turn + (x, y)
    return Face(FaceBox(x - eyes, y - eyes, 2 * eyes, 2 * eyes), landmarks.astype(np.float32), 1.0)


def test_every_place_is_in_the_region_where_it_belongs():
    parts = regions_of(face_at(200, 200), (400, 400))
    places = {
        "eye": (180, 178),
        "mouth": (200, 222),
        "forehead": (200, 145),
        "neck": (200, 265),
        "ear": (252, 190),
        "above": (200, 40),
        "beside": (40, 200),
        "shoulder": (320, 340),
    }
    inside = {
        name: {region for region in NAMES if getattr(parts, region)[y, x]}
        for name, (x, y) in places.items()
    }
    assert inside == {
        "eye": {"inner", "oval"},
        "mouth": {"inner", "oval"},
        "forehead": {"oval", "ring"},
        "neck": {"ring"},
        "ear": {"ring"},
        "above": {"background"},
        "beside": {"background"},
        "shoulder": set(),
    }


def test_regions_do_not_overlap_where_they_are_compared():
    parts = regions_of(face_at(200, 200), (400, 400))
    assert not (parts.inner & parts.ring).any()
    assert not (parts.oval & parts.background).any()
    assert not (parts.ring & parts.background).any()
    assert (parts.inner <= parts.oval).all()


def test_regions_turn_with_the_face():
    upright = regions_of(face_at(200, 200), (401, 401))
    fallen = regions_of(face_at(200, 200, tilt=np.pi / 2), (401, 401))
    for name in NAMES:
        expected = np.rot90(getattr(upright, name), -1)
        differing = np.mean(expected != getattr(fallen, name))
        assert differing < 0.02, name


def test_regions_scale_with_the_face():
    areas = [
        {
            name: getattr(regions_of(face_at(300, 300, eyes), (600, 600)), name).sum()
            for name in NAMES
        }
        for eyes in (40, 80)
    ]
    for name in ("inner", "oval", "ring"):
        assert areas[1][name] / areas[0][name] == pytest.approx(4, rel=0.03)


def test_another_face_is_neither_surround_nor_background():
    one, other = face_at(150, 200), face_at(235, 200)
    alone, beside = regions_of(one, (400, 400)), regions_of(one, (400, 400), [other])
    theirs = regions_of(other, (400, 400)).oval
    assert (alone.ring & theirs).any()
    assert not (beside.ring & theirs).any()
    assert not (beside.background & theirs).any()


def test_a_face_beyond_the_border_has_what_is_seen_of_it():
    parts = regions_of(face_at(0, 30), (60, 80))
    assert parts.inner.shape == (60, 80)
    assert 0 < parts.inner.sum() < regions_of(face_at(200, 200), (400, 400)).inner.sum()


def test_a_polygon_holds_the_pixels_whose_centres_it_holds():
    assert filled(np.float32([[1, 1], [4, 1], [4, 3], [1, 3]]), (6, 8)).sum() == 12


def test_the_inner_face_of_the_astronaut_holds_her_landmarks():
    photo = Photo.from_array(data.astronaut())
    (face,) = find_faces_of(photo).found
    parts = regions_of(face, photo.rgb.shape[:2])
    for x, y in face.landmarks:
        assert parts.inner[round(float(y)), round(float(x))]
