"""What stays of every epoch: the last one whole, the best one's weights, a line of numbers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

import torch

from blurprint.files import write_atomic
from blurprint.lab.datasets.contents import check_share
from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.training.detector.module import DetectorModule, EpochScores
from blurprint.lab.training.detector.settings import DetectorTraining

WEIGHTS: Final = "detector.safetensors"
CHECKPOINTS: Final = "checkpoints"
LAST: Final = "last.ckpt"
EPOCHS: Final = "epochs.csv"


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What an epoch ended with.

    Attributes:
        epoch: from 1.
        train: of the training part, while its weights changed.
        val: of the validation part, after the epoch.
        best: whether no earlier epoch was better.
        unreadable: pictures that could not be read so far, although they could at the start.
        flat: pictures so far whose map is the same everywhere.
    """

    epoch: int
    train: EpochScores
    val: EpochScores
    best: bool
    unreadable: int = 0
    flat: int = 0

    def row(self) -> dict[str, Any]:
        """As a line of ``epochs.csv`` holds it."""
        scores = {
            f"{part}_{name}": value
            for part, some in (("train", self.train), ("val", self.val))
            for name, value in asdict(some).items()
        }
        return {
            "epoch": self.epoch,
            **scores,
            "best": int(self.best),
            "unreadable": self.unreadable,
            "flat_maps": self.flat,
        }


COLUMNS: Final = (
    "epoch",
    *(f"{part}_{one.name}" for part in ("train", "val") for one in fields(EpochScores)),
    "best",
    "unreadable",
    "flat_maps",
)
"""Of ``epochs.csv``."""
Report = Callable[[EpochResult], None]
Steps = Callable[[int, int], None]


class EpochKeeper:
    """Keeps the last epoch whole and the best one's weights, and tells how far it is."""

    def __init__(
        self,
        out: Path,
        training: DetectorTraining,
        card: dict[str, Any],
        pictures: int,
        report: Report | None,
        stepped: Steps | None,
    ) -> None:
        """`out` and `card` as :func:`train_detector` has them; `pictures` in both parts."""
        self._out, self._training, self._card = out, training, card
        self._pictures = pictures
        self._report, self._stepped = report, stepped
        self._best = (-math.inf, -math.inf)
        self._rows: list[dict[str, Any]] = []

    def callback(self) -> Any:
        """As Lightning takes it."""
        import lightning as L

        keeper = self

        class Keep(L.Callback):  # type: ignore[misc]  # of a module without types
            def state_dict(self) -> dict[str, Any]:
                return {"best": list(keeper._best), "rows": keeper._rows}

            def load_state_dict(self, state: dict[str, Any]) -> None:
                keeper._best = tuple(state["best"])
                keeper._rows = list(state.get("rows", []))

            def on_train_start(self, trainer: Any, module: Any) -> None:
                if trainer.current_epoch == 0:
                    keeper._save(trainer)

            def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
                if keeper._stepped is not None and trainer.is_global_zero:
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
        train, val = module.take("train"), module.validated
        assert val is not None
        check_share(module.unreadable, self._pictures)
        monitored = {"accuracy": val.accuracy, "auc": val.auc, "loss": -val.loss}
        merit = (monitored[self._training.monitor], -val.loss)
        best = merit > self._best or not (self._out / WEIGHTS).exists()
        result = EpochResult(
            trainer.current_epoch + 1, train, val, best, len(module.unreadable), len(module.flat)
        )
        self._rows.append(result.row())
        if best:
            self._best = merit
        if trainer.is_global_zero:
            if best:
                self._save_best(module, result)
            write_atomic(self._out / EPOCHS, _csv(self._rows))
        self._save(trainer)
        if self._report is not None and trainer.is_global_zero:
            self._report(result)

    def _save_best(self, module: DetectorModule, result: EpochResult) -> None:
        card = self._card | {
            "best_epoch": result.epoch,
            "validation": asdict(result.val),
            "settings": self._training.to_dict(),
            "torch": torch.__version__,
        }
        if module.flat:
            card["flat_maps"] = sorted(module.flat)
        if module.unreadable:
            card["unreadable_in_training"] = sorted(module.unreadable.values())
        save_detector(module.detector, self._out / WEIGHTS, card)


def _csv(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return buffer.getvalue().encode()


def _cell(value: object) -> object:
    """Six digits; nothing where a number is not defined."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value
