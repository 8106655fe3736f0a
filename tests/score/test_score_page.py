"""docs/score.md says what the code does."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import numpy as np

from blurprint.score.calibration import Condition, posterior
from blurprint.score.policy import REASONS, judge_picture
from blurprint.score.rules import Rules

PAGE = (Path(__file__).parents[2] / "docs/score.md").read_text("utf-8")


def test_the_worked_example_gives_what_is_printed():
    example = doctest.DocTestParser().get_doctest(PAGE, {}, "docs/score.md", None, 0)
    failed, tried = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert tried >= 9
    assert not failed


def test_the_calibration_of_a_detector_runs(capsys):
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    rng = np.random.default_rng(0)
    label = np.arange(400) % 2
    given = {
        "logit": rng.normal(size=400) + 2 * label,
        "label": label,
        "groups": np.arange(400) // 2,
        "conditions": [Condition(px, 90) for px in (30.0, 30.0, 90.0, 95.0) * 100],
        "training_features": rng.normal(size=(60, 40)),
        "training_groups": np.arange(60),
        "card": {},
    }
    exec(block, given)
    assert "Interval(value=0." in capsys.readouterr().out
    rules = Rules.model_validate(given["card"]["rules"])
    assert rules == given["rules"]
    score = judge_picture(
        [
            rules.face(
                "face 1",
                Condition(90),
                0.8,
                8.0,
                given["training_features"][0],
                {"JPEG 75": 8.0, "scale 0.75": 8.0},
            )
        ],
        rules,
    )
    assert score.label == "fake"


def test_the_table_of_priors_is_bayes_rule():
    rows = re.findall(r"^\| (\d+) % \| ([\d.]+) \| ([\d.]+) % \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 3
    for prior, ratio, after in rows:
        found = 100 * posterior(float(ratio), float(prior) / 100)
        assert abs(found - float(after)) < 0.5 * 10 ** -len(after.partition(".")[2])


def test_the_table_of_reasons_has_each_in_order():
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == REASONS
