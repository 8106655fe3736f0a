"""What a reader inferred from a data set's names, and what it left out: for a person to check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from blurprint.lab.datasets.table import FAKE, REAL, SPLITS, SampleTable

_SHOWN: Final = 6


@dataclass(slots=True)
class Account:
    """What was inferred, what was left out, by which rule the parts were made.

    A reader fills it in as it goes; :meth:`lines` is what a command shows before its work.

    Attributes:
        labels: names on disk by what they were taken for, "real" or "fake", with the number of
            files each stands for.
        parts: the same for "train", "val" and "test".
        rules: how the parts were made, a phrase each ("drawn by group, seed 42").
        inferred: other decisions, a sentence each without its full stop.
        left_out: what is on disk or in a list but not in the table, with its count and the reason.
    """

    labels: dict[str, Counter[str]] = field(default_factory=dict)
    parts: dict[str, Counter[str]] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    inferred: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def take_label(self, label: int, name: str, files: int = 1) -> None:
        """Note that `name` on disk was taken for `label`, 0 real or 1 fake, for `files` files."""
        meaning = "fake" if label == FAKE else "real"
        self.labels.setdefault(meaning, Counter())[name] += files

    def take_part(self, part: str, name: str, files: int = 1) -> None:
        """Note that `name` on disk was taken for the part `part`, for `files` files."""
        self.parts.setdefault(part, Counter())[name] += files

    def rule(self, text: str) -> None:
        """Note how parts were made."""
        _once(self.rules, text)

    def infer(self, text: str) -> None:
        """Note another decision."""
        _once(self.inferred, text)

    def leave_out(self, text: str) -> None:
        """Note what is not in the table, with its count and the reason."""
        _once(self.left_out, text)

    def add(self, other: Account) -> None:
        """Take over what `other` holds: data sets that are read together have one account."""
        for mine, theirs in ((self.labels, other.labels), (self.parts, other.parts)):
            for meaning, names in theirs.items():
                mine.setdefault(meaning, Counter()).update(names)
        for text in other.rules:
            self.rule(text)
        for text in other.inferred:
            self.infer(text)
        for text in other.left_out:
            self.leave_out(text)

    def lines(self, table: SampleTable) -> list[str]:
        """At most six lines on how `table` came about, the last one a warning if one is due.

        Args:
            table: the rows that were read, before a part was chosen.
        """
        lines = []
        if self.labels:
            lines.append(f"Labels: {_meanings(self.labels, ('real', 'fake'))}")
        made = "; ".join(self.rules)
        if self.parts or made:
            names = _meanings(self.parts, SPLITS)
            lines.append(f"Parts: {'; '.join(text for text in (names, made) if text)}")
        lines.append(f"Read: {_counts(table)}")
        if self.inferred:
            lines.append(f"Inferred: {'; '.join(self.inferred)}")
        if self.left_out:
            lines.append(f"Left out: {'; '.join(self.left_out)}")
        if warning := lacking_classes(table):
            lines.append(f"Warning: {warning}")
        return lines


def lacking_classes(table: SampleTable) -> str:
    """Parts that lack a class, in words; "" where none does.

    A table of one class as a whole (photographs alone) is said once, not for every part.
    """
    whole = {int(label) for label in table["label"].unique()}
    if len(whole) < 2:
        return f"there are no {'reals' if REAL not in whole else 'fakes'}" if whole else ""
    said = []
    for part in SPLITS:
        rows = table.loc[table["split"] == part, "label"]
        if rows.empty:
            said.append(f"part {part} is empty")
        elif rows.nunique() < 2:
            said.append(f"part {part} has no {'fakes' if (rows == REAL).all() else 'reals'}")
    return "; ".join(said)


def _once(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)


def _meanings(taken: dict[str, Counter[str]], order: Iterable[str]) -> str:
    return "; ".join(
        f"{meaning} = {_names(taken[meaning])}" for meaning in order if taken.get(meaning)
    )


def _names(names: Counter[str]) -> str:
    shown = [f'"{name}" ({count:,})' for name, count in names.most_common(_SHOWN)]
    more = len(names) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _counts(table: SampleTable) -> str:
    """Files, clips and groups of each part and label."""
    said = []
    for part in (*SPLITS, ""):
        rows = table[table["split"] == part]
        if rows.empty:
            continue
        kinds = []
        for label, name in ((REAL, "real"), (FAKE, "fake")):
            some = rows[rows["label"] == label]
            if len(some):
                kinds.append(
                    f"{len(some):,} {name} ({some['clip'].nunique():,} clips,"
                    f" {some['group'].nunique():,} groups)"
                )
        said.append(f"{part or 'in no part'} {' + '.join(kinds)}")
    return "; ".join(said) or "nothing"
