"""Where another method does better than the network: published beside the wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import isnan
from typing import Final

from blurprint.lab.evaluation.estimators.benchmark import Benchmark
from blurprint.lab.evaluation.estimators.held_out_errors import ALL
from blurprint.lab.evaluation.estimators.timing import BASELINE
from blurprint.lab.pages.markdown import number

NET: Final = "net"
FLOAT: Final = "net-float"
"""The same network: it is held against "net" in time and memory only, which is what it is for."""


def losses(benchmark: Benchmark) -> list[str]:
    """One sentence for each measurement in which another method is better than "net"."""
    parts = (_of_renders, _of_stripes, _of_pairs, _of_matches, _of_times)
    return [sentence for part in parts for sentence in part(benchmark)]


def _of_renders(benchmark: Benchmark) -> Iterator[str]:
    held_out = benchmark.held_out
    ours = held_out.errors[NET]
    for name, theirs in held_out.errors.items():
        if name == FLOAT:
            continue
        for condition, error in ours.items():
            other = theirs[condition]
            if other.mean.value < error.mean.value:
                yield _error(condition, name, other.mean.value, error.mean.value)
            if other.rank_correlation > error.rank_correlation:
                yield (
                    f'Rank correlation, {condition}: "{name}" {other.rank_correlation:.3f}, '
                    f'"{NET}" {error.rank_correlation:.3f}.'
                )
        for place, (low, high) in enumerate(pairwise(held_out.levels_px)):
            pair = theirs[ALL].by_level[place], ours[ALL].by_level[place]
            if pair[0] < pair[1]:
                yield _error(f"true blur {low:g} to {high:g} px", name, *pair)
        for third in held_out.density:
            if third.mean[name] < third.mean[NET]:
                where = f"scenes with {third.name}"
                yield _error(where, name, third.mean[name], third.mean[NET])


def _error(where: str, name: str, theirs: float, ours: float) -> str:
    return f'Error, {where}: "{name}" {theirs:.3f} px, "{NET}" {ours:.3f} px.'


def _of_stripes(benchmark: Benchmark) -> Iterator[str]:
    ours = {line.lens: line for line in benchmark.stripes if line.method == NET}
    for line in benchmark.stripes:
        own = ours[line.lens]
        for how, theirs, mine in (
            ("median", line.spread, own.spread),
            ("weighted mean", line.weighted_spread, own.weighted_spread),
        ):
            # NaN, a reading of 0 or less, is the worst of spreads.
            if line.method not in (NET, FLOAT) and not isnan(theirs) and not mine <= theirs:
                yield (
                    f"Stripes through a {line.lens}, largest over smallest {how}: "
                    f'"{line.method}" {number(theirs)}, "{NET}" {number(mine)}.'
                )


def _of_pairs(benchmark: Benchmark) -> Iterator[str]:
    if benchmark.multifocus is None:
        return
    for how, shares in (
        ("ordered rightly", benchmark.multifocus.right),
        ("ordered rightly, weighted by confidence", benchmark.multifocus.weighted),
    ):
        for name, share in shares.items():
            if name != FLOAT and share.value > shares[NET].value:
                yield (
                    f'Blocks of real pairs {how}: "{name}" {100 * share.value:.1f} %, '
                    f'"{NET}" {100 * shares[NET].value:.1f} %.'
                )


def _of_matches(benchmark: Benchmark) -> Iterator[str]:
    if benchmark.matched is None:
        return
    errors = benchmark.matched.errors
    ours = errors[NET]
    where = "matched blocks of real pairs"
    for name, theirs in errors.items():
        if name == FLOAT:
            continue
        if theirs.mean.value < ours.mean.value:
            yield _error(where, name, theirs.mean.value, ours.mean.value)
        if theirs.weighted < ours.weighted:
            yield _error(f"{where}, weighted by confidence", name, theirs.weighted, ours.weighted)
        if theirs.rank_correlation > ours.rank_correlation:
            yield (
                f'Rank correlation, {where}: "{name}" '
                f'{theirs.rank_correlation:.3f}, "{NET}" {ours.rank_correlation:.3f}.'
            )


def _of_times(benchmark: Benchmark) -> Iterator[str]:
    if benchmark.times is None:
        return
    groups: dict[str, dict[str, float]] = {}
    for row in benchmark.times.timings:
        threads = f"{row.threads} thread{'s' if row.threads > 1 else ''}"
        where = f"Time, {row.width} x {row.height} px, {threads}"
        groups.setdefault(where, {})[row.method] = row.median_ms
    for where, times in groups.items():
        yield from _faster(where, times, "ms")
    peaks = {row.method: row.peak_mb for row in benchmark.times.memory}
    yield from _faster("Peak memory", peaks, "MB")


def _faster(where: str, values: Mapping[str, float], unit: str) -> Iterator[str]:
    better = [
        f"{'baseline' if name == BASELINE else chr(34) + name + chr(34)} {value:.1f} {unit}"
        for name, value in values.items()
        if value < values[NET]
    ]
    if better:
        yield f'{where}: {", ".join(better)}; "{NET}" {values[NET]:.1f} {unit}.'
