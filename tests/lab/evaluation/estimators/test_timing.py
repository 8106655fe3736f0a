from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from blurprint.errors import BlurprintError
from blurprint.lab.evaluation.estimators import timing
from blurprint.lab.evaluation.estimators.plain_paper import plain_paper_map
from blurprint.lab.evaluation.estimators.timing import (
    BASELINE,
    large_picture,
    peak_memory_mb,
    small_pictures,
    time_all,
    time_methods,
)
from restatement import plain_paper_map as restated

pytestmark = pytest.mark.slow


def test_times_and_ratio_by_hand(monkeypatch):
    clock = [0.0]

    def taking(seconds: float) -> Callable[[object], None]:
        return lambda _: clock.__setitem__(0, clock[0] + seconds)

    monkeypatch.setattr(timing, "perf_counter", lambda: clock[0])
    methods = {BASELINE: taking(0.04), "fast": taking(0.01)}
    rows = time_methods(methods, [np.zeros((5, 7, 3), np.float32)] * 2, repeats=3, threads=1)
    base, fast = rows
    assert (base.method, base.height, base.width, base.ratio) == (BASELINE, 5, 7, 1)
    assert fast.median_ms == pytest.approx(10)
    assert fast.ratio == pytest.approx(4)


def test_the_baseline_is_the_papers_map():
    photo = small_pictures((120, 150))[0]
    expected = restated(photo.astype(np.float64), 2.0, 2.5)
    close = np.isclose(plain_paper_map(photo), expected, atol=0.02)
    assert close.mean() > 0.98  # a pixel on the border of an edge may fall either way


def test_pictures_have_the_sizes_asked_for():
    assert [p.shape for p in small_pictures()] == [(299, 299, 3)] * 4
    large = large_picture()
    assert large.shape[0] * large.shape[1] == pytest.approx(2e6, rel=0.01)
    assert 0 <= large.min() < 0.1
    assert 0.9 < large.max() <= 1


def test_peak_memory_has_seen_what_was_held():
    held = np.ones(10_000_000)
    assert peak_memory_mb() > held.nbytes / 1e6


def test_fresh_processes(tiny_card):
    seen: list[tuple[int, int]] = []
    times = time_all(
        tiny_card,
        threads=(1,),
        repeats=(1, 1),
        small=(48, 64),
        large=(96, 128),
        progress=lambda done, wanted: seen.append((done, wanted)),
    )
    assert seen[-1][0] == seen[-1][1] == len(seen)
    methods = {row.method for row in times.timings}
    assert {BASELINE, "paper", "edge", "net"} <= methods
    assert {(row.height, row.width) for row in times.timings} == {(48, 64), (96, 128)}
    assert all(row.median_ms > 0 for row in times.timings)
    net = next(row for row in times.memory if row.method == "net")
    assert net.peak_mb > net.idle_mb + 1, "ONNX Runtime is not loaded in the idle process"


def test_a_process_that_fails_is_said_in_one_line(tmp_path):
    with pytest.raises(BlurprintError, match=r"measures time failed: .*nowhere\.json") as caught:
        time_all(tmp_path / "nowhere.json", threads=(1,), small=(48, 64), large=(96, 128))
    assert "\n" not in str(caught.value)
