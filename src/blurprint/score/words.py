"""What a score means, in plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from blurprint.errors import InputError
from blurprint.evidence.wording import percent, significant
from blurprint.score.calibration import LikelihoodRatio
from blurprint.score.rules import Thresholds
from blurprint.score.score import FaceScore


def ratio_in_words(
    likelihood_ratio: float, at_bound: str | None = None, without_sign: float = 0.0
) -> str:
    """A likelihood ratio as a sentence, with at most two significant digits.

    At a bound the number is rounded down, so that it never says more than the data support.

    Args:
        likelihood_ratio: finite, above 0.
        at_bound: "lower" or "upper" if the data support no stronger ratio.
        without_sign: share of fakes that are assumed to leave nothing to be seen. Above 0 a ratio
            below 1 is limited by it more than by the data, and a second sentence says so.

    Raises:
        InputError: if the ratio is out of range.

    >>> print(ratio_in_words(2.31))
    What was measured is 2.3 times more probable if a face was pasted in or regenerated than if it
    was untouched.
    >>> print(ratio_in_words(0.0502, "lower"))
    What was measured is more than 19 times more probable if no face was pasted in or regenerated
    than if one was (the data allow no larger statement).
    >>> print(ratio_in_words(0.607, "lower", 0.6))
    What was measured is more than 1.6 times more probable if no face was pasted in or regenerated
    than if one was. It is never more than 1.7 times, because 60 % of pasted or regenerated faces of
    this size are assumed to leave no sign.
    """
    if not (math.isfinite(likelihood_ratio) and likelihood_ratio > 0):
        raise InputError(f"Expected a likelihood ratio above 0, but got {likelihood_ratio}")
    for_fake = likelihood_ratio >= 1
    ratio = likelihood_ratio if for_fake else 1 / likelihood_ratio
    amount = _two_digits(ratio, down=at_bound is not None)
    assumed = bool(without_sign) and not for_fake
    end = _NO_LARGER if at_bound and not assumed else "."
    if assumed:
        end += (
            f" It is never more than {_rounded_up(1 / without_sign)} times, because "
            f"{percent(100 * without_sign)} of pasted or regenerated faces of this size are "
            "assumed to leave no sign."
        )
    if amount == "1":
        same = (
            "What was measured is about as probable if a face was pasted in or regenerated as if "
            "it was untouched"
        )
        return f"{same}{end}"
    times = f"{'more than ' if at_bound else ''}{amount} times more probable"
    sides = (
        "if a face was pasted in or regenerated than if it was untouched"
        if for_fake
        else "if no face was pasted in or regenerated than if one was"
    )
    return f"What was measured is {times} {sides}{end}"


_LEAST_SHARE: Final = 1e-11
"""Probability below which, and below one minus which, only the bound is written: nine decimals."""
_NO_LARGER: Final = " (the data allow no larger statement)."


def rounded(ratio: float) -> str:
    """A likelihood ratio with two significant digits.

    >>> rounded(2.0), rounded(0.6309), rounded(123.4)
    ('2', '0.63', '120')
    """
    return _two_digits(ratio, down=False) if ratio >= 1 else f"{ratio:.2g}"


def ratio_in_figures(ratio: float, at_bound: str | None = None) -> str:
    """The same as :func:`rounded`; at a bound it never says more than the data support.

    >>> ratio_in_figures(7.94), ratio_in_figures(25.9, "upper"), ratio_in_figures(0.0502, "lower")
    ('7.9', 'at least 25', 'at most 0.051')
    """
    if at_bound is None:
        return rounded(ratio)
    if at_bound == "lower":
        return f"at most {_rounded_up(ratio)}"
    if ratio >= 1:
        return f"at least {_two_digits(ratio, down=True)}"
    power = math.floor(math.log10(ratio)) - 1
    return f"at least {math.floor(ratio / 10.0**power + 1e-9) * 10.0**power:.2g}"


def _rounded_up(ratio: float) -> str:
    """With two significant digits, never less than the ratio.

    >>> _rounded_up(0.6071), _rounded_up(1 / 0.75), _rounded_up(2.5)
    ('0.61', '1.4', '2.5')
    """
    power = math.floor(math.log10(ratio)) - 1
    steps = math.ceil(ratio / 10.0**power - 1e-9)
    return f"{steps * 10.0**power:.2g}"


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


def picture_words(
    best: FaceScore,
    ratio: LikelihoodRatio,
    strong: bool,
    value: float,
    prior: float,
    judged: Sequence[FaceScore],
    thresholds: Thresholds,
) -> str:
    """What the score of a picture means.

    Args:
        best: the face that decided.
        ratio: its likelihood ratio.
        strong: whether it is above the stricter threshold.
        value: P(fake) for the prior.
        prior: P(fake) before the evidence.
        judged: all faces of the picture, those that abstain as well.
        thresholds: with the shares of errors behind them.
    """
    count = sum(one.likelihood_ratio is not None for one in judged)
    of = f" ({best.name})" if len(judged) > 1 else ""
    words = []
    if best.label == "fake":
        signs = "Strong signs" if strong else "Signs"
        words.append(f"{signs} of a face that was pasted in or regenerated{of}.")
    elif best.label == "real":
        where = f" in the {count} faces that were judged" if count > 1 else of
        words.append(f"No sign of a pasted face{where}. That is less than proof of a real picture.")
    else:
        words.append(f"Undecided{of}.")
    words.append(ratio_in_words(ratio.value, ratio.at_bound, ratio.without_sign))
    words.append(
        f"If the probability of such a face was {probability(prior)} before the measurement, "
        f"it is {probability(value)} after it."
    )
    if ratio.borrowed:
        words.append(
            "Too few faces of this size and compression were measured: the number is that of the "
            "most similar ones."
        )
    share = 0.0
    if best.label == "fake":
        share = thresholds.strong_false_alarms if strong else thresholds.false_alarms
        words.append(_in_the_test(share, thresholds.reals, "untouched faces"))
    elif best.label == "real":
        words.append(
            _in_the_test(thresholds.missed, thresholds.fakes, "pasted or regenerated faces")
        )
    if count > 1:
        highest = (
            f"These numbers are of {best.name}: none of the {count} faces that were judged has a "
            "higher likelihood ratio"
        )
        if share:
            most = percent(100 * min(1.0, count * share))
            highest += (
                f"; of pictures with {count} untouched faces the same is said of up to {most}"
            )
        words.append(f"{highest}.")
    if count < len(judged):
        words.append(not_judged(judged))
    return " ".join(words)


def _in_the_test(share: float, count: int, what: str) -> str:
    if not share:
        return f"In the test the same was said of none of {count:,} {what}."
    return (
        f"In the test the same was said of at most {percent(100 * share)} of the {what} of any one "
        f"size and compression ({count:,} in all)."
    )


def probability(share: float) -> str:
    """A probability in percent, with as many digits as show that it is neither 0 nor 1.

    >>> probability(0.5), probability(0.0000012), probability(0.9999988)
    ('50 %', '0.00012 %', '99.9999 %')
    >>> probability(1e-12), probability(1.0)  # which a probability is by rounding only
    ('less than 0.000000001 %', 'more than 99.999999999 %')
    """
    if share < _LEAST_SHARE:
        return "less than 0.000000001 %"
    if share > 1 - _LEAST_SHARE:
        return "more than 99.999999999 %"
    if share < 0.01:
        return f"{significant(100 * share)} %"
    if share > 0.999:
        decimals = math.ceil(-math.log10(1 - share)) - 2
        return f"{100 * share:.{decimals}f} %"
    return percent(100 * share)


def no_face(without_landmarks: int = 0) -> str:
    """Why there is no score where no face with landmarks was found.

    Args:
        without_landmarks: places that were taken for a face, but where no landmarks were found.

    >>> print(no_face())
    No face was found, and only faces are judged.
    >>> print(no_face(1))
    One place may be a face, but its eyes, nose and mouth were not found, and without these no face
    is judged.
    """
    if not without_landmarks:
        return "No face was found, and only faces are judged."
    one = without_landmarks == 1
    return (
        f"{'One place may be a face' if one else f'{without_landmarks} places may be faces'}, but "
        f"{'its' if one else 'their'} eyes, nose and mouth were not found, and without these no "
        "face is judged."
    )


def not_judged(judged: Sequence[FaceScore]) -> str:
    """How many faces were not judged, and why each."""
    left_out = [one for one in judged if one.likelihood_ratio is None]
    faces = "1 face was" if len(left_out) == 1 else f"{len(left_out)} faces were"
    named = " ".join(f"{at_start(one.name)}: {one.abstain_reason}" for one in left_out)
    return f"{faces} not judged. {named}"


def at_start(name: str) -> str:
    """The name of a face at the beginning of a sentence."""
    return name[:1].upper() + name[1:]


def none_judged(judged: Sequence[FaceScore]) -> str:
    """The same where these are all."""
    if len(judged) == 1 and judged[0].abstain_code == "not_stable":
        return f"Undecided. {judged[0].abstain_reason}"
    if len(judged) == 1:
        return f"The face was not judged. {judged[0].abstain_reason}"
    named = " ".join(f"{at_start(one.name)}: {one.abstain_reason}" for one in judged)
    return f"None of the {len(judged)} faces was judged. {named}"
