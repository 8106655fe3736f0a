"""What a score does not say, as data: a report picks the sentences of its label from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from blurprint.frozen import frozen

Label = Literal["real", "fake", "unsure"]


@dataclass(frozen=True, slots=True)
class Caution:
    """A reason not to take a score for more than it is.

    Attributes:
        name: stable identifier.
        sentence: the caution in plain words.
    """

    name: str
    sentence: str


_PORTRAIT_MODE: Final = Caution(
    "portrait_mode",
    "The portrait mode of a phone blurs the surroundings of a face by computation and leaves a "
    "border around it.",
)
_RETOUCHING: Final = Caution(
    "retouching",
    "Retouching and beauty filters smooth or sharpen skin, and not its surroundings.",
)
_MOTION: Final = Caution(
    "motion",
    "A head that moved, or hair, hands and glasses before a face, change its blur and its outline.",
)
_COMPRESSION: Final = Caution(
    "compression",
    "Compression and resizing, by messengers and social networks above all, change blur and noise, "
    "and remove traces of a pasted face.",
)
_SEAMLESS: Final = Caution(
    "no_trace_left",
    "A face that was pasted in with care, blurred to match its surroundings, or pasted in at a "
    "higher resolution than the file has, may leave no trace.",
)

OTHER_EXPLANATIONS: Final[Mapping[Label, tuple[Caution, ...]]] = frozen(
    {
        "fake": (_PORTRAIT_MODE, _RETOUCHING, _MOTION, _COMPRESSION),
        "real": (_SEAMLESS, _COMPRESSION),
        "unsure": (_PORTRAIT_MODE, _RETOUCHING, _MOTION, _COMPRESSION),
    }
)
"""What else could explain the result, by label."""

NOT_LOOKED_AT: Final = (
    Caution(
        "whole_faces",
        "Faces and pictures that were generated as a whole, by a GAN or by diffusion, show no "
        "pasted face: the score says nothing about them.",
    ),
    Caution(
        "scenes",
        "Only faces were judged. Objects, text and scenes without a face were not looked at.",
    ),
    Caution(
        "context",
        "Who made the picture, when and where, and whether its caption is true, was not looked at.",
    ),
)
"""What no score of this kind looks at, whatever its label."""
