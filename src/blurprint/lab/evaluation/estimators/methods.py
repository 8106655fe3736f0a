"""The methods that benchmarks compare, from the oldest to the newest."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from blurprint.errors import InputError
from blurprint.optics.estimate import METHODS, Estimator
from blurprint.optics.net import net_map

_ORDER: Final = ("paper", "paper-release", "edge", "net-float", "net-wide", "net")


def compared_methods(card: Path) -> dict[str, Estimator]:
    """Every method of the package, "net" with the network that `card` describes."""
    methods: dict[str, Estimator] = {**METHODS, "net": partial(net_map, card=card)}
    known = [name for name in _ORDER if name in methods]
    return {name: methods[name] for name in [*known, *(m for m in methods if m not in known)]}


def methods_in_pixels(names: Iterable[str], card: Path) -> dict[str, Estimator]:
    """The methods of these names, "net" with the network that `card` describes.

    Raises:
        InputError: if a name is unknown, or that of a method whose map has no unit.
    """
    measuring = {n: m for n, m in compared_methods(card).items() if not n.startswith("paper")}
    chosen = [name.strip() for name in names]
    for name in chosen:
        if name not in measuring:
            known = ", ".join(f'"{one}"' for one in measuring)
            raise InputError(f'Expected methods of {known}, but got "{name}"')
    return {name: measuring[name] for name in chosen}
