"""Detectors: views of a picture to one logit, positive for fake.

A detector has one branch, a backbone, for each view that it sees. With one branch a linear layer
follows (the paper's, with Xception on the min-max map); with several their features are fused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from blurprint.errors import InputError
from blurprint.invalid import STRICT, our_errors
from blurprint.lab.models.backbone import Backbone
from blurprint.lab.models.imagenet import imagenet_weights
from blurprint.score.make_views import ViewOptions
from blurprint.score.normalisation import (
    AUTO,
    BEFORE,
    resolve_normalisation,
    write_normalisation,
)

FUSIONS: Final = ("concatenate", "multiply", "gated")


@our_errors
@dataclass(frozen=True, config=STRICT)
class DetectorConfig:
    """All that it takes to build a detector and to feed it; saved with the weights.

    Attributes:
        model: a name in :data:`DETECTORS`.
        backbone: of every branch, as timm names it.
        fusion: how several branches become one: "concatenate", "multiply" or "gated".
        width: features of each branch as they are fused.
        dropout: before the last layer, in training.
        views: how pictures become views.
        normalisation: of each view before its backbone: "none", "half" or "timm" for all,
            VIEW=KIND between commas, or "auto", in whose place stands what it comes to; see
            :func:`resolve_normalisation`.

    Raises:
        InputError: if a value is of another type, a name unknown, or the views do not suit the
            model.
    """

    model: str = "defocus"
    backbone: str = "legacy_xception"
    fusion: str = "concatenate"
    width: int = 256
    dropout: float = 0.0
    views: ViewOptions = field(default_factory=ViewOptions)
    normalisation: str = AUTO

    def __post_init__(self) -> None:
        if self.model not in DETECTORS:
            known = ", ".join(DETECTORS)
            raise InputError(f'Expected `model` to be among {known}, but got "{self.model}"')
        if self.fusion not in FUSIONS:
            known = ", ".join(FUSIONS)
            raise InputError(f'Expected `fusion` to be among {known}, but got "{self.fusion}"')
        if self.model == "fusion":
            if len(self.views.views) < 2:
                raise InputError(f"Expected two views or more to fuse, but got {self.views.views}")
        elif self.views.views != (self.model,):
            raise InputError(
                f'Expected the one view "{self.model}" for the model of this name, '
                f"but got {self.views.views}"
            )
        resolved = write_normalisation(self.normalisations)
        object.__setattr__(self, "normalisation", resolved)

    @property
    def normalisations(self) -> dict[str, str]:
        """The normalisation of each view."""
        return resolve_normalisation(self.normalisation, self.views.views)

    def to_dict(self) -> dict[str, Any]:
        """As JSON and TOML take it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DetectorConfig:
        """What :meth:`to_dict` gave, lists for tuples; or some of it, and defaults for the rest.

        What names every field but the normalisation was written before that was a setting, when
        it was timm's.

        Raises:
            InputError: if a field is unknown, or see the class.
        """
        plain = dict(values)
        views = dict(plain.pop("views", {}))
        for name, given, kind in (("view", views, ViewOptions), ("detector", plain, cls)):
            unknown = sorted(set(given) - {f.name for f in fields(kind)})
            if unknown:
                raise InputError(f"Unknown settings of the {name}: {', '.join(unknown)}")
        if set(plain) == {f.name for f in fields(cls)} - {"views", "normalisation"}:
            plain["normalisation"] = BEFORE
        return cls(**plain, views=ViewOptions(**views))


class Detector(nn.Module):
    """Base of the detectors: ``views`` to features to a logit.

    Args:
        config: what to build.

    Attributes:
        notes: what was inferred and what left out when its weights were read; for the user to see.
        pretrained_from: where its backbones' first weights are from, for the card; None for new
            ones. See :class:`blurprint.lab.models.imagenet.Pretrained`.
    """

    notes: tuple[str, ...]
    pretrained_from: dict[str, Any] | None

    def __init__(self, config: DetectorConfig) -> None:
        """See the class."""
        super().__init__()
        self.head: nn.Module
        self.config = config
        self.notes = ()
        self.pretrained_from = None
        self.branches = nn.ModuleDict(
            {view: Backbone(config.backbone, kind) for view, kind in config.normalisations.items()}
        )
        self.dropout = nn.Dropout(config.dropout)

    def embed(self, views: Mapping[str, Tensor]) -> Tensor:
        """Features before the last layer, (N, D), of views (N, 3, S, S)."""
        raise NotImplementedError

    def classify(self, features: Tensor) -> Tensor:
        """Logits (N,) of features (N, D)."""
        return self.head(self.dropout(features))[:, 0]

    def forward(self, views: Mapping[str, Tensor]) -> Tensor:
        """Logits (N,); ``sigmoid`` of them is P(fake)."""
        return self.classify(self.embed(views))

    def _width(self) -> int:
        return int(next(iter(self.branches.values())).width)  # type: ignore[arg-type]  # a Backbone


