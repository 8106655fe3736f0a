from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from blurprint.errors import InputError
from blurprint.score.calibration import (
    Calibration,
    CalibrationTable,
    Cell,
    Condition,
    LikelihoodRatio,
    LineMap,
)
from blurprint.score.coverage import Coverage
from blurprint.score.policy import (
    REASONS,
    judge_face,
    judge_picture,
    label_of,
    reason_before_redelivery,
)
from blurprint.score.rules import (
    REDELIVERIES,
    FaceFacts,
    Limits,
    Rules,
    Thresholds,
    rules_of,
)
from blurprint.weights.card import DetectorCard, read_card
from stored_coverage import coverage

THRESHOLDS = Thresholds(
    fake=0.5,
    strong=1.0,
    real=-0.2,
    false_alarms=0.05,
    strong_false_alarms=0.01,
    missed=0.3,
    reals=900,
    real_groups=500,
    fakes=800,
    fake_groups=400,
)
LIMITS = Limits(smallest_face_px=24, least_measured=0.25, lowest_quality=40)


def rules(with_coverage: Coverage | None = None, **changes: object) -> Rules:
    """log10 of the ratio is the logit, from -1 to 1.3, for eyes at least 20 px apart."""
    one = Calibration(
        map=LineMap(slope=1, intercept=0),
        lower=-1,
        upper=1.3,
        reals=900,
        fakes=800,
        real_groups=500,
        fake_groups=400,
    )
    table = CalibrationTable(cells=[Cell(size=1, quality=0, calibration=one)], size_borders_px=[20])
    given = {"calibrations": table, "thresholds": THRESHOLDS, "limits": LIMITS}
    return Rules(**(given | {"coverage": with_coverage} | changes))


RULES = rules()


def face(
    log10: float | None,
    name: str = "face 1",
    px: float = 60,
    quality: float = 95,
    measured: float = 0.6,
    after: tuple[float | None, float | None] | None = None,
    distance: float | None = None,
) -> FaceFacts:
    """A face that is the same after it was passed on, unless said otherwise."""

    def ratio(of: float | None) -> LikelihoodRatio | None:
        return None if of is None else LikelihoodRatio(of)

    versions = (log10, log10) if after is None else after
    names = [one.name for one in REDELIVERIES]
    passed_on = dict(zip(names, map(ratio, versions), strict=True))
    return FaceFacts(name, Condition(px, quality), measured, ratio(log10), distance, passed_on)


@pytest.mark.parametrize(
    ("log10", "label"),
    [
        (-0.9, "real"),
        (-0.2, "unsure"),
        (0.0, "unsure"),
        (0.5, "unsure"),
        (0.51, "fake"),
        (1.3, "fake"),
    ],
)
def test_a_label_needs_a_ratio_beyond_its_threshold(log10, label):
    assert label_of(LikelihoodRatio(log10), THRESHOLDS) == label
    assert judge_picture([face(log10)], RULES).label == label


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (replace(face(0.9), probability=0.8), "doubtful", "only 0.80 and may be no face"),
        (face(0.9, px=23.9), "too_small", "The eyes are 23.9 px apart"),
        (face(0.9, measured=0.2), "too_little_measured", "measured in 20 % of the face"),
        (face(0.9, quality=39), "compressed", "JPEG quality 39"),
        (face(None), "not_calibrated", "Too few faces of this size"),
        (
            face(0.3),
            "undecided",
            "ratio, 2, lies between the thresholds: below 0.63 ",
        ),
        (face(0.9, after=(0.4, 0.9)), "not_stable", "undecided after JPEG 75"),
        (face(0.9, after=(0.9, -0.9)), "not_stable", "no sign of a pasted face after scale 0.75"),
        (face(-0.9, after=(0.9, -0.9)), "not_stable", "a sign of a pasted face after JPEG 75"),
        (face(0.9, after=(0.9, None)), "not_stable", "could not be confirmed: after scale 0.75"),
    ],
)
def test_each_reason_is_given_with_its_numbers(given, code, words):
    one = judge_face(given, RULES)
    assert (one.label, one.abstain_code) == ("unsure", code)
    assert words in one.abstain_reason
    assert (one.likelihood_ratio is None) == (code != "undecided")
    score = judge_picture([given], RULES)
    assert (score.label, score.abstain_code) == ("unsure", code)
    assert score.abstain_reason == one.abstain_reason
    assert one.abstain_reason in score.words or code == "undecided"
    assert (score.value is None) == (code != "undecided")


