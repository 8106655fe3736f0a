"""What was met and gets no row: counted by kind, with the first names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from blurprint.pages.text import path_text, printable

MET_TWICE: Final = "folders met twice"
_NAMES_KEPT: Final = 5
_PROBLEMS_KEPT: Final = 20


@dataclass(slots=True)
class LeftOut:
    """Files of one kind that are not analysed: how many, and the first names, as text."""

    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Count one more, by its name as it is."""
        self.add_text(path_text(name))

    def add_text(self, text: str) -> None:
        """Count one more, by its name as its row has it."""
        self.count += 1
        if len(self.names) < _NAMES_KEPT:
            self.names.append(text)

    def words(self, kind: str) -> str:
        """The kind, the count, and the names."""
        left = self.count - len(self.names)
        more = f" and {left:,} more" if left else ""
        return f"{kind} ({self.count:,}): {', '.join(self.names)}{more}"

    def to_json(self) -> dict[str, Any]:
        """Count and names."""
        return {"count": self.count, "first": list(self.names)}


@dataclass(slots=True)
class Account:
    """What the search for items met beside items.

    Attributes:
        items: that were given out.
        kinds: number of items by what their names promise.
        left_out: files that get no row, by kind.
        sniffed: items recognised by their first bytes alone.
        problems: what was asked for and cannot be listed, or not in full; once each, as far as they
            are named.
        repeated: number of problems that were named already.
        said: what was inferred of the inputs, a sentence each.
        cheap: pass over archives that must be unpacked to know their members.
        passed: number of these.
        itemless: archives that were read to their end and gave no item; who looks at them empties
            it.
    """

    items: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    sniffed: LeftOut = field(default_factory=LeftOut)
    problems: LeftOut = field(default_factory=LeftOut)
    repeated: int = 0
    said: list[str] = field(default_factory=list)
    cheap: bool = False
    passed: int = 0
    itemless: list[str] = field(default_factory=list)

    @property
    def met(self) -> int:
        """Number of files met: items, files without a row, and archives passed over."""
        return self.items + self.passed + sum(one.count for one in self.left_out.values())

    @property
    def given(self) -> int:
        """What shows that an input was not empty: items, folders given already, and problems."""
        again = self.left_out.get(MET_TWICE, LeftOut()).count
        return self.items + self.passed + again + self.troubles

    @property
    def troubles(self) -> int:
        """Number of times that there was a problem."""
        return self.problems.count + self.repeated

    def leave_out(self, kind: str, name: str) -> None:
        """Count a file that gets no row, by its name as it is."""
        self.leave_out_text(kind, path_text(name))

    def leave_out_text(self, kind: str, text: str) -> None:
        """Count what gets no row, by its name as a row would have it."""
        self.left_out.setdefault(kind, LeftOut()).add_text(text)

    def problem(self, name: str, why: str) -> None:
        """Something that was asked for cannot be listed, or not in full."""
        text = f"{path_text(name)}: {printable(why)}"
        if text in self.problems.names:
            self.repeated += 1
            return
        self.problems.count += 1
        if len(self.problems.names) < _PROBLEMS_KEPT:
            self.problems.names.append(text)

    def give(self, kind: str) -> None:
        """Count an item."""
        self.items += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1

    def lines(self) -> list[str]:
        """All of it, a line a kind."""
        lines = [printable(one) for one in self.said]
        lines += [f"Left out: {one.words(kind)}" for kind, one in self.left_out.items()]
        if self.sniffed.count:
            kind = "recognised by their first bytes, not by their names"
            lines.append(f"Among the items: {self.sniffed.words(kind)}")
        return lines

    def to_json(self) -> dict[str, Any]:
        """All of it, as the line of totals has it."""
        return {
            "items": self.items,
            "kinds": dict(sorted(self.kinds.items())),
            "left_out": {kind: one.to_json() for kind, one in self.left_out.items()},
            "recognised_by_first_bytes": self.sniffed.to_json(),
            "problems": self.problems.to_json(),
        }
