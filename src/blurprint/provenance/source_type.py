"""IPTC's digital source types in plain words (https://cv.iptc.org/newscodes/digitalsourcetype)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from blurprint.frozen import frozen
from blurprint.provenance.text import quoted

GENERATED: Final = frozenset(
    ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")
)
"""Types by which a file declares that a generative model made it, or a part of it."""

_WORDS: Final[Mapping[str, str]] = frozen(
    {
        "trainedAlgorithmicMedia": "declared as made by a generative model",
        "compositeWithTrainedAlgorithmicMedia": (
            "declared as edited, with parts made by a generative model"
        ),
        "compositeSynthetic": "declared as a composite with synthetic parts",
        "algorithmicMedia": "declared as made by an algorithm that was not trained on data",
        "trainedAlgorithmicData": "declared as data of a trained model",
        "algorithmicallyEnhanced": "declared as enhanced by an algorithm",
        "digitalCapture": "declared as taken by a digital camera",
        "computationalCapture": "declared as taken by a camera that combines several exposures",
        "compositeCapture": "declared as a composite of several camera pictures",
        "composite": "declared as a composite of several pictures",
        "negativeFilm": "declared as digitised from a negative on film",
        "positiveFilm": "declared as digitised from a positive on film",
        "print": "declared as digitised from a print",
        "minorHumanEdits": "declared as a photograph with minor edits by a person",
        "humanEdits": "declared as edited by a person",
        "digitalCreation": "declared as made by a person with digital tools",
        "digitalArt": "declared as made by a person with digital tools",
        "dataDrivenMedia": "declared as drawn from data",
        "screenCapture": "declared as a capture of a screen",
        "virtualRecording": "declared as a recording of a virtual event",
        "softwareImage": "declared as made by software",
        "empty": "declared as begun from an empty picture",
    }
)


def source_type_in_words(kind: str) -> str:
    """A digital source type, the last part of its address, in plain words.

    >>> source_type_in_words("trainedAlgorithmicMedia")
    'declared as made by a generative model'
    """
    return _WORDS.get(kind, f"declared as {quoted(kind, 60)}")
