"""A network's card: what it is, what made it, how good it is, and how to read its outputs.

A card is a JSON file beside the network's own. Its `kind` says of what network: one that estimates
blur, or one that detects fakes. What a program needs of it is checked when it is read; whatever
else it says is kept as it stands.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, overload

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from blurprint.errors import InputError
from blurprint.files import reason
from blurprint.invalid import in_words, shown
from blurprint.weights.stages import MENTIONS, flattened

FORMAT: Final = 1
"""Version of the layout of cards of estimators."""
DETECTOR_FORMATS: Final = "blurprint-detector-"
"""How the formats of all cards of detectors begin."""


def _file_name(name: str) -> str:
    if Path(name).name != name or "\\" in name:
        raise ValueError("the name of a file beside the card")
    return name


FileName = Annotated[str, AfterValidator(_file_name)]


class Part(BaseModel):
    """A part of a card: typed fields that are checked, and others that are kept."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)


class Card(Part):
    """What all cards hold.

    Attributes:
        kind: of what network: "estimator", "detector" or "face".
        format: version of the card's layout.
        file: name of the ONNX file beside the card; None on the card that lies beside the weights
            of a detector's training.
        sha256: of that file, or of those weights; None on early cards of trainings.
    """

    kind: Literal["estimator", "detector", "face"]
    format: int | str
    file: FileName | None = None
    sha256: str | None = None
    _path: Path = PrivateAttr()
    _content: dict[str, Any] = PrivateAttr()

    @property
    def path(self) -> Path:
        """The JSON file."""
        return self._path

    @property
    def content(self) -> dict[str, Any]:
        """All that the file says, as it stands there; of an estimator, each training once."""
        return self._content

    @property
    def model(self) -> Path:
        """The ONNX file.

        Raises:
            InputError: if the card names none.
        """
        if self.file is None:
            raise InputError(f"{self.path}: Expected `file`, which is missing")
        return self.path.with_name(self.file)

    def read_model(self) -> bytes:
        """The ONNX file's bytes.

        Raises:
            InputError: if the file is missing, or is not the one that the card describes.
        """
        model = self.model
        if self.sha256 is None:
            raise InputError(f"{self.path}: Expected `sha256`, which is missing")
        try:
            data = model.read_bytes()
        except OSError as error:
            raise InputError(f"{model}: cannot be read ({error.strerror})") from error
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise InputError(f"{model}: is not the file that {self.path.name} describes")
        return data


class Input(Part):
    """What an estimator takes; H and W of a picture are multiples of `stride`."""

    stride: int = Field(ge=1)


class ConfidenceCurve(Part):
    """The calibration of an estimator's confidence.

    Attributes:
        tolerance_px: error in pixels within which an estimate counts as right, or
        tolerance_share: the error as a share of the estimate, whichever is larger.
        log_ratio: knots, increasing: log of the error's scale over the tolerance.
        log_scale: the same on early cards: log of the scale in pixels.
        probability: of an error within the tolerance, one for each knot.
    """

    tolerance_px: float = Field(gt=0)
    tolerance_share: float = Field(0.0, ge=0)
    log_ratio: list[float] | None = None
    log_scale: list[float] | None = None
    probability: list[float]

    @model_validator(mode="after")
    def _has_knots(self) -> ConfidenceCurve:
        knots = self.log_scale if self.log_ratio is None else self.log_ratio
        if not knots or len(knots) != len(self.probability) or sorted(knots) != knots:
            raise ValueError("increasing knots, `log_ratio`, with a `probability` for each")
        return self


class EarlierTraining(Part):
    """What a record of a training says of an earlier one.

    Attributes:
        stage: name of its record; None where there is none.
    """

    stage: str | None = None


class TrainingRecord(Part):
    """What a card says of a training; see :mod:`blurprint.weights.stages`.

    Attributes:
        started_from: the training whose weights it began with.
        teacher: the training of the network whose estimates it learnt.
    """

    started_from: EarlierTraining | None = None
    teacher: EarlierTraining | None = None

    @property
    def named(self) -> list[str]:
        """Names of the earlier trainings that it speaks of."""
        earlier = (getattr(self, mention) for mention in MENTIONS)
        return [one.stage for one in earlier if one is not None and one.stage is not None]


class EstimatorCard(Card):
    """The card of a network that estimates blur; cards without a kind are of these.

    Attributes:
        input: what it takes.
        confidence: how its own error is to be understood.
        sigma: what it gives: the blur of the "lens", or the "whole" spread with the pixel's box
            (:mod:`blurprint.lens.pixel`).
        network: class and sizes, from which the network can be built again.
        training: what made it; None if the card does not say.
        stages: the trainings before that one, by name.
    """

    kind: Literal["estimator"] = "estimator"
    format: Literal[1]
    file: FileName
    sha256: str
    input: Input
    confidence: ConfidenceCurve
    sigma: Literal["lens", "whole"] = "lens"
    network: dict[str, Any] = Field(default_factory=dict)
    training: TrainingRecord | None = None
    stages: dict[str, TrainingRecord] = Field(default_factory=dict, validate_default=True)

    @field_validator("stages")
    @classmethod
    def _has_every_stage(
        cls, stages: dict[str, TrainingRecord], info: ValidationInfo
    ) -> dict[str, TrainingRecord]:
        training = info.data.get("training")
        records = [*stages.values(), *([training] if training is not None else [])]
        if lost := [name for one in records for name in one.named if name not in stages]:
            raise ValueError(f"records of all earlier trainings, {lost[0]} too")
        return stages


