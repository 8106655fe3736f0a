"""Each number of the tables is that of rows with a planted truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.lab.evaluation.faces.condition_metrics import (
    METRICS,
    condition_metrics,
    false_alarms,
    table_of,
    threshold_at,
    unsure_reasons,
)
from blurprint.lab.evaluation.faces.conditions import AS_IT_IS, ATTACK
from blurprint.lab.evaluation.faces.rows import PictureRow, Row
from blurprint.lab.measures.interval import wilson_interval

PAIRS = 40


def row(pair: int, condition: str, label: int, logit: float, **other: object) -> Row:
    given: dict = {"log10_lr": logit / 2, "called": "unsure", "reason": "undecided", **other}
    recipe = "clone" if pair % 2 else "blend"
    return Row(pair, f"person {pair % 20}", recipe, condition, label, logit, eyes=50.0, **given)


def rows_of(condition: str, real: np.ndarray, fake: np.ndarray, **other: object) -> list[Row]:
    found = []
    for pair, logits in enumerate(zip(real, fake, strict=True)):
        found += [row(pair, condition, label, float(v), **other) for label, v in enumerate(logits)]
    return found


def planted() -> list[Row]:
    """Reals at 0 to 39; fakes 5.5 higher as they are, 0.5 lower in condition "hard"."""
    real = np.arange(PAIRS, dtype=float)
    attack = [row(p, ATTACK, 1, float(v)) for p, v in enumerate(real + 2.5)]
    return [*rows_of(AS_IT_IS, real, real + 5.5), *rows_of("hard", real, real - 0.5), *attack]


def test_ranking_and_thresholds_are_those_of_the_reals_as_they_are() -> None:
    found, _ = condition_metrics(table_of(planted()), 10.0, draws=50)
    values = {name: one.value for name, one in found[AS_IT_IS].metrics.items()}
    real, fake = np.arange(PAIRS), np.arange(PAIRS) + 5.5
    area = (fake[:, None] > real).mean()
    assert values["auc"] == pytest.approx(area)
    assert values["above"] == 1
    assert values["fpr_at_5"] == pytest.approx(2 / PAIRS)  # 5 % of 40 reals
    assert values["tpr_at_5"] == pytest.approx((fake > 37).mean())
    assert values["fpr_at_1"] == 0
    assert values["tpr_at_1"] == pytest.approx((fake > 39).mean())
    assert values["fpr_of_card"] == pytest.approx((real / 2 > 10).mean())
    assert values["tpr_of_card"] == pytest.approx((fake / 2 > 10).mean())
    hard = {name: one.value for name, one in found["hard"].metrics.items()}
    assert hard["above"] == 0
    assert hard["tpr_at_5"] == pytest.approx((real - 0.5 > 37).mean())
    assert found["hard"].pairs == PAIRS
    assert found["hard"].groups == 20
    assert tuple(hard) == METRICS


def test_the_attack_is_compared_with_the_reals_as_they_are() -> None:
    found, _ = condition_metrics(table_of(planted()), None, draws=10)
    real = np.arange(PAIRS)
    area = ((real + 2.5)[:, None] > real).mean()
    assert found[ATTACK].metrics["auc"].value == pytest.approx(area)
    assert math.isnan(found[ATTACK].metrics["tpr_of_card"].value)  # no rules


def test_ratios_cost_what_the_formula_says() -> None:
    real, fake = np.full(PAIRS, -1.0), np.full(PAIRS, 2.0)
    found, _ = condition_metrics(table_of(rows_of(AS_IT_IS, real, fake)), 0.0, draws=10)
    ratio = 10.0 ** np.array([-0.5, 1.0])
    expected = (np.log2(1 + ratio[0]) + np.log2(1 + 1 / ratio[1])) / 2
    assert found[AS_IT_IS].metrics["cllr"].value == pytest.approx(expected)
    chance = ratio / (1 + ratio)
    error = (chance[0] + (1 - chance[1])) / 2
    assert found[AS_IT_IS].metrics["ece"].value == pytest.approx(error)


def test_labels_are_counted_by_class() -> None:
    rows = []
    for pair in range(PAIRS):
        called = {0: "fake" if pair < 4 else "real", 1: "fake" if pair < 10 else "unsure"}
        rows += [row(pair, AS_IT_IS, label, 0.0, called=one) for label, one in called.items()]
    found, _ = condition_metrics(table_of(rows), 0.0, draws=10)
    values = {name: one.value for name, one in found[AS_IT_IS].metrics.items()}
    assert values["judged_reals"] == 1
    assert values["judged_fakes"] == 0.25
    assert values["called_fake_reals"] == 0.1
    assert values["called_fake_fakes"] == 0.25


def test_reasons_are_shares_of_all_faces_of_a_class() -> None:
    rows = [row(pair, AS_IT_IS, 0, 0.0, called="real", reason="") for pair in range(3)]
    rows += [row(3, AS_IT_IS, 0, 0.0), row(0, ATTACK, 1, 0.0, reason="not_covered")]
    assert unsure_reasons(rows) == {
        AS_IT_IS: {"reals": {"undecided": 0.25}},
        ATTACK: {"fakes": {"not_covered": 1.0}},
    }
    assert unsure_reasons([row(0, AS_IT_IS, 0, 0.0, called=None)]) == {}


def test_without_ratios_and_rules_nothing_is_made_up() -> None:
    rows = rows_of(AS_IT_IS, np.zeros(PAIRS), np.ones(PAIRS), log10_lr=None, called=None)
    found, _ = condition_metrics(table_of(rows), None, draws=10)
    for name in METRICS[METRICS.index("tpr_of_card") :]:
        assert math.isnan(found[AS_IT_IS].metrics[name].value), name
    assert found[AS_IT_IS].metrics["auc"].value == 1


def test_a_recipe_has_its_own_pairs_and_the_threshold_of_all() -> None:
    real = np.arange(PAIRS, dtype=float)
    fake = np.where(np.arange(PAIRS) % 2, 100.0, -1.0)  # clone found, blend missed
    _, found = condition_metrics(table_of(rows_of(AS_IT_IS, real, fake)), None, draws=10)
    assert found["clone"].metrics["tpr_at_5"].value == 1
    assert found["blend"].metrics["tpr_at_5"].value == 0
    assert found["clone"].metrics["auc"].value == 1
    assert found["clone"].pairs == PAIRS // 2


def test_intervals_hold_the_value_and_need_ten_groups() -> None:
    rng = np.random.default_rng(0)
    rows = rows_of(AS_IT_IS, rng.normal(0, 1, PAIRS), rng.normal(1, 1, PAIRS))
    found, recipes = condition_metrics(table_of(rows), None, draws=200)
    area = found[AS_IT_IS].metrics["auc"]
    assert area.low < area.value < area.high
    assert 0.05 < area.high - area.low < 0.4
    few, _ = condition_metrics(table_of([one for one in rows if one.pair < 9]), None, draws=20)
    assert math.isnan(few[AS_IT_IS].metrics["auc"].low)
    assert recipes["blend"].groups == 10


def test_a_missing_member_is_refused() -> None:
    with pytest.raises(InputError, match="is missing"):
        table_of(planted()[1:])
    with pytest.raises(InputError, match="as they are"):
        table_of([])


def picture(kind: str, group: str, called: str | None, seen: bool = False, logit: float = 0.0):
    return PictureRow("p", group, kind, seen, logit, None, called, "", 50.0)


def test_false_alarms_by_kind_and_side_with_wilsons_interval() -> None:
    rows = [picture("phone", f"{n}", "fake" if n < 2 else "unsure") for n in range(8)]
    rows += [picture("studio", "one", "real") for _ in range(5)]
    rows += [picture("phone", "x", "fake", seen=True)]
    found = false_alarms(rows, 0.0)
    phone = found["held out"]["phone"]
    assert (phone.pictures, phone.groups) == (8, 8)
    assert phone.called_fake == wilson_interval(0.25, 8)
    assert phone.judged.value == 0.25
    studio = found["held out"]["studio"]
    assert studio.called_fake == wilson_interval(0.0, 1)  # five pictures of one person
    assert found["held out"]["all"].pictures == 13
    assert found["seen in training"]["phone"].called_fake.value == 1


def test_false_alarms_without_rules_are_those_above_the_threshold() -> None:
    rows = [picture("phone", f"{n}", None, logit=float(n)) for n in range(10)]
    found = false_alarms(rows, 6.5)["held out"]["all"]
    assert found.called_fake.value == 0.3
    assert math.isnan(found.judged.value)


def test_threshold_leaves_the_share_above() -> None:
    table = table_of(planted())
    assert (np.arange(PAIRS) > threshold_at(table, 0.05)).mean() == 0.05


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_wilsons_interval_is_that_of_its_equation(share: float) -> None:
    """Its ends are where the share lies 1.96 standard errors away."""
    found = wilson_interval(share, 20)
    for end in (found.low, found.high):
        if 0 < end < 1:
            z = (share - end) / math.sqrt(end * (1 - end) / 20)
            assert abs(z) == pytest.approx(1.959964, abs=1e-5)
    assert found.low <= share <= found.high
