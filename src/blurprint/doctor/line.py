"""The noun: one line of what was checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

Status = Literal["ok", "missing", "wrong"]

SCHEMA: Final = 1
"""Version of the JSON; raised when a field changes its meaning or goes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked.

    Attributes:
        group: "installation", "packages", "extras", "weights", "self-test" or "machine".
        name: of the thing.
        status: "ok"; "missing" if it is optional and not there, or was not tried; "wrong".
        detail: what was found.
        advice: what to do; "" where nothing is to be done.
        seconds: that the check took; None where it was not timed.
    """

    group: str
    name: str
    status: Status
    detail: str
    advice: str = ""
    seconds: float | None = None

    def after(self, seconds: float) -> Line:
        """The same with the time that it took."""
        return replace(self, seconds=round(seconds, 3))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def well(lines: Iterable[Line]) -> bool:
    """Whether nothing is wrong."""
    return all(line.status != "wrong" for line in lines)
