"""A detector in Lightning's terms: its loss, its optimiser, what it is validated by."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from blurprint.lab.models.detectors import Detector
from blurprint.lab.torchvision_import import ensure_torchvision

ensure_torchvision()

import lightning as L  # noqa: E402
from torchmetrics.classification import BinaryAccuracy, BinaryAUROC  # noqa: E402


class DetectorModule(L.LightningModule):  # type: ignore[misc]
    """Binary cross-entropy on the logit; Adam; validation loss, accuracy and AUC.

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
        # Scores of tiny validation parts may hold one class only, which AUROC warns of.
        self.metrics = nn.ModuleDict({"accuracy": BinaryAccuracy(), "auc": BinaryAUROC()})

    def forward(self, views: dict[str, Tensor]) -> Tensor:
        """Logits (N,)."""
        return self.detector(views)

    def training_step(self, batch: dict[str, Any], _: int) -> Tensor:
        """The loss of a batch."""
        loss: Tensor = self.loss(self(batch["views"]), batch["label"])
        self.log("train/loss", loss, prog_bar=True, batch_size=len(batch["label"]))
        return loss

    def validation_step(self, batch: dict[str, Any], _: int) -> None:
        """Loss, and the scores that accuracy and AUC are taken from at the end of the epoch."""
        logits, label = self(batch["views"]).float(), batch["label"]
        self.log("val/loss", self.loss(logits, label), batch_size=len(label), sync_dist=True)
        for metric in self.metrics.values():
            metric.update(logits.sigmoid(), label.int())  # type: ignore[operator]

    def on_validation_epoch_end(self) -> None:
        """Log accuracy and AUC over all of the validation part."""
        for name, metric in self.metrics.items():
            self.log(f"val/{name}", metric.compute(), prog_bar=True)  # type: ignore[operator]
            metric.reset()  # type: ignore[operator]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam over what is not frozen."""
        weights = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.Adam(weights, lr=self.learning_rate, weight_decay=self.weight_decay)