class _OneView(Detector):
    """A backbone and a linear layer."""

    def __init__(self, config: DetectorConfig) -> None:
        super().__init__(config)
        self.head = nn.Linear(self._width(), 1)

    def embed(self, views: Mapping[str, Tensor]) -> Tensor:
        ((view, branch),) = self.branches.items()
        return branch(views[view])


class DefocusNet(_OneView):
    """Sees the defocus map (Jeon & Woo, CIKM 2025, with "legacy_xception" and "minmax")."""


class RGBNet(_OneView):
    """Sees the picture."""


class FrequencyNet(_OneView):
    """Sees log-amplitudes of the Fourier transform, or of the blocks of JPEG."""


class FusionNet(Detector):
    """Sees several views. Features of each branch are projected to one width and fused.

    "concatenate" puts them side by side; "multiply" takes their product, by elements; "gated"
    weighs the branches, picture by picture, by a softmax over all of their features.
    """

    def __init__(self, config: DetectorConfig) -> None:
        """See the class."""
        super().__init__(config)
        count = len(self.branches)
        self.project = nn.ModuleDict(
            {
                view: nn.Sequential(nn.Linear(self._width(), config.width), nn.GELU())
                for view in self.branches
            }
        )
        self.gate = nn.Linear(count * config.width, count) if config.fusion == "gated" else None
        if self.gate is not None:  # branches begin with equal weights
            nn.init.zeros_(self.gate.weight)
            nn.init.zeros_(self.gate.bias)
        self.head = nn.Linear(config.width * (count if config.fusion == "concatenate" else 1), 1)

    def embed(self, views: Mapping[str, Tensor]) -> Tensor:
        """See :meth:`Detector.embed`."""
        parts = [self.project[view](branch(views[view])) for view, branch in self.branches.items()]
        if self.gate is not None:
            weights = self.gate(torch.cat(parts, dim=1)).softmax(dim=1)
            return (torch.stack(parts, dim=2) * weights[:, None]).sum(dim=2)
        if self.config.fusion == "concatenate":
            return torch.cat(parts, dim=1)
        product = parts[0]
        for part in parts[1:]:
            product = product * part
        return product


DETECTORS: Final[Mapping[str, Callable[..., Detector]]] = MappingProxyType(
    {"defocus": DefocusNet, "rgb": RGBNet, "frequency": FrequencyNet, "fusion": FusionNet}
)


def create_detector(config: DetectorConfig, *, pretrained: bool | str | Path = False) -> Detector:
    """A detector with new weights.

    Args:
        config: what to build.
        pretrained: start the backbones from trained weights: True for ImageNet's, of an installed
            package or of timm's hub; a path for a file. Where they are from stands in
            `pretrained_from` of the detector, what is to be said of it in `notes`.

    Raises:
        InputError: if timm has no such backbone, or a file does not fit it.
        BlurprintError: if the pretrained weights are unavailable.
    """
    detector = DETECTORS[config.model](config)
    if pretrained is False:
        return detector
    found = imagenet_weights(config.backbone, pretrained)
    notes = list(found.notes)
    for view, branch in detector.branches.items():
        branch.net.load_state_dict(found.state)  # type: ignore[union-attr]  # a Backbone
        if _fed_otherwise(branch, found.origin):
            notes.append(
                f"{config.backbone} was trained on pictures with mean {found.origin['mean']} and "
                f"standard deviation {found.origin['std']} taken out; the view {view} is fed by "
                f'"{config.normalisations[view]}" here'
            )
    detector.notes = tuple(notes)
    detector.pretrained_from = {**found.origin, "notes": notes}
    return detector


def _fed_otherwise(branch: nn.Module, origin: Mapping[str, Any]) -> bool:
    """Whether a branch is fed by another mean or deviation than its weights were trained with."""
    stated = ((key, origin.get(key)) for key in ("mean", "std"))
    return any(
        values and not torch.allclose(getattr(branch, key).flatten(), torch.tensor(values))
        for key, values in stated
    )
