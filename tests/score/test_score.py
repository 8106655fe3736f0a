from __future__ import annotations

import json
import math

import pytest

from blurprint.errors import InputError
from blurprint.score.cautions import NOT_LOOKED_AT, OTHER_EXPLANATIONS
from blurprint.score.score import NO_SCORE, Score
from blurprint.score.words import ratio_in_words

FAKE = "if a face was pasted in or regenerated than if it was untouched"
UNTOUCHED = "if no face was pasted in or regenerated than if one was"


@pytest.mark.parametrize(
    ("ratio", "times"),
    [
        (1.06, "1.1"),
        (2.31, "2.3"),
        (2.0, "2"),
        (9.94, "9.9"),
        (9.96, "10"),
        (12.4, "12"),
        (99.6, "100"),
        (1249.0, "1,200"),
        (123456.0, "120,000"),
    ],
)
def test_a_ratio_has_at_most_two_digits_on_either_side(ratio, times):
    assert ratio_in_words(ratio) == f"What was measured is {times} times more probable {FAKE}."
    assert (
        ratio_in_words(1 / ratio)
        == f"What was measured is {times} times more probable {UNTOUCHED}."
    )


@pytest.mark.parametrize(
    ("ratio", "times"), [(12.9, "12"), (9.99, "9.9"), (10**0.3, "1.9"), (2.0, "2"), (199.0, "190")]
)
def test_at_a_bound_a_ratio_is_rounded_down(ratio, times):
    found = ratio_in_words(ratio, "upper")
    assert found == (
        f"What was measured is more than {times} times more probable {FAKE} (the data allow no "
        "larger statement)."
    )
    assert f"more than {times} times more probable {UNTOUCHED} (" in ratio_in_words(
        1 / ratio, "lower"
    )


def test_a_ratio_of_about_one_favours_neither_side():
    for ratio in (0.97, 1.0, 1.04):
        assert "about as probable" in ratio_in_words(ratio)
    assert ratio_in_words(1.04, "upper").endswith("(the data allow no larger statement).")


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.inf, math.nan])
def test_what_is_no_ratio_has_no_words(ratio):
    with pytest.raises(InputError):
        ratio_in_words(ratio)


def test_without_a_detector_nothing_is_said():
    assert (NO_SCORE.value, NO_SCORE.label, NO_SCORE.likelihood_ratio) == (None, "unsure", None)
    assert NO_SCORE.abstain_reason.startswith("No face network is installed")
    assert Score(None, "unsure", "why").prior is None


def test_json_holds_every_field_and_the_cautions_of_the_label():
    content = Score(0.2, "real", prior=0.5, likelihood_ratio=0.25).to_json()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert content["likelihood_ratio"] == 0.25
    assert [one["name"] for one in content["other_explanations"]] == [
        one.name for one in OTHER_EXPLANATIONS["real"]
    ]
    assert [one["name"] for one in content["not_looked_at"]] == ["whole_faces", "scenes", "context"]


def test_every_label_has_other_explanations_and_every_caution_is_a_sentence():
    assert set(OTHER_EXPLANATIONS) == {"real", "fake", "unsure"}
    named = {one.name for one in OTHER_EXPLANATIONS["fake"]}
    assert named == {"portrait_mode", "retouching", "motion", "compression"}
    for cautions in (*OTHER_EXPLANATIONS.values(), NOT_LOOKED_AT):
        assert len({one.name for one in cautions}) == len(cautions) > 0
        for one in cautions:
            assert one.sentence[0].isupper()
            assert one.sentence.endswith(".")