def test_the_first_reason_that_holds_is_given():
    """Each step mends one fault of a face that has all of them."""
    with_coverage = rules(coverage())
    worst = face(None, px=10, quality=5, measured=0.0, distance=9.0, after=(None, None))
    worst = replace(worst, probability=0.7)
    mended = [
        worst,
        worst := replace(worst, probability=0.95),
        worst := replace(worst, condition=Condition(60, 5)),
        worst := replace(worst, measured=0.6),
        worst := replace(worst, condition=Condition(60, 95)),
        worst := replace(worst, ratio=LikelihoodRatio(0.1)),
        worst := replace(worst, distance=1.0),
        worst := replace(worst, ratio=LikelihoodRatio(0.9)),
    ]
    codes = [judge_face(one, with_coverage).abstain_code for one in mended]
    assert tuple(codes) == REASONS[1:]


def test_nothing_about_a_redelivery_is_asked_where_a_face_abstains_anyway():
    bare = replace(face(0.1), redelivered={})
    assert reason_before_redelivery(bare, RULES) is not None
    assert judge_face(bare, RULES).abstain_code == "undecided"
    decided = replace(face(0.9), redelivered={})
    assert reason_before_redelivery(decided, RULES) is None
    with pytest.raises(InputError, match="face 1: Expected the ratio after JPEG 75"):
        judge_face(decided, RULES)


def test_no_face_is_unsure():
    score = judge_picture([], RULES)
    assert (score.label, score.value, score.likelihood_ratio) == ("unsure", None, None)
    assert score.abstain_code == "no_face"
    assert score.abstain_reason == "No face was found, and only faces are judged."


def test_a_single_face_whose_label_does_not_stand_is_undecided():
    words = judge_picture([face(0.9, after=(0.9, 0.1))], RULES).words
    assert words.startswith("Undecided. The label changes")


@pytest.mark.parametrize(("places", "begin"), [(1, "One place may be a"), (2, "2 places may be f")])
def test_places_without_landmarks_are_not_called_no_face(places, begin):
    score = judge_picture([], RULES, without_landmarks=places)
    assert (score.label, score.abstain_code) == ("unsure", "no_face")
    assert score.words.startswith(begin)
    assert score.abstain_reason == score.words


def test_all_judged_faces_are_named_where_none_shows_a_sign():
    words = judge_picture([face(-0.9, "face 1"), face(-0.5, "face 2")], RULES).words
    assert words.startswith("No sign of a pasted face in the 2 faces that were judged. That is")
    assert words.endswith(
        "These numbers are of face 2: none of the 2 faces that were judged has a higher likelihood "
        "ratio."
    )


def test_the_highest_ratio_of_the_judged_faces_is_the_picture_s():
    faces = [
        face(-0.9, "face 1"),
        face(0.7, "face 2"),
        face(1.2, "face 3", px=10),  # higher, but too small
        face(0.3, "face 4"),
    ]
    score = judge_picture(faces, RULES)
    assert (score.label, score.face) == ("fake", "face 2")
    assert score.likelihood_ratio == pytest.approx(10**0.7)
    assert [one.label for one in score.faces] == ["real", "fake", "unsure", "unsure"]
    assert "1 face was not judged. Face 3: The eyes are 10 px apart" in score.words
    assert (
        "These numbers are of face 2: none of the 3 faces that were judged has a higher likelihood "
        "ratio; of pictures with 3 untouched faces the same is said of up to 15 %." in score.words
    )
    turned = judge_picture(faces[::-1], RULES)
    assert (turned.label, turned.value, turned.face) == (score.label, score.value, score.face)


def test_an_undecided_face_keeps_a_picture_from_being_called_real():
    score = judge_picture([face(-0.9, "face 1"), face(0.1, "face 2")], RULES)
    assert (score.label, score.face, score.abstain_code) == ("unsure", "face 2", "undecided")


def test_an_unstable_face_keeps_a_picture_from_being_called_real():
    unstable = face(0.9, "face 2", after=(0.9, 0.1))
    score = judge_picture([face(-0.9, "face 1"), unstable], RULES)
    assert (score.label, score.abstain_code, score.value) == ("unsure", "not_stable", None)
    assert score.abstain_reason.startswith("Face 2: The label changes")
    fake = judge_picture([face(0.9, "face 1"), unstable], RULES)
    assert fake.label == "fake"


def test_where_no_face_is_judged_the_one_that_came_farthest_gives_the_code():
    score = judge_picture([face(0.9, "face 1", px=10), face(0.9, "face 2", quality=10)], RULES)
    assert (score.label, score.value, score.abstain_code) == ("unsure", None, "compressed")
    assert score.abstain_reason.startswith("None of the 2 faces was judged. Face 1: The eyes")
    assert "Face 2: The file is compressed" in score.abstain_reason


