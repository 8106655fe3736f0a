"""Backbones: any network of timm, as a function from a view to one vector."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from blurprint.errors import BlurprintError, InputError
from blurprint.lab.torchvision_import import ensure_torchvision


class Backbone(nn.Module):
    """A view, float (N, 3, S, S) in [0, 1], to its features (N, `width`).

    Mean and standard deviation that timm names for the network are applied here, so that they
    travel with the weights.

    Args:
        name: as ``timm.list_models()`` has it; the paper's is "legacy_xception".
        pretrained: start from timm's ImageNet weights, which it downloads.

    Raises:
        InputError: if timm has no such network.
        BlurprintError: if the weights cannot be had.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, *, pretrained: bool = False) -> None:
        """See the class."""
        super().__init__()
        self.net = create_backbone(name, pretrained=pretrained)
        described: dict[str, Any] = self.net.pretrained_cfg or {}  # type: ignore[assignment]
        for key, fallback in (("mean", (0.5,) * 3), ("std", (0.5,) * 3)):
            values = torch.tensor(described.get(key, fallback), dtype=torch.float32)
            self.register_buffer(key, values[:, None, None], persistent=False)
        self.width = int(getattr(self.net, "head_hidden_size", None) or self.net.num_features)  # type: ignore[arg-type]

    def forward(self, view: Tensor) -> Tensor:
        """See the class."""
        return self.net((view - self.mean) / self.std)


def create_backbone(name: str, *, pretrained: bool) -> nn.Module:
    """timm's network without a classifier; errors as :class:`Backbone` says."""
    ensure_torchvision()
    import timm

    if not timm.is_model(name):
        close = ", ".join(timm.list_models(f"*{name.rsplit('_', maxsplit=1)[-1]}*")[:6])
        hint = f"; near it: {close}" if close else ""
        raise InputError(f'Expected a backbone that timm has, but got "{name}"{hint}')
    if not pretrained:
        return timm.create_model(name, pretrained=False, num_classes=0)
    if not timm.is_model_pretrained(name):
        raise InputError(f'"{name}" has no ImageNet weights in timm; leave --pretrained out')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return timm.create_model(name, pretrained=True, num_classes=0)
    except Exception as error:  # whatever the hub, the network and the file system raise
        reason = " ".join(str(error).split()).partition(". ")[0][:200]
        raise BlurprintError(
            f"The ImageNet weights of {name} could not be had ({reason}). Without a connection, "
            "leave --pretrained out, or give a file that was downloaded elsewhere with --weights."
        ) from error
