"""A detector's weights with what is known of them: from the command line, and from their card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from blurprint.errors import InputError
from blurprint.lab.datasets.pictures import ViewOptions
from blurprint.lab.datasets.source import DataSource, trained_source
from blurprint.lab.datasets.views import VIEWS
from blurprint.lab.models.detector_weights import load_detector
from blurprint.lab.models.detectors import Detector, DetectorConfig

_DEFAULTS: Final[Mapping[str, Any]] = {
    "model": "defocus",
    "backbone": "legacy_xception",
    "size": 299,
    "estimator": "paper",
    "variant": "minmax",
    "fit": "squash",
}
NAMES: Final = tuple(_DEFAULTS)
"""What can be said of weights that do not say it themselves."""


@dataclass(frozen=True, slots=True)
class DetectorFile:
    """Weights, and what was said of them.

    Attributes:
        weights: the file, ours (.safetensors) or of another training (.pth).
        given: by :data:`NAMES`, what was asked for; the rest, or None, takes the paper's.
    """

    weights: Path
    given: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> DetectorConfig:
        """What the weights are taken for where they do not say it.

        Raises:
            InputError: if a value is unknown.
        """
        values = dict(_DEFAULTS) | self._asked()
        model, backbone = values.pop("model"), values.pop("backbone")
        if model not in VIEWS:
            raise InputError(f'Expected `model` to be among {", ".join(VIEWS)}, but got "{model}"')
        return DetectorConfig(model, backbone, views=ViewOptions(views=(model,), **values))

    def load(self) -> Detector:
        """The detector, in evaluation mode.

        Raises:
            InputError: see :func:`load_detector`.
        """
        return load_detector(self.weights, self.config())

    def require_agreement(self, detector: Detector, but: Collection[str] = ()) -> None:
        """Check that the detector is what was asked for: weights of ours say what they are.

        Args:
            detector: from :meth:`load`.
            but: names of options that are not about the detector.

        Raises:
            InputError: if something else was asked for.
        """
        config = detector.config
        own = {"model": config.model, "backbone": config.backbone} | {
            name: getattr(config.views, name) for name in ("size", "estimator", "variant", "fit")
        }
        for name, value in self._asked().items():
            if name not in but and own[name] != value:
                raise InputError(
                    f"{self.weights}: says itself that its {name} is {own[name]}, but got "
                    f"--{name} {value}"
                )

    def card(self) -> dict[str, Any]:
        """What lies beside the weights as JSON; nothing if no card is there.

        Raises:
            InputError: if there are no weights, or the card is no JSON object.
        """
        if not self.weights.is_file():
            raise InputError(f"{self.weights}: no such file of weights")
        return _read_card(self.weights)

    def trained(self) -> DataSource | None:
        """The data it was trained on, or None where its card does not say.

        Raises:
            InputError: if the card is broken.
        """
        return trained_source(self.card())

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


def _read_card(weights: Path) -> dict[str, Any]:
    file = weights.with_suffix(".json")
    try:
        content = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: Expected the card of a detector as JSON ({error})") from error
    if not isinstance(content, dict):
        raise InputError(f"{file}: Expected a JSON object, but got {type(content).__name__}")
    return content
