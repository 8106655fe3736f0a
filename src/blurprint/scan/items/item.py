"""The noun: one thing that gets a row, with all that another process needs to read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from blurprint.errors import PhotoError

Kind = Literal["picture", "video", "unknown"]


class ItemError(PhotoError):
    """An item could not be read.

    Attributes:
        status: of its row.
    """

    def __init__(self, message: str, status: str = "unreadable") -> None:
        """What happened, in a sentence without the item's path."""
        super().__init__(message)
        self.status = status


class Source(Protocol):
    """Where the bytes of an item are: small, picklable, and the same in every process."""

    def read(self, most_bytes: int) -> bytes:
        """All bytes.

        Raises:
            ItemError: if there are more than `most_bytes`, or they cannot be read.
        """
        ...

    @property
    def file(self) -> str:
        """Path or address of the file that holds these bytes, alone or with others."""
        ...

    @property
    def local_path(self) -> str | None:
        """The file that holds these bytes and no others; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that gets a row.

    Attributes:
        path: as its row names it: a path, an address, or ``archive.zip!member``.
        source: where its bytes are.
        kind: what its name promises; "unknown" where that is nothing.
        size: in bytes, if the listing says.
        stamp: changes when the content does, as far as the listing shows (size and time of a file,
            CRC of a member); "" where it shows nothing.
        problem: why it cannot be read, known already from the listing; "" if nothing is.
        status: of its row, where there is a problem.
        file_stamp: as `stamp`, of the archive, from before it was opened; "" of what lies in none,
            and where nothing is known of it, as at an address elsewhere.
    """

    path: str
    source: Source
    kind: Kind = "unknown"
    size: int | None = None
    stamp: str = ""
    problem: str = ""
    status: str = "unreadable"
    file_stamp: str = ""

    def read(self, most_bytes: int) -> bytes:
        """All its bytes.

        Raises:
            ItemError: if there are more than `most_bytes`, or it cannot be read; the status of its
                row is that of the error.
        """
        if self.problem:
            raise ItemError(self.problem, self.status)
        if self.size is not None and self.size > most_bytes:
            raise too_large(self.size, most_bytes)
        return self.source.read(most_bytes)

    @property
    def local_path(self) -> str | None:
        """The file that holds its bytes and no others; None where there is none."""
        return self.source.local_path


def too_large(size: int | None, most_bytes: int) -> ItemError:
    """The error of an item of `size` bytes, or of more than could be counted."""
    has = "more" if size is None else f"{size:,}"
    return ItemError(
        f"has {has} bytes, and {most_bytes:,} are read at most (--max-bytes)", "too_large"
    )
