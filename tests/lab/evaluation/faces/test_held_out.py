"""Who is tested: those whom the card's training held out, or nobody."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.lab.evaluation.faces import held_out
from blurprint.lab.evaluation.faces.held_out import people_of, sides_of
from blurprint.lab.fakes.people import People, Person
from blurprint.lab.fakes.store import groups_sha256, split_people


def person(number: int, licence: str = "") -> Person:
    points = np.array([[10, 10], [30, 10], [20, 20], [12, 30], [28, 30]], np.float32)
    face = Face(FaceBox(5, 5, 30, 35, 2.5), points + number, 0.99)
    return Person(
        Path(f"{number}.png"),
        f"group {number // 2}",
        licence,
        "phone" if number % 2 else "",
        face,
        np.zeros((5, 2), np.float32) + np.float32(number / 7),
        np.zeros(3, np.float32),
    )


PEOPLE = [person(number, "CC0" if number < 60 else "none stated") for number in range(80)]


def card(people: list[Person], *, hashed: bool = True, **settings: object) -> dict:
    settings = {"seed": 7, "held_out": 0.2, **settings}
    sides = split_people(people, settings["held_out"], 7)
    training = {
        "settings": settings,
        "faces": {name: len(side) for name, side in sides.items()},
        "groups": {name: len({one.group for one in side}) for name, side in sides.items()},
    }
    if hashed:
        training["groups_sha256"] = {name: groups_sha256(side) for name, side in sides.items()}
    return {"training": training}


@pytest.mark.parametrize("hashed", [True, False])
def test_the_split_is_that_of_the_card(hashed: bool) -> None:
    found = sides_of(PEOPLE, card(PEOPLE, hashed=hashed))
    sides = split_people(PEOPLE, 0.2, 7)
    assert list(found.held_out) == sides["validation"]
    assert list(found.seen) == sides["train"]
    assert found.notes == ()


@pytest.mark.parametrize(("hashed", "said"), [(True, "SHA-256"), (False, "the card has")])
def test_other_people_are_refused_or_said(hashed: bool, said: str) -> None:
    held_out = split_people(PEOPLE, 0.2, 7)["validation"]
    other = [one for one in PEOPLE if one.group != held_out[0].group]
    with pytest.raises(InputError, match=f"{said}.*--allow-seen"):
        sides_of(other, card(PEOPLE, hashed=hashed))
    found = sides_of(other, card(PEOPLE, hashed=hashed), allow_seen=True)
    assert "may have been seen" in found.notes[0]


def test_more_people_on_the_side_of_the_training_are_no_reason_to_refuse() -> None:
    new = next(
        one
        for one in map(person, range(900, 1000, 2))
        if split_people([one], 0.2, 7)["train"] and one.group not in {p.group for p in PEOPLE}
    )
    found = sides_of([*PEOPLE, new], card(PEOPLE))
    assert list(found.held_out) == split_people(PEOPLE, 0.2, 7)["validation"]
    assert "held out are those of the training" in found.notes[0]
    with pytest.raises(InputError, match="the card has"):  # counts cannot tell the sides
        sides_of([*PEOPLE, new], card(PEOPLE, hashed=False))


def test_a_training_on_free_faces_held_out_some_of_these() -> None:
    free = PEOPLE[:60]
    found = sides_of(PEOPLE, card(free, free_only=True))
    assert list(found.held_out) == split_people(free, 0.2, 7)["validation"]


def test_a_card_without_a_split_tests_everybody_and_says_so() -> None:
    found = sides_of(PEOPLE, {"config": {}, "training": {"epochs": 3}})
    assert list(found.held_out) == PEOPLE
    assert list(found.seen) == []
    assert "not known" in found.notes[0]


def test_a_split_that_held_nobody_out_is_refused() -> None:
    with pytest.raises(InputError, match="has none"):
        sides_of(PEOPLE[:1], card(PEOPLE[:1], held_out=0.0))


def test_faces_are_kept_until_a_picture_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "faces", tmp_path / "out"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), np.zeros((40, 40, 3), np.uint8))
    calls = []

    def find(path: Path, each: object) -> People:
        calls.append(path)
        return People((person(1), person(2)), {"no face found": 3}, ("a note",))

    monkeypatch.setattr(held_out, "find_people", find)
    first, again = people_of(folder, out), people_of(folder, out)
    assert len(calls) == 1
    assert again.left_out == first.left_out
    assert again.notes == first.notes
    for one, other in zip(first.faces, again.faces, strict=True):
        assert (one.path, one.group, one.kind, one.face.box) == (
            other.path,
            other.group,
            other.kind,
            other.face.box,
        )
        assert (one.face.landmarks == other.face.landmarks).all()
        assert (one.shape == other.shape).all()
    cv2.imwrite(str(folder / "b.png"), np.zeros((50, 40, 3), np.uint8))
    people_of(folder, out)
    assert len(calls) == 2
    (out / "people.json").write_text("{")
    people_of(folder, out)
    assert len(calls) == 3


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Expected a folder"):
        people_of(tmp_path / "nowhere", tmp_path)
