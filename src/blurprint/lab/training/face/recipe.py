"""From a folder of real faces to the face network with its card: every step, each kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.files import make_folder, write_all
from blurprint.lab.fakes.pairs import HELD_OUT, Recipe
from blurprint.lab.fakes.people import People, Person, find_people
from blurprint.lab.fakes.store import CHUNK, render_pairs, split_people
from blurprint.lab.models.face import FaceNetwork
from blurprint.lab.training.face.autoencoder import WAISTS, train_autoencoders
from blurprint.lab.training.face.settings import FaceTraining
from blurprint.lab.training.face.train import FaceProgress, train_face

FREE: Final = ("public domain", "cc0")
"""Words of licences that allow anyone to republish a picture."""
_PAIRS: Final = "pairs"
_AUTOENCODERS: Final = "autoencoders"

Shown = Callable[[str, int, int], None]
"""Called with the name of a step of the work, what is done of it, and all of it."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a training learns from, and what it is tested on.

    Attributes:
        people: all faces of the folder.
        sides: those of training and of validation.
        train: chunks of pairs.
        validation: chunks of pairs by recipe.
    """

    people: People
    sides: Mapping[str, Sequence[Person]]
    train: list[Path]
    validation: dict[str, list[Path]]


def prepare_faces(
    folder: str | Path,
    out: str | Path,
    training: FaceTraining,
    *,
    workers: int = 2,
    shown: Shown | None = None,
) -> Material:
    """Find faces, hold out groups, train the autoencoders and render all pairs.

    What lies in `out` already is kept, so that a run that was ended goes on.

    Args:
        folder: of pictures of real faces; see :func:`blurprint.lab.fakes.people.find_people`.
        out: for pairs and autoencoders.
        training: settings.
        workers: processes that render.
        shown: progress.

    Raises:
        InputError: if there are too few faces, or `out` holds pairs of other faces or settings.
    """
    show = shown or (lambda step, done, of: None)
    people = find_people(folder, each=lambda done, of: show("find faces", done, of))
    kept = [one for one in people.faces if not training.free_only or is_free(one.licence)]
    sides = split_people(kept, training.held_out, training.seed)
    for name, side in sides.items():
        if len({one.group for one in side}) < 2:
            raise InputError(
                f"{folder}: Expected people of at least 2 groups for {name}, but got {len(side)}"
            )
    models = _autoencoders(sides["train"], Path(out), training, show)
    held = training.validation_pairs
    jobs: list[tuple[str, Recipe, int]] = [
        ("train", "blend", training.pairs),
        ("validation", "blend", held),
        ("validation", HELD_OUT, held),
        ("validation", "clone", held),
    ]
    if training.cloned_pairs:
        jobs.append(("train", "clone", training.cloned_pairs))
    if models:
        jobs += [("train", "remade", training.remade_pairs), ("validation", "remade", held)]
    train: list[Path] = []
    validation: dict[str, list[Path]] = {}
    for offset, (part, recipe, count) in enumerate(jobs):
        name = f"{part}-{recipe}"
        chunks = render_pairs(
            sides[part],
            Path(out) / _PAIRS / name,
            count,
            seed=training.seed + offset,
            recipe=recipe,
            models=models if recipe in ("remade", "clone") else (),
            workers=workers,
            chunk=min(CHUNK, count),
            each=partial(show, f"render {name}"),
        )
        if part == "train":
            train += chunks
        else:
            validation[recipe] = chunks
    return Material(people, sides, train, validation)


def is_free(licence: str) -> bool:
    """Whether a licence as a manifest states it allows anyone to republish.

    >>> is_free("public domain (US government portraits)"), is_free("none stated")
    (True, False)
    """
    return any(word in licence.lower() for word in FREE)


def train_on(
    material: Material,
    out: str | Path,
    training: FaceTraining,
    *,
    resume: bool = False,
    each: Callable[[FaceProgress], None] | None = None,
) -> FaceNetwork:
    """Train on prepared material; arguments and errors as for :func:`train_face`."""
    return train_face(
        material.train, material.validation, Path(out), training, resume=resume, each=each
    )


def _autoencoders(
    people: Sequence[Person], out: Path, training: FaceTraining, show: Shown
) -> tuple[bytes, ...]:
    """Trained, or those that lie in `out` already if they are of these people and settings."""
    if not (training.autoencoder_steps and training.remade_pairs):
        return ()
    folder = out / _AUTOENCODERS
    record = folder / "record.json"
    names = "\n".join(one.path.name for one in people)
    wanted = {
        "steps": training.autoencoder_steps,
        "seed": training.seed,
        "people": hashlib.sha256(names.encode()).hexdigest(),
    }
    files = [folder / f"{number}.onnx" for number in range(len(WAISTS))]
    if record.exists():
        found = json.loads(record.read_text("utf-8"))
        if found != wanted:
            raise InputError(f"{folder}: holds autoencoders of other faces or settings")
        return tuple(file.read_bytes() for file in files)
    models = train_autoencoders(
        people,
        steps=training.autoencoder_steps,
        seed=training.seed,
        each=lambda done, of: show("train autoencoders", done, of),
    )
    make_folder(folder)
    write_all({**dict(zip(files, models, strict=True)), record: json.dumps(wanted).encode()})
    return tuple(models)
