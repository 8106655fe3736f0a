"""One call of `blurprint analyze`: the pictures, what became of each, and what is left behind."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from blurprint.cli.progress import progress_bar
from blurprint.cli.summary import block, line, shown
from blurprint.errors import OutputError

if TYPE_CHECKING:
    from blurprint.scan.inputs import Inputs
    from blurprint.scan.rows import Rows
    from blurprint.scan.settings import Job, Outcome, Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a run prints and writes beside the results of each picture.

    Attributes:
        as_json: print a line of JSON a picture.
        quiet: print errors only.
        table: file for a table of all pictures.
        jobs: processes; None for as many as fit.
    """

    as_json: bool
    quiet: bool
    table: Path | None
    jobs: int | None


class AnalyzeRun:
    """Goes through the pictures and counts what became of them."""

    def __init__(self, inputs: Inputs, settings: Settings, wishes: Wishes) -> None:
        """Nothing is done yet."""
        self.inputs = inputs
        self.settings = settings
        self.wishes = wishes
        self.many = inputs.folders or len(inputs.pictures) + len(inputs.failures) > 1
        self.counts: Counter[str] = Counter()
        self.errors = 0
        self.stopped = False

    def run(self) -> int:
        """Do it all.

        Returns:
            the exit status: 0 all done, 1 something failed, 130 interrupted.
        """
        from blurprint.scan.rows import Rows
        from blurprint.scan.settings import FAILED

        with Rows() as rows:
            self._all(rows)
        if self.stopped:
            return 130
        return 1 if self.counts[FAILED] or self.errors else 0

    def _all(self, rows: Rows) -> None:
        work = self._jobs(rows)
        for path, why in self.inputs.failures:
            self._failure(path, why, rows, rows.expect(path))
        self._say(self.inputs.account())
        if work and self.settings.out is not None:
            from blurprint.scan.analyze_files import check_folder

            check_folder(self.settings.out)
        if work:
            with progress_bar(
                show=self.many and not self.wishes.quiet, transient=True, terminal_only=True
            ) as progress:
                bar = progress.add_task("Analysing", total=len(work))
                for outcome in self._outcomes(work):
                    self._take(outcome, rows)
                    progress.advance(bar)
        self._finish(rows)

    def _jobs(self, rows: Rows) -> list[Job]:
        from blurprint.scan.names import result_names
        from blurprint.scan.settings import Job

        sources = self.inputs.pictures
        return [
            Job(rows.expect(str(source.path)), source.path, name)
            for source, name in zip(sources, result_names(sources), strict=True)
        ]

    def _outcomes(self, work: Sequence[Job]) -> Iterator[Outcome]:
        if not self.many:
            from blurprint.scan.one_picture import analyze_one

            yield from (analyze_one(self.settings, job) for job in work)
            return
        from blurprint.scan.analyze_files import analyze_files, default_jobs

        jobs = self.wishes.jobs or default_jobs()
        with self._first_interrupt_stops():
            yield from analyze_files(work, self.settings, jobs=jobs, stopped=lambda: self.stopped)

    @contextmanager
    def _first_interrupt_stops(self) -> Iterator[None]:
        """Within it Ctrl-C lets the pictures at work be finished, and no other begun."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopped = True
            typer.echo("blurprint: stopping after the pictures that are at work", err=True)

        before = None
        with suppress(ValueError):  # only the main thread hears signals
            before = signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            if before is not None:
                signal.signal(signal.SIGINT, before)

    def _take(self, outcome: Outcome, rows: Rows) -> None:
        """Print and count what became of a picture."""
        from blurprint.scan.rows import row_of
        from blurprint.scan.settings import FAILED, KEPT

        job, out = outcome.job, self.settings.out
        if outcome.status == FAILED:
            self._failure(str(job.path), outcome.error, rows, job.index)
            return
        self.counts[outcome.status] += 1
        rows.put(job.index, row_of(outcome, written=out is not None))
        folder = None if out is None else out / job.name
        if self.wishes.as_json:
            typer.echo(json.dumps(outcome.document, allow_nan=False))
        elif self.wishes.quiet or (self.many and outcome.status == KEPT):
            return
        elif self.many:
            typer.echo(line(outcome.document, folder))
        else:
            typer.echo(block(outcome.document, folder, self.settings.formats))
            if outcome.status == KEPT:
                typer.echo("  Kept from an earlier run.")

    def _failure(self, path: str, why: str, rows: Rows, index: int) -> None:
        from blurprint.pages.text import printable
        from blurprint.report.document import SCHEMA_VERSION
        from blurprint.scan.rows import row_without_results
        from blurprint.scan.settings import FAILED
        from blurprint.version import __version__

        self.counts[FAILED] += 1
        rows.put(index, row_without_results(path, FAILED, why))
        typer.echo(f"blurprint: {shown(path)}: {shown(why)}", err=True)
        if self.wishes.as_json:
            content = {
                "schema_version": SCHEMA_VERSION,
                "blurprint_version": __version__,
                "input": {"source": printable(path)},
                "error": printable(why),
            }
            typer.echo(json.dumps(content))

    def _finish(self, rows: Rows) -> None:
        """The table and the overview, and the last words."""
        from blurprint.scan.settings import ANALYSED, KEPT

        total = len(rows)
        words = self._words(total)
        if self.wishes.table is not None:
            from blurprint.scan.table_file import write_table

            self._write("Table", self.wishes.table, lambda path: write_table(path, rows))
        out = self.settings.out
        if self.settings.thumbnails and out is not None and self.inputs.pictures:
            from blurprint.files import write_atomic
            from blurprint.report.index import index_entry, render_index

            page = render_index(
                map(index_entry, rows),
                words=words,
                account=self.inputs.account(),
                reports="html" in self.settings.formats,
            )
            path = out / "index.html"
            if path.exists() and not (self.settings.overwrite or self.settings.skip_existing):
                self._count_error(f"{path}: exists already; --overwrite replaces it")
            else:
                self._write("Overview", path, lambda path: write_atomic(path, page.encode()))
        if self.stopped:
            kept = self.counts[ANALYSED] + self.counts[KEPT]
            where = (
                "printed" if out is None else f"kept in {out}; --skip-existing goes on after them"
            )
            typer.echo(f"blurprint: interrupted; {kept} of {total} pictures are {where}", err=True)
        elif self.many:
            self._say([words])

    def _words(self, total: int) -> str:
        from blurprint.scan.settings import ANALYSED, FAILED, KEPT

        done, kept, failed = (self.counts[name] for name in (ANALYSED, KEPT, FAILED))
        if total and kept == total:
            names = {1: "The picture was", 2: "Both pictures were"}
            all_of_them = names.get(total, f"All {total:,} pictures were")
            return f"{all_of_them} analysed by an earlier run."
        words = f"{done:,} of {total:,} picture{'s' * (total != 1)} analysed"
        if kept:
            words += f", {kept:,} kept from an earlier run"
        if failed:
            words += f", {failed:,} failed"
        if (missing := total - done - kept - failed) > 0:
            words += f", {missing:,} not reached"
        return words + "."

    def _write(self, what: str, path: Path, write: Callable[[Path], None]) -> None:
        try:
            write(path)
        except OutputError as error:
            self._count_error(str(error))
        else:
            self._say([f"{what}: {path}"])

    def _count_error(self, message: str) -> None:
        """Say what went wrong with the run as a whole."""
        self.errors += 1
        typer.echo(f"blurprint: {shown(message)}", err=True)

    def _say(self, lines: Iterable[str]) -> None:
        """Lines about the run as a whole; beside JSON they go to standard error."""
        if not self.wishes.quiet:
            for text in lines:
                typer.echo(shown(text), err=self.wishes.as_json)
