"""A network's card: what it is, what made it, how good it is, and how to read its outputs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blurprint.errors import InputError

FORMAT = 1
"""Version of the layout of cards."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card, and the model that lies beside it.

    Attributes:
        path: of the JSON file.
        content: of the JSON file; see the cards that ship for what they hold.
    """

    path: Path
    content: dict[str, Any]

    @property
    def model(self) -> Path:
        """The ONNX file."""
        return self.path.with_name(str(self.content["file"]))

    def read_model(self) -> bytes:
        """The ONNX file's bytes.

        Raises:
            InputError: if the file is missing, or is not the one that the card describes.
        """
        try:
            data = self.model.read_bytes()
        except OSError as error:
            raise InputError(f"{self.model}: cannot be read ({error.strerror})") from error
        if hashlib.sha256(data).hexdigest() != self.content["sha256"]:
            raise InputError(f"{self.model}: is not the file that {self.path.name} describes")
        return data


def read_card(path: Path) -> Card:
    """Read the card of a network.

    Raises:
        InputError: if the file is missing or is no card of this version.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a card ({error})") from error
    missing = {"format", "file", "sha256"} - set(content)
    if missing or content["format"] != FORMAT:
        raise InputError(f"{path}: expected a card of format {FORMAT}")
    return Card(path, content)


def shipped(name: str) -> Card:
    """The card of a network that ships, by name."""
    return read_card(Path(__file__).with_name(f"{name}.json"))
