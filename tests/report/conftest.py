"""Reports to look at: a step between two grays, as every method reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from blurprint.analysis import analyze
from blurprint.photos.photo import Photo
from blurprint.report.report import Report

MakeReport = Callable[..., Report]


@pytest.fixture(scope="session")
def make_report() -> MakeReport:
    def make(method: str = "edge", *, flat: bool = False, **facts: Any) -> Report:
        rgb = np.full((60, 90, 3), 0.2, np.float32)
        if not flat:
            rgb[:, 40:] = 0.5
            rgb[:, 43:] = 0.8
        return analyze(Photo(rgb=rgb, **{"source": "step.png", **facts}), method=method)

    return make
