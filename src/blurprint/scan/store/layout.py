"""The names of a scan's files in its folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from blurprint.errors import OutputError
from blurprint.files import reason
from blurprint.scan.store.run_file import RUN_FILE, is_scan

Output = Literal["parquet", "jsonl", "both"]
OUTPUTS: Final = ("both", "parquet", "jsonl")
LEDGER: Final = "ledger.txt"
TOTALS: Final = "totals.json"
SUMMARY: Final = "summary.html"
_OURS: Final = re.compile(
    r"(rows|frames)-\d{5,}\.parquet|\.?(rows|frames)(-\d{5,})?\.jsonl|"
    rf"{re.escape(LEDGER)}|{re.escape(TOTALS)}|{re.escape(SUMMARY)}|{re.escape(RUN_FILE)}"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are.

    Rows are written to a file of lines as they come: ``rows.jsonl``, which stays, or, where only
    Parquet is asked for, a hidden file for each shard, which goes when the shard is there.

    Attributes:
        folder: of the scan.
        output: what is asked for.
    """

    folder: Path
    output: Output

    @property
    def parquet(self) -> bool:
        """Whether shards are written."""
        return self.output != "jsonl"

    @property
    def jsonl(self) -> bool:
        """Whether the lines stay."""
        return self.output != "parquet"

    def lines_of(self, table: str, shard: int) -> Path:
        """The file of lines of a table ("rows" or "frames") that holds a shard's."""
        name = f"{table}.jsonl" if self.jsonl else f".{table}-{shard:05d}.jsonl"
        return self.folder / name

    def shard_of(self, table: str, shard: int) -> Path:
        """The shard."""
        return self.folder / f"{table}-{shard:05d}.parquet"

    def shards(self, table: str) -> list[Path]:
        """The shards of a table that are there, in order."""
        return sorted(
            self.folder.glob(f"{table}-*.parquet"), key=lambda path: (len(path.name), path.name)
        )

    def drop_lines(self, shard: int) -> None:
        """Remove the lines of a shard that is written, unless they are to stay."""
        if not self.jsonl:
            for table in ("rows", "frames"):
                with suppress(OSError):
                    self.lines_of(table, shard).unlink()


def read_lines(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The lines of a part of a file.

    Raises:
        OutputError: if the file cannot be read or is shorter.
    """
    if start == end:
        return
    try:
        with path.open("rb") as file:
            file.seek(start)
            while start < end:
                line = file.readline()
                start += len(line)
                if not line.endswith(b"\n") or start > end:
                    raise OutputError(f"{path}: does not hold the rows that {LEDGER} names")
                yield line
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({reason(error)})") from error


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of a run that was killed while it wrote them."""
    for path in folder.glob(".*.tmp"):
        name = re.fullmatch(r"\.(.+)\.[0-9a-f]{12}\.tmp", path.name)
        if name and _OURS.fullmatch(name[1]):
            with suppress(OSError):
                path.unlink()


def check_whose(folder: Path) -> None:
    """See that files that a scan would write or remove are those of a scan: it begins with its
    record, so that names of its files in a folder without that are of files of somebody else.

    Raises:
        OutputError: naming them, if they are not; nothing was touched.
    """
    if is_scan(folder):
        return
    found = [path.name for path in _ours(folder) if path.name != RUN_FILE]
    if found:
        raise OutputError(
            f"{folder}: holds {', '.join(found)}, but no {RUN_FILE}, with which every scan begins; "
            "a scan would replace what is not its own. Move them, or give another --out"
        )


def remove_scan(folder: Path) -> None:
    """Remove what a scan wrote into a folder, and nothing else; its record comes last, so that
    after a crash the rest is still known as its own.

    Raises:
        OutputError: if a file cannot be removed.
    """
    for path in sorted(_ours(folder), key=lambda path: path.name == RUN_FILE):
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path}: cannot be removed ({reason(error)})") from error


def _ours(folder: Path) -> list[Path]:
    """The files of a folder whose names are those of a scan's."""
    return sorted(path for path in folder.iterdir() if _OURS.fullmatch(path.name))
