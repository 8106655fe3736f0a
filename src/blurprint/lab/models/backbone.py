"""Backbones: any network of timm, as a function from a view to one vector."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from blurprint.lab.models.backbone_names import check_backbone
from blurprint.score.normalisation import MEAN_STD


class Backbone(nn.Module):
    """A view, float (N, 3, S, S) in [0, 1], to its features (N, `width`).

    The normalisation is applied here, so that it travels with the weights and into every export.

    Args:
        name: as ``timm.list_models()`` has it; the paper's is "legacy_xception".
        normalisation: "none", "half" or "timm"; see :mod:`blurprint.score.normalisation`.

    Attributes:
        mean, std: (3, 1, 1), what `normalisation` comes to.

    Raises:
        InputError: if timm has no such network.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, normalisation: str) -> None:
        """See the class."""
        super().__init__()
        self.net = create_backbone(name)
        described: dict[str, Any] = getattr(self.net, "pretrained_cfg", None) or {}
        for key, fixed in zip(
            ("mean", "std"), MEAN_STD.get(normalisation, (None, None)), strict=True
        ):
            values = described.get(key, (0.5,) * 3) if fixed is None else (fixed,) * 3
            tensor = torch.tensor(values, dtype=torch.float32)[:, None, None]
            self.register_buffer(key, tensor, persistent=False)
        before_head = getattr(self.net, "head_hidden_size", None) or self.net.num_features
        self.width = int(before_head)  # type: ignore[arg-type]  # timm's networks have a number

    def forward(self, view: Tensor) -> Tensor:
        """See the class."""
        return self.net((view - self.mean) / self.std)


def create_backbone(name: str, classes: int = 0) -> nn.Module:
    """timm's network with new weights, without a classifier unless `classes` are wanted.

    Raises:
        InputError: if timm has no such network.
    """
    check_backbone(name)
    import timm

    with warnings.catch_warnings():  # of names that timm keeps for others ("xception")
        warnings.simplefilter("ignore")
        return timm.create_model(name, pretrained=False, num_classes=classes)
