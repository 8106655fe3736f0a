"""Train a detector: from a table of pictures to weights with the best validation accuracy."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import torch
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
from blurprint.lab.models.detector_weights import fit_names, load_detector, save_detector
from blurprint.lab.models.detectors import Detector, DetectorConfig, create_detector
from blurprint.lab.training.detector_module import DetectorModule
from blurprint.lab.training.toml_config import read_toml, write_toml

WEIGHTS: Final = "detector.safetensors"
CONFIG: Final = "config.toml"
CHECKPOINTS: Final = "checkpoints"
LAST: Final = "last.ckpt"


@dataclass(frozen=True, slots=True)
class DetectorTraining:
    """Settings of a training; the defaults are the paper's.

    Attributes:
        detector: what to train.
        epochs: passes over the training part.
        batch_size: pictures a step on each device.
        learning_rate: of Adam.
        weight_decay: of Adam.
        seed: of weights, order and augmentation.
        augment: names of changes; see :mod:`blurprint.lab.datasets.augment`.
        balance: weigh fakes so that both classes count alike.
        monitor: "accuracy" or "auc" of the validation part, or its "loss": by it the best epoch is
            chosen, of equal ones the one with the lower loss.
        patience: epochs without a better one after which to stop; 0 never stops early.
        accumulate: batches whose gradients make one step.
        clip: largest norm of the gradient; 0 for none.
        precision: "32", "bf16" or "16" (automatic mixed precision).
        pretrained: start from timm's ImageNet weights.
        devices: how many processors or graphics cards; more than one train with DDP.
        accelerator: "auto", "cpu", "cuda", "mps".
        workers: processes that load pictures.
    """

    detector: DetectorConfig = field(default_factory=DetectorConfig)
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    seed: int = 42
    augment: tuple[str, ...] = ()
    balance: bool = False
    monitor: str = "accuracy"
    patience: int = 0
    accumulate: int = 1
    clip: float = 0.0
    precision: str = "32"
    pretrained: bool = False
    devices: int = 1
    accelerator: str = "auto"
    workers: int = 2

    def __post_init__(self) -> None:
        for name, low in (("epochs", 1), ("batch_size", 1), ("accumulate", 1), ("devices", 1)):
            if getattr(self, name) < low:
                value = getattr(self, name)
                raise InputError(f"Expected `{name}` to be at least {low}, but got {value}")
        if self.monitor not in ("accuracy", "auc", "loss"):
            raise InputError(
                f'Expected `monitor` to be accuracy, auc or loss, but got "{self.monitor}"'
            )
        if self.precision not in _PRECISIONS:
            known = ", ".join(_PRECISIONS)
            raise InputError(f"Expected `precision` among {known}, but got {self.precision}")
        if not self.learning_rate > 0:
            raise InputError(f"Expected a learning rate above 0, but got {self.learning_rate}")

    def to_dict(self) -> dict[str, Any]:
        """As TOML takes it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DetectorTraining:
        """What :meth:`to_dict` gave.

        Raises:
            InputError: if a setting is unknown or out of range.
        """
        plain = dict(values)
        detector = DetectorConfig.from_dict(plain.pop("detector", {}))
        unknown = sorted(set(plain) - {f.name for f in fields(cls)})
        if unknown:
            raise InputError(f"Unknown settings of the training: {', '.join(unknown)}")
        if "augment" in plain:
            plain["augment"] = tuple(plain["augment"])
        return cls(detector=detector, **plain)


_PRECISIONS: Final = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What an epoch ended with; `best` if no earlier one was better."""

    epoch: int
    train_loss: float
    val_loss: float
    val_accuracy: float
    val_auc: float
    best: bool


Report = Callable[[EpochResult], None]
Steps = Callable[[int, int], None]


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
    keeper = _Keeper(out, training, dict(card or {}), report, stepped)
    with _quiet(), plain_errors():
        trainer = L.Trainer(
            accelerator=training.accelerator,
            devices=training.devices,
            strategy="ddp" if training.devices > 1 else "auto",
            precision=_PRECISIONS[training.precision],
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


class _Keeper:
    """Keeps the last epoch whole and the best one's weights, and tells how far it is."""

    def __init__(
        self,
        out: Path,
        training: DetectorTraining,
        card: dict[str, Any],
        report: Report | None,
        stepped: Steps | None,
    ) -> None:
        self._out, self._training, self._card = out, training, card
        self._report, self._stepped = report, stepped
        self._best = (-math.inf, -math.inf)

    def callback(self) -> Any:
        import lightning as L

        keeper = self

        class Keep(L.Callback):  # type: ignore[misc]
            def state_dict(self) -> dict[str, Any]:
                return {"best": list(keeper._best)}

            def load_state_dict(self, state: dict[str, Any]) -> None:
                keeper._best = tuple(state["best"])

            def on_train_start(self, trainer: Any, module: Any) -> None:
                if trainer.current_epoch == 0:
                    keeper._save(trainer)

            def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
                if keeper._stepped is not None:
                    wanted = trainer.num_training_batches * trainer.max_epochs
                    done = trainer.fit_loop.total_batch_idx + 1
                    keeper._stepped(done, wanted)

            def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
                keeper._ended(trainer, module)

        return Keep()

    def _save(self, trainer: Any) -> None:
        last = self._out / CHECKPOINTS / LAST
        temporary = last.with_suffix(".tmp")
        trainer.save_checkpoint(temporary)
        if trainer.is_global_zero:
            temporary.replace(last)

    def _ended(self, trainer: Any, module: DetectorModule) -> None:
        values = {k: float(v) for k, v in trainer.callback_metrics.items()}
        loss = values["val/loss"]
        monitored = values[f"val/{self._training.monitor}"]
        merit = (-loss if self._training.monitor == "loss" else monitored, -loss)
        best = merit > self._best or not (self._out / WEIGHTS).exists()
        if best:
            self._best = merit
            if trainer.is_global_zero:
                self._save_best(trainer.current_epoch, module.detector, values)
        self._save(trainer)
        if self._report is not None and trainer.is_global_zero:
            self._report(
                EpochResult(
                    trainer.current_epoch + 1,
                    values["train/loss"],
                    values["val/loss"],
                    values["val/accuracy"],
                    values["val/auc"],
                    best,
                )
            )

    def _save_best(self, epoch: int, detector: Detector, values: dict[str, float]) -> None:
        scores = {k.removeprefix("val/"): v for k, v in values.items() if k.startswith("val/")}
        card = self._card | {
            "best_epoch": epoch + 1,
            "validation": scores,
            "settings": self._training.to_dict(),
            "torch": torch.__version__,
        }
        save_detector(detector, self._out / WEIGHTS, card)


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
            ):
                warnings.filterwarnings("ignore", message=words)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
