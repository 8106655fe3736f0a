"""The whole way from a folder of photographs to weights that ship, in one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from pydantic.dataclasses import dataclass

from blurprint.errors import BlurprintError, InputError, install_extra
from blurprint.files import reason, write_all
from blurprint.invalid import STRICT, our_errors
from blurprint.lab.models.estimator import EstimatorNet
from blurprint.lab.rendering.shards import VERSION, read_shard, render_dataset
from blurprint.lab.rendering.sharp_sources import SharpSources, find_photographs
from blurprint.lab.training.estimator.checkpoint import read_checkpoint
from blurprint.lab.training.estimator.describe import Planes, as_planes, describe, reader_of
from blurprint.lab.training.estimator.export import write_weights
from blurprint.lab.training.estimator.network_weights import average_with, begin_with
from blurprint.lab.training.estimator.teacher import TAUGHT, teach
from blurprint.lab.training.estimator.train import (
    EstimatorTraining,
    Progress,
    train_estimator,
)
from blurprint.lab.training.quantize import kept_in_float, quantize
from blurprint.weights.card import EstimatorCard, read_card
from blurprint.weights.session import open_session
from blurprint.weights.stages import Record, remember

LIMITS = [
    "Blur is all blur of the picture, of whatever cause; motion and soft surfaces count as well.",
    "Flat regions show no blur: sigma is inferred from around them, and confidence is low.",
    "One level reads to about 6 px; beyond, a pyramid must be used, as method 'net' does.",
    "Dither, screens, bars and shading without an edge have no blur: the scale is trained to be "
    "large there, and sigma means nothing.",
    "A blur that is not round has one sigma, of both axes; the scale grows with how oval it is.",
    "Pictures enlarged more than threefold were not in training.",
]
SIZE = 192
"""Side of the rendered examples, px."""
_RANGES_FROM = 48
"""Training renders that the ranges of the 8-bit network are taken from."""


@our_errors
@dataclass(frozen=True, config=STRICT)
class Recipe:
    """What :func:`make_estimator` renders.

    Attributes:
        examples: rendered for training.
        validation_examples: rendered from other photographs, for errors and calibration.
        workers: processes that render.
        sources: what the photographs are and under which licences, for the card.
        start_from: checkpoint or card of earlier weights that this training begins with, if any.
        average_with: checkpoint whose weights are mixed into those of this training at its end.
        average_share: of that checkpoint, 0 to 1; see :func:`average_with`.
        teacher: card of a network whose readings are learnt beside the truth, if any; see
            :mod:`blurprint.lab.training.estimator.teacher`.

    Raises:
        InputError: if a value is of another type or out of range.
    """

    examples: Annotated[int, Field(ge=1)] = 40_000
    validation_examples: Annotated[int, Field(ge=1)] = 1000
    workers: Annotated[int, Field(ge=1)] = 2
    sources: str = "not stated"
    start_from: Path | None = None
    average_with: Path | None = None
    average_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    teacher: Path | None = None


def make_estimator(
    photos: Path,
    out: Path,
    recipe: Recipe,
    training: EstimatorTraining,
    *,
    resume: bool = False,
    device: str = "cpu",
    rendered: Callable[[str, int, int], None] | None = None,
    trained: Callable[[Progress], None] | None = None,
) -> Path:
    """Render, train, calibrate, export, quantize; the path of the card.

    ``out`` receives ``rendered/{train,val}`` (kept and reused), ``checkpoint.safetensors``,
    ``tensorboard/``, ``weights/estimator.{onnx,json}`` and the same in 8 bits, ``estimator-int8``.

    Args:
        photos: any folder of photographs; nothing of them is stored but what is rendered.
        out: where to.
        recipe: how much to render.
        training: how to train.
        resume: go on from the checkpoint in `out`.
        device: as torch names it.
        rendered: called with split, examples done and wanted.
        trained: called after every batch.

    Raises:
        InputError: before anything is rendered, if an argument is wrong, earlier weights do not
            fit, or `photos` holds nothing sharp to train or to validate on.
        OutputError: if `out` holds something else, or cannot be written.
    """
    if training.crop > SIZE:
        raise InputError(f"Expected `crop` to be at most {SIZE}, but got {training.crop}")
    _check_photographs(photos)
    _check_device(device)
    history, stages = _history(recipe, training)
    shards = {}
    counts = (("train", recipe.examples, 0), ("val", recipe.validation_examples, 1))
    for split, count, seed in counts:
        shards[split] = render_dataset(
            photos,
            out / "rendered" / split,
            split=split,  # type: ignore[arg-type]  # it is train or val
            count=count,
            size=SIZE,
            seed=training.seed * 2 + seed,
            workers=recipe.workers,
            progress=None if rendered is None else _named(rendered, split),
        )
    taught = None
    if recipe.teacher is not None:
        taught = teach(
            shards["train"],
            recipe.teacher,
            out / "taught",
            None if rendered is None else _named(rendered, "taught"),
        )
    with closing(_Log(out / "tensorboard")) as log:

        def report(progress: Progress) -> None:
            log.write(progress)
            if trained is not None:
                trained(progress)

        net = train_estimator(
            shards["train"],
            shards["val"],
            out,
            training,
            resume=resume,
            start_from=recipe.start_from,
            taught=taught,
            device=device,
            report=report,
        )
    if recipe.average_with is not None:
        average_with(net, recipe.average_with, recipe.average_share)
    content = describe(reader_of(net), shards["val"], training.sigma) | {
        "sigma": training.sigma,
        "licence": "Apache-2.0",
        "limits": LIMITS,
        "training": {
            "command": "blurprint train estimator --photos DIR --out DIR",
            "photographs": {"sources": recipe.sources, **_fingerprint(photos)},
            "rendered": {
                "train": recipe.examples,
                "validation": recipe.validation_examples,
                "version": VERSION,
            },
            "settings": training.to_dict(),
            **history,
            "torch": torch.__version__,
        },
        "stages": stages,
    }
    card = write_weights(net, out / "weights", "estimator", content)
    write_int8(card, shards["train"], shards["val"])
    return card


def write_int8(card: Path, training: list[Path], validation: list[Path]) -> Path:
    """Write the same network in 8 bits beside it, as ``NAME-int8``, with a card of its own.

    Args:
        card: of the network in float.
        training: shards, of whose first the ranges are taken.
        validation: shards that errors and confidence are measured on.

    Returns:
        Path of the new card.
    """
    described = read_card(card, EstimatorCard)
    seen = read_shard(training[0]).rgb[:_RANGES_FROM]
    kept = kept_in_float(int(described.network["stem"]))
    model = quantize(described.read_model(), (as_planes(one[None]) for one in seen), kept=kept)
    session = open_session(model)

    def read(rgb: Planes) -> tuple[Planes, Planes]:
        sigma, scale = session.run(["sigma", "scale"], {"rgb": rgb})
        return sigma, scale

    name = f"{described.content.get('name', card.stem)}-int8"
    content = described.content | describe(read, validation, described.sigma)
    content |= {
        "name": name,
        "kind": described.kind,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(model).hexdigest(),
        "quantized": {
            "from": {"file": described.file, "sha256": described.sha256},
            "ranges_from_training_renders": len(seen),
            "convolutions_kept_in_float": list(kept),
        },
    }
    path = card.with_name(f"{name}.json")
    write_all(
        {
            card.with_name(f"{name}.onnx"): model,
            path: (json.dumps(content, indent=2) + "\n").encode(),
        }
    )
    return path


class _Log:
    """TensorBoard's, one point every 20 batches."""

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise BlurprintError(
                f"Training logs to TensorBoard, which is missing: {install_extra('lab')}"
            ) from error
        self._writer = SummaryWriter(str(folder))

    def write(self, progress: Progress) -> None:
        add: Callable[..., None] = self._writer.add_scalar
        if progress.step % 20 == 0 or progress.validation is not None:
            add("train/loss", progress.loss, progress.step)
            add("train/learning_rate", progress.learning_rate, progress.step)
        if progress.validation is not None:
            add("validation/mean_error_px", progress.validation.mean, progress.step)
            add("validation/rank_correlation", progress.validation.rank_correlation, progress.step)

    def close(self) -> None:
        self._writer.close()


