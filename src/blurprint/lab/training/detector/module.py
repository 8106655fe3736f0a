"""A detector in Lightning's terms: its loss, its optimiser, what it is validated by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from blurprint.lab.models.detectors import Detector
from blurprint.lab.torchvision_import import ensure_torchvision

ensure_torchvision()

import lightning as L  # noqa: E402
from torchmetrics.classification import BinaryAUROC, BinaryStatScores  # noqa: E402


@dataclass(frozen=True, slots=True)
class EpochScores:
    """What a part scored in an epoch, at P(fake) >= 0.5; NaN where a class is missing.

    Attributes:
        loss: mean over the part.
        accuracy: share called what it is.
        precision: share of fakes among those called fake.
        recall: share of the fakes that are called fake.
        f1: harmonic mean of precision and recall.
        auc: area under the ROC curve.
        tp: fakes called fake.
        fp: reals called fake.
        tn: reals called real.
        fn: fakes called real.
    """

    loss: float
    accuracy: float
    precision: float
    recall: float
    f1: float
    auc: float
    tp: int
    fp: int
    tn: int
    fn: int


class _Tally(nn.Module):
    """Loss, confusion counts and AUC of one part, gathered over batches and devices."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = BinaryStatScores()
        self.auc = BinaryAUROC()
        self.loss = _mean()

    def update(self, logits: Tensor, label: Tensor, loss: Tensor) -> None:
        scores, truth = logits.detach().float().sigmoid(), label.int()
        self.counts.update(scores, truth)
        self.auc.update(scores, truth)
        self.loss.update(loss.detach(), len(label))

    def take(self) -> EpochScores:
        """The scores; counting then begins anew."""
        tp, fp, tn, fn, _ = (int(value) for value in self.counts.compute())
        loss, auc = float(self.loss.compute()), float(self.auc.compute())
        for metric in (self.counts, self.auc, self.loss):
            metric.reset()
        return EpochScores(
            loss=loss,
            accuracy=_share(tp + tn, tp + fp + tn + fn),
            precision=_share(tp, tp + fp),
            recall=_share(tp, tp + fn),
            f1=_share(2 * tp, 2 * tp + fp + fn),
            auc=auc if (tp + fn) and (fp + tn) else float("nan"),
            tp=tp,
            fp=fp,
            tn=tn,
            fn=fn,
        )


class DetectorModule(L.LightningModule):  # type: ignore[misc]  # of a module without types
    """Binary cross-entropy on the logit; Adam; loss, confusion counts and AUC of both parts.

    Args:
        detector: to train.
        learning_rate: of Adam, constant, as the paper has it.
        weight_decay: of Adam.
        positive_weight: of fakes in the loss; reals over fakes where the two are to be balanced.
    """

    def __init__(
        self,
        detector: Detector,
        *,
        learning_rate: float = 1e-4,
        weight_decay: float = 0.0,
        positive_weight: float = 1.0,
    ) -> None:
        """See the class."""
        super().__init__()
        self.detector = detector
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(positive_weight))
        self.tallies = nn.ModuleDict({f"of_{part}": _Tally() for part in ("train", "val")})
        self.validated: EpochScores | None = None
        self.unreadable: dict[str, str] = {}
        self.flat: set[str] = set()

    def forward(self, views: dict[str, Tensor]) -> Tensor:
        """Logits (N,)."""
        return self.detector(views)

    def training_step(self, batch: dict[str, Any], _: int) -> Tensor | None:
        """The loss of a batch; None, which trains nothing, where too little of it is readable."""
        self.unreadable |= batch["unreadable"]
        self.flat.update(batch["flat"])
        readable = len(batch["label"])
        # One picture that is left of several has no variance for batch normalisation.
        if readable == 0 or (readable == 1 and batch["unreadable"]):
            return None
        return self._step("train", batch)

    def validation_step(self, batch: dict[str, Any], _: int) -> None:
        """Gather loss and scores, from which the metrics are taken at the end of the epoch."""
        self.unreadable |= batch["unreadable"]
        self.flat.update(batch["flat"])
        if len(batch["label"]):
            self._step("val", batch)

    def _step(self, part: str, batch: dict[str, Any]) -> Tensor:
        logits, label = self(batch["views"]), batch["label"]
        loss: Tensor = self.loss(logits.float() if part == "val" else logits, label)
        self.tallies[f"of_{part}"].update(logits, label, loss)  # type: ignore[operator]  # a _Tally
        if part == "train":
            self.log("train/loss_of_batch", loss, prog_bar=True, batch_size=len(label))
        return loss

    def on_validation_epoch_end(self) -> None:
        """Log what the validation part scored."""
        self.validated = self.take("val")

    def take(self, part: str) -> EpochScores:
        """The scores of `part` since they were last taken; they are logged, too."""
        scores: EpochScores = self.tallies[f"of_{part}"].take()  # type: ignore[operator]  # a _Tally
        for name in ("loss", "accuracy", "precision", "recall", "f1", "auc"):
            self.log(f"{part}/{name}", getattr(scores, name))
        return scores

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam over what is not frozen."""
        weights = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.Adam(weights, lr=self.learning_rate, weight_decay=self.weight_decay)


def _mean() -> Any:
    from torchmetrics.aggregation import MeanMetric

    return MeanMetric()


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
