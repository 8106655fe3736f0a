"""Train a detector: from a table of pictures to weights with the best validation accuracy."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from torch.utils.data import DataLoader

from blurprint.errors import InputError, OutputError
from blurprint.lab.datasets.map_cache import MapCache
from blurprint.lab.datasets.pictures import (
    EpochSampler,
    PictureDataset,
    plain_errors,
    worker_options,
)
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.models.detector_weights import fit_names, load_detector
from blurprint.lab.models.detectors import create_detector
from blurprint.lab.training.detector_module import DetectorModule
from blurprint.lab.training.detector_settings import PRECISIONS, DetectorTraining
from blurprint.lab.training.epoch_keeper import (
    CHECKPOINTS,
    LAST,
    WEIGHTS,
    EpochKeeper,
    Report,
    Steps,
)
from blurprint.lab.training.toml_config import read_toml, write_toml

CONFIG: Final = "config.toml"


def train_detector(
    train: SampleTable,
    val: SampleTable,
    out: Path,
    training: DetectorTraining,
    *,
    cache: MapCache | None = None,
    start_from: Path | None = None,
    resume: bool = False,
    card: Mapping[str, Any] | None = None,
    source: Mapping[str, Any] | None = None,
    report: Report | None = None,
    stepped: Steps | None = None,
) -> Path:
    """Train and return the path of the best epoch's weights, ``out/detector.safetensors``.

    ``out`` also receives its card (.json), ``config.toml``, ``tensorboard/`` and
    ``checkpoints/last.ckpt``, written at the start and after every epoch: an interrupted training
    goes on from the last epoch that ended, with the same result as an uninterrupted one.

    Args:
        train: pictures to learn from.
        val: pictures by which the best epoch is chosen.
        out: where to.
        training: how.
        cache: where maps are kept.
        start_from: weights to begin with, of the same network.
        resume: go on from the checkpoint in `out`.
        card: what the card says beyond settings and scores.
        source: where the tables came from, written into config.toml as its table "data".
        report: called after every epoch.
        stepped: called after every batch with batches done and wanted in all.

    Raises:
        InputError: if a part lacks a class, weights or checkpoint do not fit, or a picture cannot
            be read (a PhotoError).
        OutputError: if `out` holds a training already and `resume` is off.
    """
    import lightning as L

    for name, table in (("training", train), ("validation", val)):
        counts = table["label"].value_counts()
        if len(counts) < 2:
            raise InputError(
                f"Expected reals and fakes in the {name} part, but got {len(table)} pictures of "
                "one class"
            )
    last = out / CHECKPOINTS / LAST
    if last.exists() and not resume:
        raise OutputError(f"{out}: holds a training already; --resume goes on with it")
    if last.exists():
        _check_settings(out / CONFIG, training)
    L.seed_everything(training.seed, workers=True, verbose=False)
    detector = create_detector(training.detector, pretrained=training.pretrained)
    if start_from is not None:
        weights = load_detector(start_from, training.detector).state_dict()
        detector.load_state_dict(fit_names(weights, detector, str(start_from)))
    fakes = int(train["label"].sum())
    module = DetectorModule(
        detector,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        positive_weight=(len(train) - fakes) / fakes if training.balance else 1.0,
    )
    out.mkdir(parents=True, exist_ok=True)
    write_toml(out / CONFIG, {**training.to_dict(), **({"data": source} if source else {})})
    keeper = EpochKeeper(out, training, dict(card or {}), report, stepped)
    with _quiet(), plain_errors():
        trainer = L.Trainer(
            accelerator=training.accelerator,
            devices=training.devices,
            strategy="ddp" if training.devices > 1 else "auto",
            precision=PRECISIONS[training.precision],
            max_epochs=training.epochs,
            accumulate_grad_batches=training.accumulate,
            gradient_clip_val=training.clip or None,
            callbacks=[keeper.callback(), *_early_stopping(training)],
            logger=_logger(out),
            log_every_n_steps=1,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            num_sanity_val_steps=0,
            default_root_dir=out,
        )
        try:
            trainer.fit(
                module,
                _loader(train, training, cache, shuffle=True),
                _loader(val, training, cache, shuffle=False),
                ckpt_path=str(last) if resume and last.exists() else None,
                weights_only=True,
            )
        except SystemExit:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from None
    return out / WEIGHTS


_MAY_CHANGE: Final = {"epochs", "patience", "workers", "devices", "accelerator"}


def _check_settings(file: Path, training: DetectorTraining) -> None:
    """Refuse to go on with other settings than those that `file` began with."""
    stored = read_toml(file)
    stored.pop("data", None)
    before, now = DetectorTraining.from_dict(stored).to_dict(), training.to_dict()
    changed = sorted(k for k in now if k not in _MAY_CHANGE and before[k] != now[k])
    if changed:
        raise InputError(f"{file}: belongs to other settings ({', '.join(changed)} differ)")


def _loader(
    table: SampleTable, training: DetectorTraining, cache: MapCache | None, *, shuffle: bool
) -> DataLoader[Any]:
    dataset = PictureDataset(
        table,
        training.detector.views,
        cache,
        changes=training.augment if shuffle else (),
        seed=training.seed,
    )
    return DataLoader(
        dataset,
        batch_size=training.batch_size,
        sampler=EpochSampler(len(dataset), training.seed) if shuffle else None,
        **worker_options(training.workers),
        # A last batch of one picture would leave batch normalisation without a variance.
        drop_last=shuffle and len(dataset) > training.batch_size,
    )


def _early_stopping(training: DetectorTraining) -> list[Any]:
    if not training.patience:
        return []
    from lightning.pytorch.callbacks import EarlyStopping

    mode = "min" if training.monitor == "loss" else "max"
    return [EarlyStopping(f"val/{training.monitor}", patience=training.patience, mode=mode)]


def _logger(out: Path) -> Any:
    from lightning.pytorch.loggers import TensorBoardLogger

    return TensorBoardLogger(str(out), name="tensorboard", version="")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's hints, which are for those who write loops."""
    names = ("lightning.pytorch", "lightning.fabric", "lightning")
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for words in (
                ".*does not have many workers.*",
                ".*number of training batches.*",
                ".*No positive samples in targets.*",
                ".*No negative samples in targets.*",
                ".*treespec, LeafSpec.*",
                ".*Checkpoint directory.*",
                ".*without `weights_only.*",
                ".*sync_dist=True.*",  # torchmetrics gathers over the devices itself
            ):
                warnings.filterwarnings("ignore", message=words)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
