"""Everything that measures, judges or finds faces: what ships, and cards of the user."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from blurprint.catalogue.detector_facts import of_detector_card
from blurprint.catalogue.estimator_facts import of_estimator_card, of_method
from blurprint.catalogue.face_facts import of_face_card
from blurprint.catalogue.finder_facts import cascades, mtcnn
from blurprint.catalogue.model import Model
from blurprint.errors import InputError
from blurprint.optics.methods import METHODS
from blurprint.weights.card import (
    DetectorCard,
    EstimatorCard,
    FaceCard,
    read_card,
    shipped,
    ships,
)

FACE: Final = "face"
"""Name of the face network that ships."""


def shipped_models() -> tuple[Model, ...]:
    """Estimators in the order of their names' list, the face network, what finds faces.

    Raises:
        InputError: naming the card that is broken.
    """
    found = [of_method(method) for method in METHODS.values()]
    if ships(FACE):
        found.append(of_face_card(shipped(FACE, FaceCard), "analyze, score"))
    return (*found, mtcnn(), cascades())


def model_of(path: str | Path) -> Model:
    """What a card of the user's says, of whatever kind of network it is.

    Raises:
        InputError: naming the file and the field, if it is no card.
    """
    card = read_card(Path(path))
    if isinstance(card, EstimatorCard):
        return of_estimator_card(card)
    if isinstance(card, DetectorCard):
        return of_detector_card(card)
    if isinstance(card, FaceCard):
        return of_face_card(card, f"score --weights {card.path.name}")
    raise InputError(f"{path}: Expected the card of a network of a known kind")
