"""The methods that benchmarks compare, from the oldest to the newest."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from blurprint.optics.estimate import METHODS, Estimator
from blurprint.optics.net import net_map

_ORDER: Final = ("paper", "paper-release", "edge", "net-int8", "net")


def compared_methods(card: Path) -> dict[str, Estimator]:
    """Every method of the package, "net" with the network that `card` describes."""
    methods: dict[str, Estimator] = {**METHODS, "net": partial(net_map, card=card)}
    known = [name for name in _ORDER if name in methods]
    return {name: methods[name] for name in [*known, *(m for m in methods if m not in known)]}
