"""Who may be tested: the people that a detector's training held out, by what its card says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.errors import InputError
from blurprint.faces.face import Face
from blurprint.faces.find import FaceBox
from blurprint.files import make_folder, write_atomic
from blurprint.lab.fakes.people import MANIFEST, People, Person, find_people
from blurprint.lab.fakes.store import groups_sha256, split_people
from blurprint.lab.training.face.recipe import is_free
from blurprint.scan.inputs import find_inputs

FOUND: Final = "people.json"
"""File in the folder of results that keeps the faces that were found."""


_SEEN_DIFFER: Final = (
    "The people held out are those of the training (by the SHA-256 of the groups' names). Of the "
    'others some differ, so that some of those listed as "seen in training" may not have been seen.'
)


@dataclass(frozen=True, slots=True)
class Sides:
    """People of a folder by what the detector saw of them.

    Attributes:
        held_out: nobody of a group that was trained on.
        seen: the others of training; none where the card states no split.
        notes: what a reader must know of the split, a sentence each.
    """

    held_out: Sequence[Person]
    seen: Sequence[Person]
    notes: tuple[str, ...]


def sides_of(people: Sequence[Person], card: dict[str, Any], *, allow_seen: bool = False) -> Sides:
    """Split people as the training did.

    A card of the face network states the seed and the share of its split under
    ``training.settings``; the side of a person depends on these and on the name of the group
    alone. Whether the groups held out are those of the training is seen by their SHA-256
    (``training.groups_sha256``), or, on cards without it, by the numbers of faces and groups on
    both sides. Where only the groups of the other side differ, nobody tested was trained on, and a
    note says what differs. The card of another detector states no such split: then everybody is
    tested, and a note says that nobody knows whether the detector saw them.

    Args:
        people: of the folder.
        card: its content.
        allow_seen: test also where the groups are not those of the training.

    Raises:
        InputError: if the groups are not those of the training, unless that is allowed; if nobody
            was held out.
    """
    stated = card.get("training")
    training = stated if isinstance(stated, dict) else {}
    settings = training.get("settings") or {}
    if not {"seed", "held_out"} <= set(settings):
        note = (
            "The card states no split by people: all of the folder are tested, and it is not known "
            "whether the detector saw them in training."
        )
        return Sides(people, (), (note,))
    kept = [one for one in people if not settings.get("free_only") or is_free(one.licence)]
    split = split_people(kept, float(settings["held_out"]), int(settings["seed"]))
    held_out, seen = split["validation"], split["train"]
    differ = _difference(training, split)
    notes = []
    if differ == _SEEN_DIFFER:
        notes.append(differ)
    elif differ:
        sentence = f"The people of this folder are not those of the training ({differ})"
        if not allow_seen:
            raise InputError(
                f"{sentence}, so that some of whom the split holds out may have been trained on. "
                "Give the folder of the training, or --allow-seen"
            )
        notes.append(f"{sentence}: some may have been seen in training.")
    if not held_out:
        raise InputError("Expected people that the training held out, but this folder has none")
    return Sides(held_out, seen, tuple(notes))


def _difference(training: dict[str, Any], split: dict[str, list[Person]]) -> str:
    """How the people differ from those of the card: "", :data:`_SEEN_DIFFER`, or otherwise."""
    stated = training.get("groups_sha256")
    if stated is not None:
        found = {name: groups_sha256(side) for name, side in split.items()}
        if found == stated:
            return ""
        if found["validation"] == stated.get("validation"):
            return _SEEN_DIFFER
        return "the SHA-256 of the groups' names differs"
    counted = {
        "faces": {name: len(side) for name, side in split.items()},
        "groups": {name: len({one.group for one in side}) for name, side in split.items()},
    }
    for what, numbers in counted.items():
        wanted = training.get(what)
        if numbers != wanted:
            return f"{what}: {_counts(numbers)}; the card has {_counts(wanted)}"
    return ""


def _counts(numbers: object) -> str:
    if not isinstance(numbers, dict):
        return "none"
    return ", ".join(f"{count} of {name}" for name, count in sorted(numbers.items()))


def people_of(folder: Path, out: Path, *, each: Callable[[int, int], None] | None = None) -> People:
    """The faces of a folder, kept in `out` for the next time.

    What was kept counts as long as no picture and no manifest changed its size or time.

    Args:
        folder: as :func:`~blurprint.lab.fakes.people.find_people` takes it.
        out: where the faces are kept.
        each: progress, as there.

    Raises:
        InputError: as there.
        OutputError: if `out` cannot be written.
    """
    file, state = out / FOUND, _state(folder)
    if file.is_file():
        try:
            kept = json.loads(file.read_text("utf-8"))
            if kept["state"] == state:
                faces = tuple(_person(one) for one in kept["faces"])
                return People(faces, kept["left_out"], tuple(kept["notes"]))
        except (OSError, ValueError, KeyError, TypeError):
            pass  # found again
    found = find_people(folder, each=each)
    make_folder(out)
    document = {
        "state": state,
        "faces": [_document(one) for one in found.faces],
        "left_out": found.left_out,
        "notes": list(found.notes),
    }
    write_atomic(file, json.dumps(document).encode())
    return found


def _state(folder: Path) -> str:
    if not folder.is_dir():
        raise InputError(f"{folder}: Expected a folder of pictures of real faces")
    pictures = [one.path for one in find_inputs([str(folder)], recursive=True).pictures]
    manifests = [home / MANIFEST for home in (folder, folder.parent)]
    lines = []
    for path in (*pictures, *(one for one in manifests if one.is_file())):
        found = path.stat()
        lines.append(f"{path.resolve()} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _document(person: Person) -> dict[str, Any]:
    box = person.face.box
    return {
        "path": str(person.path),
        "group": person.group,
        "licence": person.licence,
        "kind": person.kind,
        "box": [box.left, box.top, box.width, box.height, box.score],
        "landmarks": person.face.landmarks.tolist(),
        "probability": person.face.probability,
        "shape": person.shape.tolist(),
        "colour": person.colour.tolist(),
    }


def _person(document: dict[str, Any]) -> Person:
    face = Face(
        FaceBox(*document["box"]),
        np.array(document["landmarks"], np.float32),
        document["probability"],
    )
    return Person(
        Path(document["path"]),
        document["group"],
        document["licence"],
        document["kind"],
        face,
        np.array(document["shape"], np.float32),
        np.array(document["colour"], np.float32),
    )
