"""The comparison of all methods, in one call: held-out renders, stripes, real pairs, times."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from blurprint.errors import InputError
from blurprint.lab.evaluation.estimators.held_out import read_scenes
from blurprint.lab.evaluation.estimators.held_out_errors import HeldOutErrors, summarise
from blurprint.lab.evaluation.estimators.matched_blur import Matched, match_all_pairs
from blurprint.lab.evaluation.estimators.methods import compared_methods
from blurprint.lab.evaluation.estimators.multifocus import Ordering, find_pairs, order_pairs
from blurprint.lab.evaluation.estimators.stripes import StripeReadings, read_stripes
from blurprint.lab.evaluation.estimators.timing import Times, time_all
from blurprint.lab.pages.environment import machine, versions
from blurprint.lab.rendering.sharp_sources import SharpSources
from blurprint.optics.net import NET
from blurprint.weights.card import Card, read_card, shipped

Progress = Callable[[str, int, int], None]
"""Called with the part, what is done of it, and what is wanted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured; the defaults made the published page.

    Attributes:
        scenes: held-out scenes, each under every condition.
        size: side of each picture, in pixels.
        seed: of the scenes.
        times: whether times and memory are measured.
    """

    scenes: int = 200
    size: int = 256
    seed: int = 0
    times: bool = True


@dataclass(frozen=True, slots=True)
class Setup:
    """What the numbers were made with.

    Attributes:
        plan: how much was measured.
        photographs: photographs of the split "test" that the scenes were drawn from.
        network: name and hash of the network behind "net".
        machine: processor, cores, system.
        versions: of the software.
    """

    plan: Plan
    photographs: int
    network: Mapping[str, str]
    machine: Mapping[str, str | int]
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Everything that was measured; parts that were not asked for are None."""

    setup: Setup
    held_out: HeldOutErrors
    stripes: tuple[StripeReadings, ...]
    multifocus: Ordering | None
    matched: Matched | None
    times: Times | None

    def to_json(self) -> str:
        """As JSON, numbers to five decimals; what is undefined (NaN) is null."""
        return json.dumps(_plain(asdict(self)), indent=2, allow_nan=False) + "\n"


def benchmark_estimators(
    photos: str | Path,
    *,
    multifocus: str | Path | None = None,
    card: str | Path | None = None,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Benchmark:
    """Measure every method.

    Args:
        photos: folder of photographs; those of the split "test" are used.
        multifocus: folder of pairs ``NAME_A.png``, ``NAME_B.png``.
        card: of the network behind "net"; None takes the one that ships.
        plan: how much is measured.
        progress: called as the work goes on.

    Raises:
        InputError: if a folder, a pair or the card is not what it should be.
        BlurprintError: if a process that measures times fails.
    """
    photos = Path(photos)
    multifocus = None if multifocus is None else Path(multifocus)
    card = None if card is None else Path(card)
    plan = Plan() if plan is None else plan
    if plan.scenes < 1 or plan.size < 64:
        raise InputError(
            f"Expected at least 1 scene of at least 64 px, but got {plan.scenes} of {plan.size} px"
        )
    described = shipped(NET) if card is None else read_card(card)
    described.read_model()  # what is wrong with it is said before the work begins
    pairs = None if multifocus is None else find_pairs(multifocus)
    sources = SharpSources.from_folder(photos, "test")
    methods = compared_methods(described.path)

    def of(part: str) -> Callable[[int, int], None] | None:
        if progress is None:
            return None
        return lambda done, wanted: progress(part, done, wanted)

    # Times come first, before this process has warmed the machine up or filled its memory.
    times = time_all(described.path, progress=of("times")) if plan.times else None
    readings = read_scenes(
        methods,
        sources,
        scenes=plan.scenes,
        size=plan.size,
        seed=plan.seed,
        progress=of("renders"),
    )
    return Benchmark(
        setup=Setup(plan, len(sources.paths), _network(described), machine(), versions()),
        held_out=summarise(readings),
        stripes=read_stripes(methods),
        multifocus=None if pairs is None else order_pairs(pairs, methods, of("pairs")),
        matched=None if pairs is None else match_all_pairs(pairs, methods, of("matches")),
        times=times,
    )


def _network(card: Card) -> dict[str, str]:
    name = card.content.get("name", card.path.stem)
    return {"name": str(name), "sha256": str(card.content["sha256"])}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value
