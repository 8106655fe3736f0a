"""The noun: what is known of one estimator, face network, detector or finder of faces."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Kind = Literal["estimator", "face network", "detector", "face finder"]

SCHEMA: Final = 1
"""Version of the JSON; raised when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class Output:
    """What it gives.

    Attributes:
        quantity: "sigma", "P(fake)" and so on.
        unit: "px", "map units" or "" for a share or a ratio.
        low: least value; None if not stated.
        high: largest value; None if not stated.
        direction: what a larger value means, as "0 = real, 1 = fake".
        remark: what else bounds it; "" for nothing.
    """

    quantity: str
    unit: str
    low: float | None
    high: float | None
    direction: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured error.

    Attributes:
        what: which error, and on what.
        value: the error.
        unit: "px", or "" for shares and the like.
        low: lower end of its interval; None if not stated.
        high: upper end of it; None if not stated.
        count: of what it was measured on; None if not stated.
        counted: what that counts, as "fakes"; "" if not stated.
    """

    what: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    count: int | None = None
    counted: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value at which a decision changes.

    Attributes:
        what: the decision.
        value: at which it changes.
        unit: "px", or "" for shares and ratios.
        error: share of decisions that were wrong in the test; None if not stated.
        error_of: what that share is of, as "of untouched faces are above it"; "" if not stated.
    """

    what: str
    value: float
    unit: str = ""
    error: float | None = None
    error_of: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """Licences as they are stated; None if not stated.

    Attributes:
        code: of the code that runs the network.
        weights: of the weights; "" where there are none.
    """

    code: str | None
    weights: str | None


@dataclass(frozen=True, slots=True)
class Training:
    """What it was trained on.

    Attributes:
        data: in words; None if not stated; "" where nothing was trained.
        started_from: weights that the training began with; None if not stated.
        facts: sentences of numbers, licences of the data among them.
    """

    data: str | None
    started_from: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file of weights.

    Attributes:
        file: its path.
        bytes: its size; None if the file is missing.
        sha256: of the file as it is there; None if it is missing.
        stated_sha256: that its card, or the package that brings it, states; None if not stated.
    """

    file: str
    bytes: int | None
    sha256: str | None
    stated_sha256: str | None

    @property
    def state(self) -> Literal["as stated", "other than stated", "missing", "not compared"]:
        """Whether it is the file that is described."""
        if self.sha256 is None:
            return "missing"
        if self.stated_sha256 is None:
            return "not compared"
        return "as stated" if self.sha256 == self.stated_sha256 else "other than stated"


@dataclass(frozen=True, slots=True)
class Model:
    """One of them. None stands for what is not stated.

    Attributes:
        name: of the method, the network or the card's file.
        kind: of what kind.
        summary: what it is, in a phrase.
        used_by: how it is asked for, as "analyze --method net".
        outputs: what it gives.
        licence: of code and weights.
        training: what it was trained on.
        errors: measured, with their intervals.
        thresholds: at which decisions change, with their false alarms.
        limits: what it cannot do, in sentences.
        files: its weights; empty where there are none.
        parameters: number of its weights; None if not stated.
        card: path of its card; None without one.
        documented: pages of the documentation.
        errors_on: what the errors were measured on and how, in sentences; "" where they say it.
    """

    name: str
    kind: Kind
    summary: str
    used_by: str
    outputs: tuple[Output, ...]
    licence: Licence
    training: Training
    errors: tuple[Measured, ...]
    thresholds: tuple[Threshold, ...]
    limits: tuple[str, ...]
    files: tuple[WeightFile, ...]
    parameters: int | None
    card: str | None
    documented: tuple[str, ...]
    errors_on: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        out = asdict(self)
        for entry, file in zip(out["files"], self.files, strict=True):
            entry["state"] = file.state
        return out
