"""docs/score.md says what the code does."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

from blurprint.score.calibration import posterior
from blurprint.score.policy import REASONS

PAGE = (Path(__file__).parents[2] / "docs/score.md").read_text("utf-8")


def test_the_worked_example_gives_what_is_printed():
    example = doctest.DocTestParser().get_doctest(PAGE, {}, "docs/score.md", None, 0)
    failed, tried = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert tried >= 9
    assert not failed


def test_the_table_of_priors_is_bayes_rule():
    rows = re.findall(r"^\| (\d+) % \| ([\d.]+) \| ([\d.]+) % \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) == 3
    for prior, ratio, after in rows:
        found = 100 * posterior(float(ratio), float(prior) / 100)
        assert abs(found - float(after)) < 0.5 * 10 ** -len(after.partition(".")[2])


def test_the_table_of_reasons_has_each_in_order():
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == REASONS
