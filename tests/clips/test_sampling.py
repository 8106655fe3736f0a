"""Which frames of a clip are looked at."""

from __future__ import annotations

from itertools import pairwise

import pytest

from blurprint.clips.sampling import BURST, MOST, checked_frames, sampled
from blurprint.errors import InputError
from blurprint.photos.video_table import FrameTable


def table(total: int, keys: int = 1) -> FrameTable:
    return FrameTable(total, list(range(0, total, keys)), None)


@pytest.mark.parametrize("total", [1, 2, 5, 24, 25, 100, 9000])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 24])
def test_as_many_frames_as_asked_for_or_as_there_are(total, count):
    wanted, bursts, said = sampled(table(total), count)
    assert wanted == sorted(set(wanted))
    assert all(0 <= index < total for index in wanted)
    assert len(wanted) <= min(total, count)
    if total >= 3 * count:
        assert len(wanted) == count
    assert len(bursts) == len(wanted)
    assert said == ""


def test_bursts_are_neighbours_and_spread_over_the_clip():
    wanted, bursts, _ = sampled(table(900), 24)
    for burst in set(bursts):
        inside = [index for index, one in zip(wanted, bursts, strict=True) if one == burst]
        assert inside == list(range(inside[0], inside[0] + BURST))
    middles = wanted[1::BURST]
    steps = [b - a for a, b in pairwise(middles)]
    assert max(steps) - min(steps) <= 1
    assert middles[0] == pytest.approx(900 / 16, abs=2)
    assert 900 - middles[-1] == pytest.approx(900 / 16, abs=2)


def test_all_and_key_frames():
    assert sampled(table(10), "all")[:2] == (list(range(10)), [0] * 10)
    assert sampled(table(100, keys=25), "key")[:2] == ([0, 25, 50, 75], [0, 1, 2, 3])


@pytest.mark.parametrize("frames", ["all", MOST + 10, "key"])
def test_no_more_than_the_bound_and_that_is_said(frames):
    wanted, bursts, said = sampled(table(4 * MOST), frames)
    assert len(wanted) == len(bursts) == MOST
    assert wanted == sorted(set(wanted))
    assert f"{MOST:,} were analysed" in said


@pytest.mark.parametrize("frames", [0, -1, "some", "", "1.5", "-3", True, 2.5, "٣"])
def test_other_settings_are_refused(frames):
    with pytest.raises(InputError, match="Expected `frames`"):
        checked_frames(frames)