def test_strong_is_the_stricter_threshold():
    weak, strong = (judge_picture([face(log10)], RULES) for log10 in (0.9, 1.1))
    assert (weak.strong, strong.strong) == (False, True)
    assert weak.words.startswith("Signs of a face that was pasted in")
    assert strong.words.startswith("Strong signs of a face")
    assert "at most 5.0 % of the untouched faces" in weak.words
    assert "at most 1.0 % of the untouched faces" in strong.words
    assert not judge_picture([face(-0.9)], RULES).strong


def test_no_sign_of_a_pasted_face_is_not_called_real_in_words():
    score = judge_picture([face(-0.5)], RULES)
    assert score.label == "real"
    assert score.words == (
        "No sign of a pasted face. That is less than proof of a real picture. What was measured is "
        "3.2 times more probable if no face was pasted in or regenerated than if one was. If the "
        "probability of such a face was 50 % before the measurement, it is 24 % after it. In the "
        "test the same was said of at most 30 % of the pasted or regenerated faces of any one size "
        "and compression (800 in all)."
    )


def test_a_test_without_false_alarms_is_not_called_none_at_all():
    none = THRESHOLDS.model_copy(update={"false_alarms": 0.0, "strong_false_alarms": 0.0})
    words = judge_picture([face(0.9), face(0.8, "face 2")], rules(thresholds=none)).words
    assert "In the test the same was said of none of 900 untouched faces." in words
    assert words.endswith(
        "These numbers are of face 1: none of the 2 faces that were judged has a higher likelihood "
        "ratio."
    )


def test_the_prior_changes_the_probability_and_nothing_else():
    even, rare = (judge_picture([face(1.0)], RULES, prior=p) for p in (0.5, 0.001))
    assert even.value == pytest.approx(10 / 11)
    assert rare.value == pytest.approx(0.01 / (0.01 + 0.999))
    assert (even.prior, rare.prior) == (0.5, 0.001)
    assert (even.label, even.likelihood_ratio) == (rare.label, rare.likelihood_ratio)
    assert "was 0.10 % before the measurement, it is 0.99 % after it" in rare.words
    for wrong in (0.0, 1.0, -1.0, math.nan):
        with pytest.raises(InputError, match="prior"):
            judge_picture([face(1.0)], RULES, prior=wrong)
        with pytest.raises(InputError, match="prior"):
            judge_picture([], RULES, prior=wrong)


def test_what_a_number_rests_on_is_said():
    borrowed = replace(face(0.9), ratio=LikelihoodRatio(0.9, borrowed=True))
    assert "that of the most similar ones" in judge_picture([borrowed], RULES).words
    at_bound = replace(face(1.3), ratio=LikelihoodRatio(1.3, "upper"))
    score = judge_picture([at_bound], RULES)
    assert score.at_bound == "upper"
    other = replace(face(0.9, name="face 2"), ratio=LikelihoodRatio(0.9, "lower"))
    blind = replace(face(1.2, name="face 3"), ratio=None)
    faces = judge_picture([at_bound, other, blind], RULES).faces
    assert [one.at_bound for one in faces] == ["upper", "lower", None]
    assert "more than 19 times more probable" in score.words
    assert "(the data allow no larger statement)" in score.words
    no_sign = replace(face(-0.21), ratio=LikelihoodRatio(-0.21, "lower", without_sign=0.6))
    assert "60 % of pasted or regenerated faces of this size are assumed to leave no sign" in (
        judge_picture([no_sign], RULES).words
    )


@given(st.lists(st.floats(-1, 1.3), min_size=1, max_size=5))
def test_a_score_agrees_with_itself(logs):
    faces = [face(log10, f"face {place}") for place, log10 in enumerate(logs, 1)]
    score = judge_picture(faces, RULES)
    assert score == judge_picture(faces, RULES)
    assert score.likelihood_ratio == pytest.approx(10 ** max(logs))
    assert 0 < score.value < 1
    assert (score.label == "unsure") == (score.abstain_reason is not None)
    assert (score.value > 0.5) >= (score.label == "fake")
    assert (score.value < 0.5) >= (score.label == "real")
    assert json.loads(json.dumps(score.to_json(), allow_nan=False)) == score.to_json()


def test_a_higher_ratio_never_makes_a_label_less_of_a_fake():
    order = {"real": 0, "unsure": 1, "fake": 2}
    labels = [order[judge_picture([face(step / 20)], RULES).label] for step in range(-20, 26)]
    assert labels == sorted(labels)
    assert set(labels) == {0, 1, 2}


def test_names_are_distinct():
    with pytest.raises(InputError, match="distinct names"):
        judge_picture([face(0.9), face(0.1)], RULES)