def _named(rendered: Callable[[str, int, int], None], split: str) -> Callable[[int, int], None]:
    return lambda done, wanted: rendered(split, done, wanted)


def _check_photographs(photos: Path) -> None:
    """Draw once from the photographs of both parts: rendering takes hours before it needs some."""
    for split, use in (("train", "train"), ("val", "validate")):
        try:
            sources = SharpSources.from_folder(photos, split)  # type: ignore[arg-type]  # one of the two by the loop
            sources.draw(np.random.default_rng(0), SIZE)
        except InputError as error:
            raise InputError(
                f"{photos}: holds nothing to {use} on ({error}). A photograph's content decides "
                "what it is for: of ten, about eight are for training and one is for validation; "
                "more photographs are needed"
            ) from error


def _check_device(device: str) -> None:
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError(
            f'Expected `device` to be one that torch can use, but got "{device}" ({error})'
        ) from error


def _history(recipe: Recipe, training: EstimatorTraining) -> tuple[Record, dict[str, Record]]:
    """What the card says of earlier trainings, by mention, and their records; weights are tried.

    Raises:
        InputError: if a file is missing, damaged, or its network does not fit.
    """
    stages: dict[str, Record] = {}
    start, average, teacher = recipe.start_from, recipe.average_with, recipe.teacher
    history: Record = {"started_from": None, "averaged_with": None, "teacher": None}
    if start is not None:
        begin_with(EstimatorNet(training.network), start)
        history["started_from"] = _origin(start, stages)
    if average is not None:
        average_with(EstimatorNet(training.network), average, recipe.average_share)
        record, _ = read_checkpoint(average)
        history["averaged_with"] = {
            "sha256": _sha256(average),
            "step": record.step,
            "share": recipe.average_share,
        }
    if teacher is not None:
        card = read_card(teacher, EstimatorCard)
        open_session(card.read_model())
        history["teacher"] = {
            "sha256": card.sha256,
            "stage": remember(stages, card.content),
            "taught": list(TAUGHT),
        }
    return history, stages


def _origin(file: Path, stages: dict[str, Record]) -> Record:
    """What the card says of the training that this one began with; `stages` receives its record."""
    digest = _sha256(file)
    if file.suffix == ".json":
        card = read_card(file, EstimatorCard)
        return {"card": digest, "sha256": card.sha256, "stage": remember(stages, card.content)}
    record, _ = read_checkpoint(file)
    origin: Record = {"sha256": digest, "step": record.step, "settings": record.config}
    beside = file.parent / "weights" / "estimator.json"
    if beside.is_file():  # what that training itself was told of, and where it began
        origin["stage"] = remember(stages, read_card(beside, EstimatorCard).content)
    return origin


def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({reason(error)})") from error


def _fingerprint(photos: Path) -> dict[str, Any]:
    files = find_photographs(photos)
    names = "\n".join(sorted(file.name for file in files))
    return {"count": len(files), "names_sha256": hashlib.sha256(names.encode()).hexdigest()}
