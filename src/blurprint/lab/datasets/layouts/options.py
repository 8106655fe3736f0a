"""What readers are asked for beyond the folder, and which rule of splitting that means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from blurprint.errors import InputError
from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.table import FAKE, REAL

RULES: Final = ("authors", "official", "identity")
COMPRESSIONS: Final = ("raw", "c0", "c23", "c40")


@dataclass(frozen=True, slots=True)
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
        InputError: if a value is unknown.
    """

    split: str | None = None
    compression: str | None = None
    frames: int = 32
    seed: int = 42
    labels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.split is not None and self.split not in RULES:
            raise InputError(
                f'Expected `split` to be among {", ".join(RULES)}, but got "{self.split}"'
            )
        if self.compression is not None and self.compression not in COMPRESSIONS:
            raise InputError(
                f"Expected `compression` to be among {', '.join(COMPRESSIONS)},"
                f' but got "{self.compression}"'
            )
        if self.frames < 0:
            raise InputError(f"Expected `frames` to be 0 (all) or more, but got {self.frames}")
        for name, label in self.labels.items():
            # True is 1 for Python, but says nothing about which of the two is meant.
            if isinstance(label, bool) or label not in (REAL, FAKE):
                raise InputError(
                    f"Expected `labels` to be 0 (real) or 1 (fake) by name, but got {label!r} for"
                    f" {name}"
                )

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
