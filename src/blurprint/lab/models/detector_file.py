"""A detector's weights with what is known of them: from the command line, and from their card."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.lab.datasets.source import DataSource, trained_source
from blurprint.lab.models.detector_weights import card_beside, load_detector, stored_config
from blurprint.lab.models.detectors import Detector, DetectorConfig
from blurprint.score.make_views import ViewOptions
from blurprint.score.normalisation import resolve_normalisation, write_normalisation
from blurprint.score.views import VIEWS

_DEFAULTS: Final[Mapping[str, Any]] = {
    "model": "defocus",
    "backbone": "legacy_xception",
    "size": 299,
    "estimator": "paper",
    "variant": "minmax",
    "fit": "squash",
    "normalisation": "auto",
}
"""What weights that do not say it themselves are taken for."""


@dataclass(frozen=True, slots=True)
class DetectorFile:
    """Weights, and what was said of them.

    Attributes:
        weights: the file, ours (.safetensors) or of another training (.pth).
        given: what was asked for, by name: "model", "backbone", "size", "estimator",
            "variant", "fit" and "normalisation"; the rest, or None, takes the paper's.
    """

    weights: Path
    given: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> DetectorConfig:
        """What the weights are taken for where they do not say it.

        Raises:
            InputError: if a value is unknown.
        """
        values = dict(_DEFAULTS) | self._asked()
        model, backbone, fed = (values.pop(name) for name in ("model", "backbone", "normalisation"))
        if model not in VIEWS:
            raise InputError(f'Expected `model` to be among {", ".join(VIEWS)}, but got "{model}"')
        views = ViewOptions(views=(model,), **values)
        return DetectorConfig(model, backbone, views=views, normalisation=fed)

    def load(self) -> Detector:
        """The detector, in evaluation mode; its `notes` say what was inferred.

        Raises:
            InputError: see :func:`load_detector`.
        """
        if stored_config(self.weights) is not None:
            return load_detector(self.weights)
        return load_detector(self.weights, self.config())

    def require_agreement(self, but: Collection[str] = ()) -> None:
        """Check that weights of ours, which say what they are, are what was asked for.

        Args:
            but: names of options that are not about the detector.

        Raises:
            InputError: if something else was asked for, or the file cannot be read.
        """
        stored = stored_config(self.weights)
        if stored is None:
            return
        views = stored.views
        own = {
            "model": stored.model,
            "backbone": stored.backbone,
            "normalisation": stored.normalisation,
        } | {name: getattr(views, name) for name in ("size", "estimator", "variant", "fit")}
        for name, value in self._asked().items():
            asked = value
            if name == "normalisation":
                asked = write_normalisation(resolve_normalisation(value, views.views))
            if name not in but and own[name] != asked:
                raise InputError(
                    f"{self.weights}: says itself that its {name} is {own[name]}, but got "
                    f"--{name} {value}"
                )

    def card(self) -> dict[str, Any]:
        """What the card beside the weights says; nothing if no card is there.

        Raises:
            InputError: if there are no weights, or the card is not theirs or broken.
        """
        if not self.weights.is_file():
            raise InputError(f"{self.weights}: no such file of weights")
        card = card_beside(self.weights)
        return {} if card is None else card.content

    def trained(self) -> DataSource | None:
        """The data it was trained on, or None where its card does not say.

        Raises:
            InputError: if the card is broken.
        """
        card = self.card()
        try:
            return trained_source(card)
        except InputError as error:
            raise InputError(f"{self.weights.with_suffix('.json')}: {error}") from error

    def trained_on(self) -> str:
        """In words: data, fake types, split."""
        source = self.trained()
        if source is None:
            return "its file does not say what it was trained on"
        parts = [
            f"trained on {', '.join(source.data)}",
            f"fakes by {', '.join(source.fake_types)}" if source.fake_types else "all its fakes",
            f"split {source.split or 'as the layout has it'} with seed {source.split_seed}",
        ]
        if source.compression:
            parts.append(f"compression {source.compression}")
        return ", ".join(parts)

    def digest(self) -> str:
        """SHA-256 of the weights, 64 hexadecimal digits.

        Raises:
            InputError: if they cannot be read.
        """
        try:
            with self.weights.open("rb") as opened:
                return hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"{self.weights}: cannot be read ({error.strerror})") from error

    def _asked(self) -> dict[str, Any]:
        return {name: value for name, value in self.given.items() if value is not None}
