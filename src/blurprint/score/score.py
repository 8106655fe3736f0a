"""The noun: how probable it is that the picture is fake, or why no number is given."""

from __future__ import annotations

from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any, Final

from blurprint.score.cautions import NOT_LOOKED_AT, OTHER_EXPLANATIONS, Label


@dataclass(frozen=True, slots=True)
class FaceScore:
    """The judgement of one face.

    Attributes:
        name: which face, as the report calls it ("face 1").
        label: "real" (no sign of a pasted face), "fake" or "unsure".
        likelihood_ratio: how many times more probable the detector's output is if the face was
            pasted in or regenerated than if it was untouched; None where it abstains.
        abstain_code: identifier of the reason why the label is "unsure", from
            :data:`blurprint.score.policy.REASONS`; None otherwise.
        abstain_reason: that reason as a sentence; None otherwise.
        at_bound: "lower" or "upper" if the data support no stronger ratio; None otherwise.
    """

    name: str
    label: Label
    likelihood_ratio: float | None
    abstain_code: str | None = None
    abstain_reason: str | None = None
    at_bound: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A calibrated judgement; made by :func:`blurprint.score.policy.judge_picture`.

    Attributes:
        value: P(fake) in [0, 1] for the stated prior, or None where no probability is given.
        label: "real" (no sign of a pasted face, which is less than real), "fake" or "unsure".
        abstain_reason: why the label is "unsure"; None otherwise.
        prior: P(fake) before the evidence, with which `value` was computed; None without a value.
        likelihood_ratio: how many times more probable the detector's output is if a face was pasted
            in or regenerated than if it was untouched, of the face where it is highest; finite and
            above 0; None where it abstains. It does not depend on the prior. It is never below the
            share of fakes that are assumed to leave no sign
            (:attr:`blurprint.score.calibration.Calibration.without_sign`).
        at_bound: "lower" or "upper" if the data support no stronger ratio; None otherwise.
        strong: whether a "fake" passes the stricter threshold as well (at most 1 % false alarms).
        abstain_code: identifier of the reason, from :data:`blurprint.score.policy.REASONS`; None
            where the label is not "unsure", and where no detector judged.
        words: what the score means, in plain sentences; "" where no detector judged.
        face: name of the face that decided; None where none was judged.
        faces: every face that was found, those that abstain as well.
    """

    value: float | None
    label: Label
    abstain_reason: str | None = None
    _: KW_ONLY
    prior: float | None = None
    likelihood_ratio: float | None = None
    at_bound: str | None = None
    strong: bool = False
    abstain_code: str | None = None
    words: str = ""
    face: str | None = None
    faces: tuple[FaceScore, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All fields, with the cautions of the label, as JSON takes them.

        >>> sorted(NO_SCORE.to_json())[:4]
        ['abstain_code', 'abstain_reason', 'at_bound', 'face']
        """
        fields = asdict(self)
        fields["faces"] = list(fields["faces"])
        fields["other_explanations"] = [asdict(one) for one in OTHER_EXPLANATIONS[self.label]]
        fields["not_looked_at"] = [asdict(one) for one in NOT_LOOKED_AT]
        return fields


NO_SCORE: Final = Score(
    value=None,
    label="unsure",
    abstain_reason="No face network is installed (weights/face.json is missing): blur is measured, "
    "and faces are not judged.",
)
"""What every report carries where no face network ships."""