class DetectorSettings(Part):
    """What a detector is.

    Attributes:
        model: "defocus", "rgb", "frequency" or "fusion".
        views: what it sees; see :class:`blurprint.score.make_views.ViewOptions`.
    """

    model: str
    views: dict[str, Any]


class SmallNetwork(Part):
    """The same network in 8 bits, beside the other."""

    file: FileName
    sha256: str


class SeenRecordFile(Part):
    """The record of what a training saw, beside the weights; `lab/datasets/seen.py` reads it."""

    sha256: str


class DetectorCard(Card):
    """The card of a detector: of an export, or of the weights that a training wrote.

    Attributes:
        config: what it is.
        int8: the export in 8 bits, if there is one.
        seen: the record of the pictures that its training saw, if it wrote one.
    """

    kind: Literal["detector"] = "detector"
    format: Annotated[str, Field(pattern=f"^{DETECTOR_FORMATS}")]
    config: DetectorSettings
    int8: SmallNetwork | None = None
    seen: SeenRecordFile | None = None

    def in_8_bits(self) -> DetectorCard:
        """The card with the network in 8 bits in the place of the other.

        Raises:
            InputError: if there is none.
        """
        if self.int8 is None:
            raise InputError(f"{self.path}: Expected `int8`, which is missing")
        return self.model_copy(update={"file": self.int8.file, "sha256": self.int8.sha256})


class FaceInput(Part):
    """What the face network takes.

    Attributes:
        size: side of the square around a face, pixels.
        width: side of it in eye distances; see :func:`blurprint.faces.crop.upright_crop`.
    """

    size: int = Field(ge=32)
    width: float = Field(gt=0)


class FaceCard(Card):
    """The card of the network that judges faces.

    Attributes:
        input: what it takes.
        rules: from its outputs to a label; see :class:`blurprint.score.rules.Rules`.
    """

    kind: Literal["face"] = "face"
    format: Literal[1]
    file: FileName
    sha256: str
    input: FaceInput
    rules: dict[str, Any]


_KINDS: Final[dict[str, type[Card]]] = {
    "estimator": EstimatorCard,
    "detector": DetectorCard,
    "face": FaceCard,
}
_IN_WORDS: Final[dict[type[Card], str]] = {
    EstimatorCard: "an estimator",
    DetectorCard: "a detector",
    FaceCard: "a face network",
}
_Kind = TypeVar("_Kind", bound=Card)


@overload
def read_card(path: Path) -> Card: ...
@overload
def read_card(path: Path, kind: type[_Kind]) -> _Kind: ...
def read_card(path: Path, kind: type[Card] = Card) -> Card:
    """Read the card of a network.

    Args:
        path: of the JSON file.
        kind: the class of card that is needed; any if left out.

    Raises:
        InputError: naming the file and the field, if the file is missing, is no card, lacks a
            field, has one of another type, or is the card of another kind of network.
    """
    content = read_content(path)
    found = _KINDS.get(kind_of(content, path))
    if found is None:
        known = " or ".join(_KINDS)
        got = shown(content["kind"])
        raise InputError(f"{path}: Expected `kind` to be {known}, but got {got}")
    if not issubclass(found, kind):
        wanted, got = _IN_WORDS[kind], _IN_WORDS[found]
        raise InputError(f"{path}: Expected the card of {wanted}, but got that of {got}")
    try:
        if found is EstimatorCard:
            content = flattened(content)
        card = found.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {in_words(error)}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path}: Expected a card, but it is nested too deeply") from error
    card._path, card._content = path, content
    return card


def read_content(path: Path) -> dict[str, Any]:
    """What a card's file says, whatever that is.

    Raises:
        InputError: if it cannot be read, or is no JSON object.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read as a card ({reason(error)})") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: Expected a card in JSON, but got {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: Expected a card, an object, but got a {type(content).__name__}")
    return content


def detector_card_beside(weights: Path) -> DetectorCard | None:
    """The card beside a detector's `weights`; None where there is none.

    A JSON file of the same name that does not begin with one of our formats is somebody else's,
    and counts as none.

    Raises:
        InputError: see :func:`read_card`.
    """
    file = weights.with_suffix(".json")
    if not os.path.exists(file):  # noqa: PTH110 - Path.exists fails in folders that are closed
        return None
    if not str(read_content(file).get("format", "")).startswith(DETECTOR_FORMATS):
        return None
    return read_card(file, DetectorCard)


def kind_of(content: dict[str, Any], path: Path) -> str:
    """The kind that a card states, or the one whose format it has: early cards state none.

    Raises:
        InputError: if it states neither a kind nor a format that is known.
    """
    if "kind" in content:
        return str(content["kind"])
    stated = content.get("format")
    if isinstance(stated, str) and stated.startswith(DETECTOR_FORMATS):
        return "detector"
    if stated != FORMAT:
        raise InputError(
            f"{path}: Expected `format` to be {FORMAT} or to begin with {DETECTOR_FORMATS}, "
            f"but got {shown(stated)}"
        )
    return "estimator"


@overload
def shipped(name: str) -> Card: ...
@overload
def shipped(name: str, kind: type[_Kind]) -> _Kind: ...
def shipped(name: str, kind: type[Card] = Card) -> Card:
    """The card of a network that ships, by name; `kind` as for :func:`read_card`."""
    return read_card(_shipped_path(name), kind)


def ships(name: str) -> bool:
    """Whether a network of this name ships."""
    return _shipped_path(name).exists()


def _shipped_path(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.json")
