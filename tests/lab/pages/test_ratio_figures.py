from __future__ import annotations

import numpy as np

from blurprint.lab.measures.ratio_curves import reliability_curve, tippett
from blurprint.lab.pages.ratio_figures import ratio_figure


def test_the_same_ratios_give_the_same_picture_with_both_curves():
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], 60)
    ratio = rng.normal(size=120) + label - 0.5
    curve = reliability_curve(label, ratio, np.arange(120), draws=10)
    first, second = (ratio_figure(curve, tippett(label, ratio), prior=0.5) for _ in range(2))
    assert first.svg == second.svg
    assert first.png.startswith(b"\x89PNG")
    other = ratio_figure(curve, tippett(label, ratio + 1), prior=0.5)
    assert other.svg != first.svg
    assert "misleading" in first.caption


def test_bins_without_an_interval_are_drawn():
    few = reliability_curve([0, 1], [-1.0, 1.0], ["a", "b"], draws=2)
    assert ratio_figure(few, tippett([0, 1], [-1.0, 1.0]), prior=0.5).png
