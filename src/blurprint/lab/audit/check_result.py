"""What `blurprint dataset check` found, its warnings in words, and its files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from blurprint.files import make_folder, write_all
from blurprint.lab.audit.copies import Copy
from blurprint.lab.audit.shortcuts import CONFIDENCE, LIMIT, Shortcut

SCHEMA_VERSION: Final = 1
_CSV_COLUMNS: Final = (
    *("first", "second", "bits", "likeness", "identical"),
    *("first_split", "second_split", "first_label", "second_label", "pairs"),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many pictures, clips and groups have one split, label and method."""

    split: str
    label: int
    method: str
    pictures: int
    clips: int
    groups: int


@dataclass(frozen=True, slots=True)
class Straddle:
    """A group or clip (`kind`) that is in several splits or has both labels (`across`)."""

    kind: str
    name: str
    across: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that cannot be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found in a data set.

    Attributes:
        pictures: rows of the table.
        counts: by split, label and method.
        straddles: groups and clips that should be in one split, or have one label.
        unreadable: files.
        copies: pairs of clips that share pictures across splits or labels.
        shortcuts: how well features of the files alone predict the label, by split.
        sampled: pictures that the shortcuts were measured on.
    """

    pictures: int
    counts: tuple[Count, ...]
    straddles: tuple[Straddle, ...]
    unreadable: tuple[Unreadable, ...]
    copies: tuple[Copy, ...]
    shortcuts: tuple[Shortcut, ...]
    sampled: int

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing that makes results on this data set doubtful."""
        return tuple(self._warnings())

    def to_json(self) -> str:
        """All of it but the copies, which are counted; they are in check.csv."""
        content = asdict(self)
        content["copies"] = {
            "across_splits": sum(copy.across_splits for copy in self.copies),
            "across_labels": sum(copy.across_labels for copy in self.copies),
            "identical_across_labels": len(self._contradictions()),
        }
        for entry, shortcut in zip(content["shortcuts"], self.shortcuts, strict=True):
            entry["warns"] = shortcut.warns
        header = {
            "schema_version": SCHEMA_VERSION,
            "auc_limit": LIMIT,
            "interval": CONFIDENCE,
            "warnings": self.warnings,
        }
        return json.dumps({**header, **content}, indent=2, ensure_ascii=False) + "\n"

    def to_csv(self) -> str:
        """The copies, a row a pair."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_CSV_COLUMNS)
        for copy in self.copies:
            alike = (copy.bits, copy.likeness, int(copy.identical))
            writer.writerow(
                (copy.first, copy.second, *alike, *copy.splits, *copy.labels, copy.pairs)
            )
        return text.getvalue()

    def write(self, folder: str | Path) -> None:
        """Write check.json and check.csv, both or none.

        Raises:
            OutputError: if they cannot be written.
        """
        folder = Path(folder)
        make_folder(folder)
        files = {"check.json": self.to_json(), "check.csv": self.to_csv()}
        write_all(
            {
                folder / name: text.encode("utf-8", "backslashreplace")
                for name, text in files.items()
            }
        )

    def _warnings(self) -> Iterator[str]:
        if self.unreadable:
            yield f"{_many(len(self.unreadable), 'picture')} cannot be read"
        for kind, across, what in (
            ("group", "split", "in more than one split"),
            ("clip", "split", "in more than one split"),
            ("clip", "label", "under both labels"),
        ):
            found = [one for one in self.straddles if (one.kind, one.across) == (kind, across)]
            if found:
                yield f'{_many(len(found), kind)} {what}, for instance "{found[0].name}"'
        across_splits = sum(copy.across_splits for copy in self.copies)
        if across_splits:
            pairs = _many(across_splits, "pair")
            yield f"{pairs} of clips or pictures show the same in different splits"
        if contradictions := self._contradictions():
            yield f"{_many(len(contradictions), 'pair')} of identical files with different labels"
        for one in self.shortcuts:
            if one.warns:
                where = f"{one.split}: " if one.split else ""
                typical = f"; real {one.real}, fake {one.fake}" if one.real else ""
                verb = "predict" if one.feature == "all together" else "alone predicts"
                yield (
                    f"{where}{one.feature.replace('_', ' ')} {verb} the label: "
                    f"AUC {one.auc:.2f} ({one.low:.2f} to {one.high:.2f}){typical}"
                )

    def _contradictions(self) -> list[Copy]:
        return [copy for copy in self.copies if copy.identical and copy.across_labels]


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
