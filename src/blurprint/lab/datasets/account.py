"""What a reader inferred from a data set's names, and what it left out: for a person to check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from blurprint.lab.datasets.table import FAKE, REAL, SPLITS, SampleTable
from blurprint.photos.video import VIDEO_SUFFIXES

_SHOWN: Final = 6
_TEXTS: Final = 5


@dataclass(slots=True)
class Account:
    """What was inferred, what was left out, by which rule the parts were made.

    A reader fills it in as it goes; :meth:`lines` is what a command shows before its work.

    Attributes:
        labels: names on disk by what they were taken for, "real" or "fake", with the number of
            files each stands for.
        parts: the same for "train", "val" and "test".
        rules: how the parts were made, a phrase each ("drawn by group, seed 42").
        inferred: other decisions, a phrase each.
        left_out: what is on disk or in a list but not in the table, or in no part of it, with its
            count and the reason.
        aside: number of files that are no data, by what they are ("hidden file").
        settled: what "split" and "compression" came to, where nothing was asked for.
    """

    labels: dict[str, Counter[str]] = field(default_factory=dict)
    parts: dict[str, Counter[str]] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    inferred: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    aside: Counter[str] = field(default_factory=Counter)
    settled: dict[str, set[str]] = field(default_factory=dict)

    def take_label(self, label: int, name: str, files: int = 1) -> None:
        """Note that `name` on disk was taken for `label`, 0 real or 1 fake, for `files` files."""
        self.labels.setdefault(_meaning(label), Counter())[name] += files

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

    def settle(self, name: str, value: str) -> None:
        """Note what a setting came to."""
        self.settled.setdefault(name, set()).add(value)

    def add(self, other: Account, name: str = "") -> None:
        """Take over what `other` holds: data sets that are read together have one account.

        Args:
            other: of one data set.
            name: of that data set, put before its phrases.
        """
        for mine, theirs in ((self.labels, other.labels), (self.parts, other.parts)):
            for taken, names in theirs.items():
                mine.setdefault(taken, Counter()).update(names)
        self.aside.update(other.aside)
        for setting, values in other.settled.items():
            self.settled.setdefault(setting, set()).update(values)
        before = f"{name}: " if name else ""
        for text in other.rules:
            self.rule(before + text)
        for text in other.inferred:
            self.infer(before + text)
        for text in other.left_out:
            self.leave_out(before + text)

    def lines(self, table: SampleTable) -> list[str]:
        """At most six lines on how `table` came about, the last one a warning if one is due.

        Args:
            table: the rows that were read, before a part was chosen.
        """
        lines = []
        if self.labels:
            lines.append(f"Labels: {_meanings(self.labels, ('real', 'fake'))}")
        parts = [text for text in (_meanings(self.parts, SPLITS), *self.rules) if text]
        if parts:
            lines.append(f"Parts: {_some(parts)}")
        lines.append(f"Read: {_counts(table)}")
        if self.inferred:
            lines.append(f"Inferred: {_some(self.inferred)}")
        aside = " and ".join(number(count, what) for what, count in self.aside.items() if count)
        if left_out := [*self.left_out, *([aside] if aside else [])]:
            lines.append(f"Left out: {_some(left_out)}")
        if warnings := [text for text in (lacking_classes(table), straddling(table)) if text]:
            lines.append(f"Warning: {'; '.join(warnings)}")
        return lines


def number(count: int, noun: str) -> str:
    """A count with its noun.

    >>> number(1, "clip"), number(2000, "file of another kind")
    ('1 clip', '2,000 files of another kind')
    """
    first, _, rest = noun.partition(" of ")
    many = first if count == 1 else f"{first}s"
    return f"{count:,} {many}{f' of {rest}' if rest else ''}"


def media(count: int) -> str:
    """ "1 picture or video", "2,000 pictures or videos"."""
    return "1 picture or video" if count == 1 else f"{count:,} pictures or videos"


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


def straddling(table: SampleTable) -> str:
    """Groups (identities, videos, prompts) that lie in several parts, in words; "" for none."""
    parted = table.loc[table["split"] != ""].groupby("group", sort=False)["split"].nunique()
    several = parted.index[parted > 1]
    if not len(several):
        return ""
    return (
        f"{len(several):,} of {len(parted):,} groups lie in more than one part, such as"
        f' "{several[0]}"'
    )


def _once(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)


def _meaning(label: int) -> str:
    return "fake" if label == FAKE else "real"


def _meanings(taken: dict[str, Counter[str]], order: Iterable[str]) -> str:
    return "; ".join(f"{one} = {_names(taken[one])}" for one in order if taken.get(one))


def _names(names: Counter[str]) -> str:
    shown = [f'"{name}" ({count:,})' for name, count in names.most_common(_SHOWN)]
    more = len(names) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _some(texts: list[str]) -> str:
    more = len(texts) - _TEXTS
    return "; ".join(texts[:_TEXTS]) + (f"; and {more} more" if more > 0 else "")


def _counts(table: SampleTable) -> str:
    """Files, clips and groups of each part and label."""
    said = []
    for part in (*SPLITS, ""):
        rows = table[table["split"] == part]
        kinds = [
            f"{_files(some, _meaning(label))} ({number(some['clip'].nunique(), 'clip')},"
            f" {number(some['group'].nunique(), 'group')})"
            for label in (REAL, FAKE)
            if len(some := rows[rows["label"] == label])
        ]
        if kinds:
            said.append(f"{part or 'no part'}: {', '.join(kinds)}")
    return "; ".join(said) or "nothing"


def _files(rows: SampleTable, label: str) -> str:
    """Number of pictures and videos of one label: "32,000 real pictures"."""
    videos = int(rows["path"].str.lower().str.endswith(tuple(VIDEO_SUFFIXES)).sum())
    kinds = ((len(rows) - videos, "picture"), (videos, "video"))
    return " and ".join(number(count, f"{label} {name}") for count, name in kinds if count)
