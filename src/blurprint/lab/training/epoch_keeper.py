"""What stays of every epoch: the last one whole, the best one's weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from blurprint.lab.models.detector_weights import save_detector
from blurprint.lab.models.detectors import Detector
from blurprint.lab.training.detector_module import DetectorModule
from blurprint.lab.training.detector_settings import DetectorTraining

WEIGHTS: Final = "detector.safetensors"
CHECKPOINTS: Final = "checkpoints"
LAST: Final = "last.ckpt"


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


class EpochKeeper:
    """Keeps the last epoch whole and the best one's weights, and tells how far it is."""

    def __init__(
        self,
        out: Path,
        training: DetectorTraining,
        card: dict[str, Any],
        report: Report | None,
        stepped: Steps | None,
    ) -> None:
        """`out` and `card` as :func:`train_detector` has them."""
        self._out, self._training, self._card = out, training, card
        self._report, self._stepped = report, stepped
        self._best = (-math.inf, -math.inf)

    def callback(self) -> Any:
        """As Lightning takes it."""
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
