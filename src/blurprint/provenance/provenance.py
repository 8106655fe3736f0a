"""The noun: where a file comes from, in rows that do not enter the finding or the score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from blurprint.errors import InputError
from blurprint.frozen import frozen

FOUND: Final = "found"
NONE: Final = "none"
UNKNOWN: Final = "unknown"
NOT_LOOKED_AT: Final = "not looked at"

Status: TypeAlias = Literal["found", "none", "unknown", "not looked at"]
Detail: TypeAlias = str | float | bool | tuple[str, ...] | None


_NO_DETAILS: Final[Mapping[str, Detail]] = frozen({})


class UnknownRow(InputError, KeyError):
    """No row of provenance has this name."""

    __str__ = Exception.__str__


@dataclass(frozen=True, slots=True)
class ProvenanceRow:
    """One thing that was looked for in a file.

    Attributes:
        name: stable identifier.
        title: what a person reads.
        status: "found"; "none", where it was looked for and is not there; "unknown", where the file
            holds nothing to look at; "not looked at", where this installation or this file does not
            allow it.
        found: what was found, or why nothing is known: a sentence or more.
        means: what that means.
        does_not_mean: what it does not mean.
        brief: the same in a few words, for a single line; empty unless `status` is "found".
        details: the values behind it, by name.
    """

    name: str
    title: str
    status: Status
    found: str
    means: str
    does_not_mean: str
    brief: str = ""
    details: Mapping[str, Detail] = field(default_factory=lambda: frozen({}))

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON can hold it."""
        return {
            "name": self.name,
            "title": self.title,
            "status": self.status,
            "found": self.found,
            "means": self.means,
            "does_not_mean": self.does_not_mean,
            "details": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.details.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about, whatever is found.

    Attributes:
        name: stable identifier of the row.
        title: what a person reads.
        means: what it means if it is found.
        does_not_mean: what it does not mean if it is found, or is not.
    """

    name: str
    title: str
    means: str
    does_not_mean: str

    def row(
        self,
        status: Status,
        found: str,
        details: Mapping[str, Detail] = _NO_DETAILS,
        *,
        brief: str = "",
    ) -> ProvenanceRow:
        """A row about it."""
        return ProvenanceRow(
            *(self.name, self.title, status, found, self.means, self.does_not_mean),
            brief=brief,
            details=frozen(details),
        )


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file says of where it comes from, and the traces of how it was saved.

    None of it enters the finding or the score of a report. ``provenance["manifest"]`` is the row of
    that name; iterating gives the rows in order.

    Attributes:
        rows: in the order of the report.
    """

    rows: tuple[ProvenanceRow, ...]

    def __getitem__(self, name: str) -> ProvenanceRow:
        """The row called `name`.

        Raises:
            UnknownRow: an InputError and a KeyError, if there is none.
        """
        for row in self.rows:
            if row.name == name:
                return row
        known = ", ".join(f'"{row.name}"' for row in self.rows)
        raise UnknownRow(f'Expected one of {known}, but got "{name}"')

    def __iter__(self) -> Iterator[ProvenanceRow]:
        """The rows, in order."""
        return iter(self.rows)

    def __contains__(self, name: object) -> bool:
        """Whether there is a row called `name`."""
        return any(row.name == name for row in self.rows)

    @property
    def brief(self) -> str:
        """What was found, in one line."""
        found = [row.brief for row in self.rows if row.status == FOUND and row.brief]
        if found:
            return "; ".join(found)
        if all(row.status in (UNKNOWN, NOT_LOOKED_AT) for row in self.rows):
            return "unknown"
        return "nothing found, which proves nothing"

    def to_dict(self) -> dict[str, Any]:
        """The content of ``provenance`` in ``report.json``."""
        return {"brief": self.brief, "rows": [row.to_dict() for row in self.rows]}
