"""What the methods say of hard inputs, as Markdown and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from blurprint.lab.evaluation.estimators.hard_inputs import CONDITIONS, BarOutcome
from blurprint.lab.pages.markdown import number, table


@dataclass(frozen=True, slots=True)
class HardInputs:
    """The outcomes, by condition and by method, and what they were made with.

    Attributes:
        outcomes: by condition, by method.
        pictures: of each condition.
        seed: of the pictures.
        photographs: photographs of the split "test" that they were drawn from.
        network: SHA-256 of the weights behind "net".
    """

    outcomes: Mapping[str, Mapping[str, BarOutcome]]
    pictures: int
    seed: int
    photographs: int
    network: str

    def to_json(self) -> str:
        """As JSON, numbers to five decimals, with each bar; what is undefined is null."""
        bars = {condition.name: condition.bar for condition in CONDITIONS}
        rows = [
            {
                "condition": name,
                "method": method,
                **{key: _plain(value) for key, value in asdict(outcome).items()},
                "bar": bars[name].text,
                "met": bars[name].met(outcome),
            }
            for name, by_method in self.outcomes.items()
            for method, outcome in by_method.items()
        ]
        setup = {"pictures": self.pictures, "seed": self.seed, "photographs": self.photographs}
        return json.dumps({**setup, "network": self.network, "rows": rows}, indent=2) + "\n"


def missed(result: HardInputs, method: str) -> list[str]:
    """Names of the conditions whose bar `method` misses."""
    return [
        condition.name
        for condition in CONDITIONS
        if condition.name in result.outcomes
        and not condition.bar.met(result.outcomes[condition.name][method])
    ]


def render_hard_inputs(result: HardInputs) -> str:
    """A section: one table a method, with the bar of each condition and whether it is met."""
    methods = list(next(iter(result.outcomes.values()), {}))
    head = (
        f"### Hard inputs\n\n{result.pictures} pictures of each condition, seed {result.seed}, "
        f"from {result.photographs} photographs that no training saw; network "
        f"`{result.network[:12]}`. *Measured* is the share of the pixels with a confidence of more "
        "than 0.5; *error* and *bias* are those of the measured ones, against the sigma of the lens"
        " or the motion; *under half* is the share of all pixels that are measured as less than "
        "half the true blur; *said*, the share of the pictures of which the method says that "
        "nothing in them can be measured. *Other* is the share of the photograph whose map changes "
        "with what is around it, or by how much the medians of the eight attitudes differ, in the "
        "worst picture."
    )
    return "\n\n".join([head, *(_of_method(result, name) for name in methods)]) + "\n"


def _of_method(result: HardInputs, method: str) -> str:
    rows = []
    bars = {condition.name: condition.bar for condition in CONDITIONS}
    for name, by_method in result.outcomes.items():
        found, bar = by_method[method], bars[name]
        rows.append(
            [
                name,
                str(found.pictures),
                _percent(found.measured),
                number(found.error),
                _percent(found.bias, signed=True),
                _percent(found.under),
                _percent(found.said),
                _percent(found.spread),
                bar.text,
                "met" if bar.met(found) else "**missed**",
            ]
        )
    header = ["condition", "n", "measured", "error, px", "bias", "under half", "said", "other"]
    lost = len(missed(result, method))
    return f'"{method}" meets {len(rows) - lost} of {len(rows)} bars:\n\n' + table(
        [*header, "bar", ""], rows
    )


def _percent(share: float, signed: bool = False) -> str:
    """One decimal; a dash for what is undefined.

    >>> _percent(0.1234), _percent(-0.05, signed=True), _percent(float("nan"))
    ('12.3 %', '-5.0 %', '–')
    """
    if math.isnan(share):
        return "–"
    return f"{100 * share + 0.0:{'+' if signed else ''}.1f} %"


def _plain(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None
