"""Fusion finds what a second score adds, and does not find it where there is nothing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.evaluation.faces.ablation import (
    BLUR,
    DETECTOR,
    SCALE,
    SHIPPED,
    SIZE,
    SPECTRUM,
    ablate,
    added_scores,
    fusion_name,
)
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK
from blurprint.lab.evaluation.faces.robustness import picture_name
from blurprint.lab.evaluation.faces.rows import Row


def rows(shift: float, pairs: int = 120, groups: int = 60) -> list[Row]:
    """Detector one standard deviation apart, blur apart by `shift`, independent of each other."""
    rng = np.random.default_rng(0)
    found = []
    for pair in range(pairs):
        for condition, label in ((AS_IT_IS, 0), (AS_IT_IS, 1), (ATTACK, 1)):
            logit, blur = rng.normal(label, 1), rng.normal(shift * label, 1)
            picture = picture_name(pair, condition, label)
            found.append(
                Row(
                    pair,
                    f"{pair % groups}",
                    "blend",
                    condition,
                    label,
                    float(logit),
                    None,
                    None,
                    "",
                    50.0,
                    float(blur),
                    picture,
                )
            )
    return found


def test_a_second_score_that_knows_something_raises_the_auc() -> None:
    found = ablate(rows(2.0), {}, draws=200)
    by_name = {one.name: one for one in found.entries}
    assert list(by_name) == [DETECTOR, BLUR, SIZE, SCALE, fusion_name(BLUR)]
    # two Gaussians d apart have an AUC of Phi(d / sqrt 2); both together lie sqrt(1 + 4) apart
    for name, apart in ((DETECTOR, 1.0), (BLUR, 2.0), (fusion_name(BLUR), math.sqrt(5))):
        expected = 0.5 * (1 + math.erf(apart / 2))
        assert by_name[name].auc[AS_IT_IS].value == pytest.approx(expected, abs=0.05)
    gain = by_name[fusion_name(BLUR)].difference[AS_IT_IS]
    assert gain.low > 0
    areas = [by_name[name].auc[AS_IT_IS].value for name in (fusion_name(BLUR), DETECTOR)]
    assert gain.value == pytest.approx(areas[0] - areas[1])
    assert "raises the AUC: as it is" in found.words


def test_a_second_score_that_knows_nothing_does_not() -> None:
    found = ablate(rows(0.0), {}, draws=200)
    gain = found.entries[4].difference[AS_IT_IS]
    assert gain.low < 0
    assert abs(gain.value) < 0.02
    assert "raises" not in found.words
    assert "no more than chance may: as it is" in found.words


def test_a_face_softer_or_sharper_than_its_surround_is_found_by_the_size() -> None:
    rng = np.random.default_rng(1)
    some = []
    for one in rows(0.0):
        blur = float(rng.choice([-2, 2]) * one.label + rng.normal(0, 0.5))
        some.append(Row(**{**vars_of(one), "blur": blur}))
    found = {one.name: one for one in ablate(some, {}, draws=100).entries}
    assert abs(found[BLUR].auc[AS_IT_IS].value - 0.5) < 0.12
    assert found[SIZE].auc[AS_IT_IS].value > 0.95
    assert found[fusion_name(BLUR)].difference[AS_IT_IS].low > 0.1


def test_a_spectrum_is_a_model_of_its_own_and_is_fused() -> None:
    rng = np.random.default_rng(2)
    some = [
        Row(**{**vars_of(one), "spectrum": (float(rng.normal(3 * one.label)), float(rng.normal()))})
        for one in rows(0.0)
    ]
    found = {one.name: one for one in ablate(some, {}, draws=100).entries}
    assert found[SPECTRUM].auc[AS_IT_IS].value > 0.95  # Phi(3 / sqrt 2) = 0.983
    assert found[fusion_name(SPECTRUM)].difference[AS_IT_IS].low > 0.1
    assert found[SCALE].auc[AS_IT_IS].value == 0.5


def test_the_detector_alone_is_without_what_its_card_adds_of_blur() -> None:
    plain = rows(0.0)
    added = [Row(**{**vars_of(one), "logit": one.logit + 2, "added": 2.0}) for one in plain]
    found = {one.name: one for one in ablate(added, {}, draws=20).entries}
    expected = {one.name: one for one in ablate(plain, {}, draws=20).entries}
    assert SHIPPED in found
    assert SHIPPED not in expected
    assert found[DETECTOR].auc[AS_IT_IS].value == pytest.approx(
        expected[DETECTOR].auc[AS_IT_IS].value
    )


def test_blur_that_is_missing_counts_as_no_difference() -> None:
    some = rows(0.0, pairs=40)
    blank = [Row(**{**vars_of(one), "blur": None}) for one in some]
    found = ablate(blank, {}, draws=20)
    assert found.entries[1].auc[AS_IT_IS].value == 0.5
    assert found.measured[AS_IT_IS] == 0


def test_few_groups_have_no_fusion_and_no_claim() -> None:
    found = ablate(rows(2.0, groups=9), {}, draws=20)
    assert [one.name for one in found.entries] == [DETECTOR, BLUR, SIZE, SCALE]
    assert "cannot be said" in found.words
    assert math.isnan(found.entries[0].auc[AS_IT_IS].low)


def test_added_scores_are_read_by_picture_or_by_pair(tmp_path: Path) -> None:
    some = rows(0.0, pairs=12, groups=12)
    by_path, by_pair = tmp_path / "path.csv", tmp_path / "pair.csv"
    plain = [one for one in some if one.condition == AS_IT_IS]
    lines = [f"elsewhere/{one.picture},{one.label + 0.5}" for one in some]
    by_path.write_text("\n".join(["path,score", *lines]))
    lines = [f"{one.pair},{one.label},{one.label + 0.5}" for one in plain]
    by_pair.write_text("\n".join(["pair,label,score", *lines]))
    assert len(added_scores(by_path, some)) == len(some)
    scores = added_scores(by_pair, some)
    assert len(scores) == len(plain)
    found = ablate(some, {"other": scores}, draws=20)
    by_name = {one.name: one for one in found.entries}
    assert by_name["other"].auc[AS_IT_IS].value == 1
    assert math.isnan(by_name["other"].auc[ATTACK].value)  # it was not scored there
    assert fusion_name(BLUR, "other") in by_name
    assert by_name[fusion_name("other")].auc[AS_IT_IS].value > 0.99


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pair,label\n0,0\n", "KeyError 'score'"),
        ("pair,label,score\n0,0,nan\n", "line 2.*score nan"),
        ("pair,label,score\n0,0,1\n", "lacks 23 of them"),
        ("path,score\nunknown.png,1\n", "has none"),
    ],
)
def test_added_scores_that_do_not_fit_are_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "scores.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        added_scores(file, rows(0.0, pairs=12))


def vars_of(row: Row) -> dict:
    return {name: getattr(row, name) for name in Row.__slots__}
