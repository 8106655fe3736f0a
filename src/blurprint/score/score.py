"""The noun: how probable it is that the picture is fake, or why no number is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Label = Literal["real", "fake", "unsure"]


@dataclass(frozen=True, slots=True)
class Score:
    """A calibrated judgement.

    Attributes:
        value: P(fake) in [0, 1], or None where no probability is given.
        label: "real", "fake" or "unsure".
        abstain_reason: why the label is "unsure"; None otherwise.
    """

    value: float | None
    label: Label
    abstain_reason: str | None = None


NO_SCORE: Final = Score(
    value=None,
    label="unsure",
    abstain_reason="This version measures blur and gives no score: no detector has been "
    "calibrated for it yet.",
)
"""What every report carries until a detector ships."""
