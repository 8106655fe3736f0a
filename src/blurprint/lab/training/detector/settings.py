"""Settings of a detector's training, from options or TOML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, field, fields
from typing import Any, Final

from pydantic.dataclasses import dataclass

from blurprint.errors import InputError
from blurprint.invalid import STRICT, Names, as_table, our_errors
from blurprint.lab.models.detectors import DetectorConfig


@our_errors
@dataclass(frozen=True, config=STRICT)
class DetectorTraining:
    """Settings of a training; the defaults are the paper's.

    Attributes:
        detector: what to train.
        epochs: passes over the training part.
        batch_size: pictures a step on each device.
        learning_rate: of Adam.
        weight_decay: of Adam.
        seed: of weights, order and augmentation.
        augment: names of changes; see :mod:`blurprint.lab.loading.augment`.
        balance: weigh fakes so that both classes count alike.
        monitor: "accuracy" or "auc" of the validation part, or its "loss": by it the best epoch is
            chosen, of equal ones the one with the lower loss.
        patience: epochs without a better one after which to stop; 0 never stops early.
        accumulate: batches whose gradients make one step.
        clip: largest norm of the gradient; 0 for none.
        precision: "32", "bf16" or "16" (automatic mixed precision).
        pretrained: start from ImageNet weights: True takes them from an installed package or timm's
            hub, "if-available" too, or begins without them and says so; any other text is a file.
        start_from: file of weights to start from, of the same network.
        devices: how many processors or graphics cards; more than one train with DDP.
        accelerator: "auto", "cpu", "cuda", "mps".
        workers: processes that load pictures.

    Raises:
        InputError: if a value is of another type or out of range.
    """

    detector: DetectorConfig = field(default_factory=DetectorConfig)
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 1e-4
    weight_decay: float = 0.0
    seed: int = 42
    augment: Names = ()
    balance: bool = False
    monitor: str = "accuracy"
    patience: int = 0
    accumulate: int = 1
    clip: float = 0.0
    precision: str = "32"
    pretrained: bool | str = False
    start_from: str | None = None
    devices: int = 1
    accelerator: str = "auto"
    workers: int = 2

    def __post_init__(self) -> None:
        if self.epochs == 0:
            raise InputError(
                "Expected `epochs` to be at least 1, but got 0, which trains nothing; to test"
                " weights as they are: blurprint evaluate detector --weights FILE --data"
                " LAYOUT:PATH --out DIR"
            )
        if self.batch_size == 1:
            raise InputError(
                "Expected `batch_size` to be at least 2, but got 1: batch normalisation needs a"
                " variance; --accumulate N makes one step of N batches"
            )
        bounds = (("epochs", 1), ("batch_size", 2), ("accumulate", 1), ("devices", 1))
        for name, low in (*bounds, ("workers", 0), ("patience", 0), ("seed", 0)):
            if getattr(self, name) < low:
                value = getattr(self, name)
                raise InputError(f"Expected `{name}` to be at least {low}, but got {value}")
        if self.monitor not in ("accuracy", "auc", "loss"):
            raise InputError(
                f'Expected `monitor` to be accuracy, auc or loss, but got "{self.monitor}"'
            )
        if self.precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise InputError(f"Expected `precision` among {known}, but got {self.precision}")
        if not self.learning_rate > 0:
            raise InputError(f"Expected a learning rate above 0, but got {self.learning_rate}")

    def to_dict(self) -> dict[str, Any]:
        """As TOML takes it."""
        return asdict(self)

    def digest(self) -> str:
        """Of all that the result depends on: not of where and by how many processes it is made."""
        settings = {k: v for k, v in self.to_dict().items() if k not in ("workers", "accelerator")}
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DetectorTraining:
        """What :meth:`to_dict` gave.

        Raises:
            InputError: if a setting is unknown, of another type or out of range.
        """
        plain = dict(values)
        network = as_table(plain.pop("detector", None), "detector")
        as_table(network.get("views"), "views")
        detector = DetectorConfig.from_dict(network)
        unknown = sorted(set(plain) - {f.name for f in fields(cls)})
        if unknown:
            raise InputError(f"Unknown settings of the training: {', '.join(unknown)}")
        return cls(detector=detector, **plain)


IF_AVAILABLE: Final = "if-available"
PRECISIONS: Final = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}
"""Names of precisions, and what Lightning calls them."""
