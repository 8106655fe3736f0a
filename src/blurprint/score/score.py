"""The noun: how probable it is that the picture is fake, or why no number is given."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

from blurprint.errors import InputError
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
    """

    name: str
    label: Label
    likelihood_ratio: float | None
    abstain_code: str | None = None
    abstain_reason: str | None = None


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
            above 0; None where it abstains. It does not depend on the prior.
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


def ratio_in_words(likelihood_ratio: float, at_bound: str | None = None) -> str:
    """A likelihood ratio as a sentence, with at most two significant digits.

    At a bound the number is rounded down, so that it never says more than the data support.

    Args:
        likelihood_ratio: finite, above 0.
        at_bound: "lower" or "upper" if the data support no stronger ratio.

    Raises:
        InputError: if the ratio is out of range.

    >>> print(ratio_in_words(2.31))
    What was measured is 2.3 times more probable if a face was pasted in or regenerated than if it
    was untouched.
    >>> print(ratio_in_words(0.0502, "lower"))
    What was measured is more than 19 times more probable if no face was pasted in or regenerated
    than if one was (the data allow no larger statement).
    """
    if not (math.isfinite(likelihood_ratio) and likelihood_ratio > 0):
        raise InputError(f"Expected a likelihood ratio above 0, but got {likelihood_ratio}")
    for_fake = likelihood_ratio >= 1
    ratio = likelihood_ratio if for_fake else 1 / likelihood_ratio
    amount = _two_digits(ratio, down=at_bound is not None)
    if amount == "1":
        same = (
            "What was measured is about as probable if a face was pasted in or regenerated as if "
            "it was untouched"
        )
        return f"{same}{_NO_LARGER if at_bound else ''}."
    times = f"{'more than ' if at_bound else ''}{amount} times more probable"
    sides = (
        "if a face was pasted in or regenerated than if it was untouched"
        if for_fake
        else "if no face was pasted in or regenerated than if one was"
    )
    return f"What was measured is {times} {sides}{_NO_LARGER if at_bound else ''}."


_NO_LARGER: Final = " (the data allow no larger statement)"


def _two_digits(ratio: float, *, down: bool) -> str:
    """From 1 upwards, with thousands separated.

    >>> _two_digits(1.04, down=False), _two_digits(9.96, down=False), _two_digits(1289, down=True)
    ('1', '10', '1,200')
    """
    power = math.floor(math.log10(ratio)) - 1
    steps = ratio / 10.0**power
    # The slack is for ratios such as 10**0.3, which lie a rounding beside what they stand for.
    whole = math.floor(steps + 1e-9) if down else round(steps)
    number = whole * 10.0**power
    return f"{number:,.0f}" if number >= 9.95 or whole % 10 == 0 else f"{number:.1f}"


NO_SCORE: Final = Score(
    value=None,
    label="unsure",
    abstain_reason="This version measures blur and gives no score: no detector has been "
    "calibrated for it yet.",
)
"""What every report carries until a detector ships."""
