"""The whole way from a folder of real faces to a face network with its card, in one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from blurprint.files import make_folder, write_all
from blurprint.lab.fakes.store import VERSION, groups_sha256
from blurprint.lab.models.face import BACKBONE, FaceNetwork
from blurprint.lab.training.face.batches import PairStream, as_pictures
from blurprint.lab.training.face.calibrate import calibrate, describe, judge_held_out
from blurprint.lab.training.face.export import IN_8_BITS, face_onnx, face_onnx_int8
from blurprint.lab.training.face.recipe import Material, Shown, prepare_faces, train_on
from blurprint.lab.training.face.settings import FaceTraining
from blurprint.lab.training.face.train import FaceProgress
from blurprint.score.face_judge import FaceJudge
from blurprint.weights.card import FaceCard
from blurprint.weights.session import open_session

CANNOT: Final = [
    "Whole faces made by a generative network show nothing that was pasted; they are not found.",
    "Faces whose swap was made much larger than the picture keeps show little or nothing.",
    "Retouching, compositing and stickers on a face can look like a pasted face.",
    "Pictures without a face of at least 20 pixels between the eyes are not judged.",
    "It learned from pseudo-fakes only; no face of a deepfake data set was in its training.",
]
_RANGES_FROM: Final = 160
"""Crops that the ranges of the 8-bit network are taken from."""
_COVERED_BY: Final = 1000
"""Pairs whose features say what the training covers."""


def make_face(
    faces: str | Path,
    out: str | Path,
    training: FaceTraining,
    *,
    sources: str = "not stated",
    licence: str = "not stated",
    workers: int = 2,
    resume: bool = False,
    shown: Shown | None = None,
    trained: Callable[[FaceProgress], None] | None = None,
) -> Path:
    """Find faces, render pairs, train, export in 8 bits, calibrate; the path of the card.

    `out` receives ``autoencoders/``, ``pairs/``, ``checkpoint.safetensors`` and
    ``weights/face.{onnx,json}``; what is there already is kept.

    Args:
        faces: folder of pictures of real faces.
        out: where to.
        training: settings.
        sources: what the faces are and under which licences, for the card.
        licence: under which the weights are, for the card.
        workers: processes that render.
        resume: go on from the checkpoint in `out`.
        shown: progress of everything but the training.
        trained: called after every batch.

    Raises:
        InputError: if an argument is wrong, there are too few faces, or `out` holds something else.
        OutputError: if `out` cannot be written.
    """
    material = prepare_faces(faces, out, training, workers=workers, shown=shown)
    net = train_on(material, out, training, resume=resume, each=trained)
    return finish_face(
        net, material, Path(out), training, sources=sources, licence=licence, shown=shown
    )


def finish_face(
    net: FaceNetwork,
    material: Material,
    out: Path,
    training: FaceTraining,
    *,
    sources: str,
    licence: str,
    shown: Shown | None = None,
) -> Path:
    """Export a trained network in 8 bits and calibrate it; arguments as :func:`make_face`."""
    show = shown or (lambda step, done, of: None)
    stream = PairStream(material.train, pairs=1, seed=0)
    rng = np.random.default_rng(training.seed)
    chosen = rng.choice(len(stream), min(_RANGES_FROM, len(stream)), replace=False)
    crops = [stream.held_out(int(one), 1).faces[i % 2].numpy() for i, one in enumerate(chosen)]
    model = face_onnx_int8(face_onnx(net), crops)
    card: dict[str, Any] = {
        "kind": "face",
        "format": 1,
        "file": "face.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "licence": licence,
        "export": IN_8_BITS,
        "input": {"size": 224, "width": 3.8},
        "rules": {},
    }
    judge = FaceJudge(open_session(model), FaceCard.model_validate(card))
    held = {
        name: PairStream(chunks, pairs=1, seed=0) for name, chunks in material.validation.items()
    }
    judged = judge_held_out(
        judge.read_crop,
        held,
        material.sides["validation"],
        each=lambda done, of: show("judge held-out faces", done, of),
    )
    features, groups = [], []
    rows = stream.rows()
    for place in rng.choice(len(stream), min(_COVERED_BY, len(stream)), replace=False):
        for crop in as_pictures(stream.held_out(int(place), 1)):
            features.append(judge.read_crop(crop).features)
            groups.append(str(rows[int(place)]["group"]))
        show("features of the training", len(features), 2 * min(_COVERED_BY, len(stream)))
    rules, found = calibrate(judged, np.stack(features), groups, training.blur_weight)
    card["rules"] = rules.model_dump(mode="json")
    card["errors"] = describe(judged, found, rules.blur)
    card["cannot"] = CANNOT
    card["training"] = {
        "settings": asdict(training),
        "recipe_version": VERSION,
        "backbone": BACKBONE,
        "started_from": net.origin,
        "sources": sources,
        "faces": {name: len(side) for name, side in material.sides.items()},
        "groups": {n: len({one.group for one in side}) for n, side in material.sides.items()},
        "groups_sha256": {name: groups_sha256(side) for name, side in material.sides.items()},
        "licences": _licences(material),
        "left_out": material.people.left_out,
        "notes": list(material.people.notes),
    }
    folder = out / "weights"
    make_folder(folder)
    path = folder / "face.json"
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    write_all({folder / "face.onnx": model, path: text.encode()})
    np.savez(
        out / "judged.npz",
        logit=judged.logit,
        percentile=judged.percentile,
        with_blur=judged.with_blur(rules.blur),
        label=judged.label,
        group=judged.group,
        kind=judged.kind,
        log10_lr=found.log10_lr,
    )
    return path


def _licences(material: Material) -> dict[str, int]:
    """Number of faces of the training side by licence, as the manifest states it."""
    counts: dict[str, int] = {}
    for one in material.sides["train"]:
        name = one.licence or "not stated"
        counts[name] = counts.get(name, 0) + 1
    return counts
