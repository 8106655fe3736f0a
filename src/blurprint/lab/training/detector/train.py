"""Train a detector: from a table of pictures to weights with the best validation accuracy."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
from torch.utils.data import DataLoader

from blurprint.errors import BlurprintError, InputError, OutputError
from blurprint.files import make_folder
from blurprint.lab.datasets.contents import Contents, unreadable_words
from blurprint.lab.datasets.seen import listing_digest, make_record, write_record
from blurprint.lab.datasets.source import DataSource
from blurprint.lab.datasets.table import SampleTable
from blurprint.lab.loading.map_cache import MapCache
from blurprint.lab.loading.pictures import (
    EpochSampler,
    PictureDataset,
    worker_options,
)
from blurprint.lab.models.detector_weights import start_weights
from blurprint.lab.models.detectors import Detector, create_detector
from blurprint.lab.training.detector.epoch_keeper import (
    CHECKPOINTS,
    EPOCHS,
    LAST,
    WEIGHTS,
    EpochKeeper,
    Report,
    Steps,
)
from blurprint.lab.training.detector.module import DetectorModule
from blurprint.lab.training.detector.parts import (
    check_data,
    copies_words,
    readable_parts,
    require_both,
)
from blurprint.lab.training.detector.settings import IF_AVAILABLE, PRECISIONS, DetectorTraining
from blurprint.lab.training.detector.toml_config import read_toml, write_toml

CONFIG: Final = "config.toml"


def train_detector(
    train: SampleTable,
    val: SampleTable,
    out: str | Path,
    training: DetectorTraining,
    *,
    cache: MapCache | None = None,
    resume: bool = False,
    source: DataSource | None = None,
    group_keys: Mapping[str, str] | None = None,
    spaces: Sequence[str] = (),
    contents: Mapping[str, Contents] | None = None,
    report: Report | None = None,
    stepped: Steps | None = None,
    checked: Steps | None = None,
    say: Callable[[str], None] | None = None,
) -> Path:
    """Train and return the path of the best epoch's weights, ``out/detector.safetensors``.

    ``out`` also receives its card (.json), the record of what was seen (.seen.npz),
    ``config.toml``, ``epochs.csv``, ``tensorboard/`` and ``checkpoints/last.ckpt``, written at the
    start and after every epoch: an interrupted training goes on from the last epoch that ended,
    with the same result as an uninterrupted one.

    Every picture is read once before the first epoch. Those that cannot be are left out and listed
    in the card; so are those that become unreadable later.

    Args:
        train: pictures to learn from.
        val: pictures by which the best epoch is chosen.
        out: where to.
        training: how.
        cache: where maps are kept.
        resume: go on from the checkpoint in `out`.
        source: where the tables came from, kept in the card and in config.toml as "data".
        group_keys: see :class:`Reading`; kept in the record of what was seen.
        spaces: see :class:`Reading`; kept there, too.
        contents: of the parts "train" and "val", where their pictures have been read already.
        report: called after every epoch.
        stepped: called after every batch with batches done and wanted in all.
        checked: called with pictures read before the first epoch, and wanted.
        say: called with a line where something is left out.

    Raises:
        InputError: if a part lacks a class, weights or checkpoint do not fit, the data are not
            those that the checkpoint began with, or over 1 % of the pictures cannot be read.
        OutputError: if `out` holds a training already and `resume` is off.
    """
    out = Path(out)
    import lightning as L

    require_both(train, val)
    last = out / CHECKPOINTS / LAST
    # Before an epoch has ended there is nothing that could be lost.
    begun = last.exists() and (out / EPOCHS).exists()
    if begun and not resume:
        raise OutputError(f"{out}: holds a training already; --resume goes on with it")
    if last.exists() and resume:
        _check_settings(out / CONFIG, training, source)
    listing = listing_digest(pd.concat([train, val]))
    parts, unreadable = readable_parts({"train": train, "val": val}, contents, training, checked)
    train, val = (parts[name][0] for name in ("train", "val"))
    require_both(train, val)
    record = make_record(parts, group_keys, listing=listing, spaces=spaces)
    if last.exists() and resume:
        check_data(out / WEIGHTS, record)
    remarks = copies_words(parts)
    if unreadable:
        remarks.insert(0, unreadable_words(unreadable, len(train) + len(val) + len(unreadable)))
    L.seed_everything(training.seed, workers=True, verbose=False)
    detector, origin, notes = _begin(training)
    if say is not None:
        for note in (*remarks, *notes):
            say(note)
    fakes = int(train["label"].sum())
    module = DetectorModule(
        detector,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        positive_weight=(len(train) - fakes) / fakes if training.balance else 1.0,
    )
    make_folder(out)
    data = {"data": source.to_dict()} if source else {}
    write_toml(out / CONFIG, {**training.to_dict(), **data})
    rows = {"train": len(train), "val": len(val)}
    card = {
        "data": {**data.get("data", {}), "rows": rows, "digest": record.digest},
        "seen": write_record(record, out / WEIGHTS),
        "unreadable": sorted(unreadable.values()),
        "remarks": remarks,
        "started_from": origin | {"notes": notes},
    }
    keeper = EpochKeeper(out, training, card, sum(rows.values()), report, stepped)
    with _quiet():
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


def _begin(training: DetectorTraining) -> tuple[Detector, dict[str, Any], list[str]]:
    """The detector with its first weights, where these are from, and what is to be said of them."""
    wanted, notes = training.pretrained, []
    if wanted == IF_AVAILABLE:
        try:
            detector = create_detector(training.detector, pretrained=True)
        except BlurprintError as error:
            notes.append(f"Training starts from random weights. {error}")
            wanted = False
    if wanted != IF_AVAILABLE:
        detector = create_detector(training.detector, pretrained=wanted)
    notes += detector.notes
    origin = dict(detector.pretrained_from or {"source": f"random, seed {training.seed}"})
    if training.start_from is not None:
        file = Path(training.start_from)
        state, more = start_weights(file, detector)
        detector.load_state_dict(state)
        notes += more
        origin = {
            "source": training.start_from,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
    return detector, origin, notes


def _check_settings(file: Path, training: DetectorTraining, source: DataSource | None) -> None:
    """Refuse to go on with other settings than those that `file` began with."""
    stored = read_toml(file)
    data = stored.pop("data", None)
    before, now = DetectorTraining.from_dict(stored).to_dict(), training.to_dict()
    changed = sorted(k for k in now if k not in _MAY_CHANGE and before[k] != now[k])
    if changed:
        raise InputError(f"{file}: belongs to other settings ({', '.join(changed)} differ)")
    if data and source is not None and (differ := DataSource.from_dict(data).differences(source)):
        raise InputError(f"{file}: belongs to other data ({'; '.join(differ)})")


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
