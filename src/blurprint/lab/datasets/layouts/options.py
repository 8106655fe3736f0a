"""What readers are asked for beyond the folder, and which rule of splitting that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.dataclasses import dataclass

from blurprint.errors import InputError
from blurprint.invalid import STRICT, our_errors
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.table import FAKE, REAL

RULES: Final = ("authors", "official", "identity")
COMPRESSIONS: Final = ("raw", "c0", "c23", "c40")


def _among(names: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in names:
            raise ValueError(f"among {', '.join(names)}")
        return value

    return AfterValidator(check)


def _labels(stated: Any) -> Any:
    if isinstance(stated, Mapping):
        for name, label in stated.items():
            # True is 1 for Python, but says nothing about which of the two is meant.
            if isinstance(label, bool) or label not in (REAL, FAKE):
                raise InputError(
                    f"Expected `labels` to be 0 (real) or 1 (fake) by name, but got {label!r} for"
                    f" {name}"
                )
    return stated


@our_errors
@dataclass(frozen=True, config=STRICT)
class ReadOptions:
    """What readers are asked for beyond the folder.

    Attributes:
        split: rule: "authors", "official" or "identity"; None takes the layout's own default.
        compression: of FaceForensics++ and DeepfakeBench: "raw", "c0", "c23" or "c40"; None takes
            c23 where it is there, else the only one that is.
        frames: frames taken of each clip at most, the first ones in order; 0 for all.
        seed: of splits that are drawn; not that of a training.
        labels: names of folders or labels that a layout does not know, with what they mean: 0 real,
            1 fake. Upper and lower case are the same.

    Raises:
        InputError: if a value is unknown or of another type.
    """

    split: Annotated[str, _among(RULES)] | None = None
    compression: Annotated[str, _among(COMPRESSIONS)] | None = None
    frames: Annotated[int, Field(ge=0)] = 32
    seed: int = 42
    labels: Annotated[Mapping[str, int], BeforeValidator(_labels)] = field(default_factory=dict)

    def rule(self, layout: str, known: tuple[str, ...], default: str, *, account: Account) -> str:
        """The rule of splitting: what was asked for, else `default`; `account` keeps it.

        Raises:
            InputError: if `layout` has no such rule.
        """
        rule = self.split or default
        if rule not in known:
            raise InputError(
                f"Expected a rule of splitting that {layout} has ({', '.join(known)}),"
                f' but got "{rule}"'
            )
        account.settle("split", rule)
        return rule
