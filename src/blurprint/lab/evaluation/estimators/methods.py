"""The methods that benchmarks compare, from the oldest to the newest."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from blurprint.errors import InputError
from blurprint.optics.method import Estimator
from blurprint.optics.methods import METHODS, list_methods
from blurprint.optics.net import net_map


def compared_methods(card: Path) -> dict[str, Estimator]:
    """Every method of the package, "net" with the network that `card` describes."""
    methods: dict[str, Estimator] = {**METHODS, "net": partial(net_map, card=card)}
    return {name: methods[name] for name in reversed(list_methods())}


def methods_in_pixels(names: Iterable[str], card: str | Path) -> dict[str, Estimator]:
    """The methods of these names, "net" with the network that `card` describes.

    Raises:
        InputError: if a name is unknown, or that of a method whose map has no unit.
    """
    card = Path(card)
    measuring = {n: m for n, m in compared_methods(card).items() if METHODS[n].in_pixels}
    chosen = [name.strip() for name in names]
    for name in chosen:
        if name not in measuring:
            known = ", ".join(f'"{one}"' for one in measuring)
            raise InputError(f'Expected methods of {known}, but got "{name}"')
    return {name: measuring[name] for name in chosen}