def test_facts_of_a_face_come_from_the_rules():
    logits = {"JPEG 75": 0.7, "scale 0.75": 5.0}
    found = RULES.face("face 1", Condition(60, 95), 0.6, logit=0.9, redelivered=logits)
    assert found.ratio == LikelihoodRatio(0.9)
    assert found.redelivered == {
        "JPEG 75": LikelihoodRatio(0.7),
        "scale 0.75": LikelihoodRatio(1.3, "upper"),
    }
    assert judge_face(found, RULES).label == "fake"
    # 26 px become 19.5, which no calibration covers.
    small = RULES.face("face 1", Condition(26, 95), 0.6, logit=0.9, redelivered=logits)
    assert small.redelivered["scale 0.75"] is None
    assert judge_face(small, RULES).abstain_code == "not_stable"


def test_a_face_beyond_the_limits_needs_no_network():
    found = RULES.face("face 1", Condition(10, 95), 0.6)
    assert found.ratio is None
    assert judge_face(found, RULES).abstain_code == "too_small"
    assert not RULES.within_limits(Condition(60, 30), 0.6)
    assert not RULES.within_limits(Condition(60, 95), 0.1)
    assert RULES.within_limits(Condition(24, 40), 0.25)
    with pytest.raises(InputError, match="face 7: Expected a logit"):
        RULES.face("face 7", Condition(60, 95), 0.6)


def test_features_are_compared_with_those_of_training():
    with_coverage = rules(coverage())
    near = with_coverage.face("face 1", Condition(60), 0.6, 0.9, [1, 2, 3])
    assert near.distance == 0
    far = with_coverage.face("face 1", Condition(60), 0.6, 0.9, [90, 2, 3])
    one = judge_face(far, with_coverage)
    assert one.abstain_code == "not_covered"
    assert "largest allowed 1.5" in one.abstain_reason
    assert judge_face(face(0.9, distance=1.5), with_coverage).label == "fake"
    assert judge_face(face(0.9, distance=1.51), with_coverage).abstain_code == "not_covered"
    with pytest.raises(InputError, match="face 1: Expected the features"):
        with_coverage.face("face 1", Condition(60), 0.6, 0.9)
    with pytest.raises(InputError, match="face 1: Expected the distance"):
        judge_face(face(0.9), with_coverage)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_refused(wrong):
    condition = Condition(60, 95)
    with pytest.raises(InputError, match="face 2: Expected a finite logit"):
        RULES.face("face 2", condition, 0.6, wrong)
    with pytest.raises(InputError, match="face 2: Expected a finite logit"):
        RULES.face("face 2", condition, 0.6, 0.9, redelivered={"JPEG 75": wrong})
    with pytest.raises(InputError, match="face 2: Expected `measured`"):
        RULES.face("face 2", condition, wrong, 0.9)
    with pytest.raises(InputError, match="finite features"):
        rules(coverage()).face("face 2", condition, 0.6, 0.9, [1, 2, wrong])


def test_a_redelivery_never_improves_a_file():
    jpeg, scaled = (one.condition(Condition(60, 50)) for one in REDELIVERIES)
    assert jpeg == Condition(60, 50)
    assert scaled == Condition(45, 50)
    assert REDELIVERIES[0].condition(Condition(60, 98)) == Condition(60, 75)


def test_rules_go_to_a_card_and_back():
    one = rules(coverage())
    assert Rules.model_validate_json(one.model_dump_json()) == one
    assert Rules.model_validate(json.loads(one.model_dump_json())) == one


def test_the_card_of_a_detector_has_the_rules(tmp_path):
    def card(**changes: object) -> DetectorCard:
        content = {
            "kind": "detector",
            "format": "blurprint-detector-2",
            "config": {"model": "rgb", "views": {}},
        } | changes
        path = tmp_path / "detector.json"
        path.write_text(json.dumps(content), "utf-8")
        return read_card(path, DetectorCard)

    stored = json.loads(rules(coverage()).model_dump_json())
    assert rules_of(card(rules=stored)) == rules(coverage())
    with pytest.raises(InputError, match=r"detector.json: Expected `rules`, which is missing"):
        rules_of(card())
    stored["thresholds"]["strong"] = 0.1
    with pytest.raises(InputError, match=r"detector.json: `rules`: Expected `thresholds` to be"):
        rules_of(card(rules=stored))
    del stored["limits"]["lowest_quality"], stored["thresholds"]
    with pytest.raises(InputError, match=r"Expected `(limits.lowest_quality|thresholds)`, which"):
        rules_of(card(rules=stored))


def test_thresholds_that_contradict_themselves_are_refused():
    good = THRESHOLDS.model_dump()
    for change in ({"strong": 0.4}, {"fake": -0.1}, {"real": 0.1}, {"false_alarms": 1.1}):
        with pytest.raises(ValidationError):
            Thresholds(**(good | change))
