"""The ways to mirror and turn a picture, and back."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Attitude:
    """One of the seven ways to mirror and turn a square picture, planes (..., S, S).

    Attributes:
        turns: by 90 degrees.
        mirrored: before it is turned.
    """

    turns: int
    mirrored: bool

    @classmethod
    def of_step(cls, step: int) -> Attitude:
        """All seven in turn."""
        number = 1 + step % 7
        return cls(number % 4, number >= 4)

    def of(self, planes: Tensor) -> Tensor:
        """`planes` in this attitude."""
        flipped = planes.flip(-1) if self.mirrored else planes
        return torch.rot90(flipped, self.turns, (-2, -1))

    def back(self, planes: Tensor) -> Tensor:
        """`planes` of this attitude upright again."""
        upright = torch.rot90(planes, -self.turns, (-2, -1))
        return upright.flip(-1) if self.mirrored else upright
