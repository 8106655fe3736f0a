"""All pictures of a scan: what became of each, the table and the overview of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from blurprint.errors import OutputError
from blurprint.files import write_atomic
from blurprint.jobs import default_jobs
from blurprint.report.index import index_entry, render_index
from blurprint.scan.analyze_files import analyze_files, check_folder
from blurprint.scan.inputs import Inputs
from blurprint.scan.interrupt import first_interrupt
from blurprint.scan.names import result_names
from blurprint.scan.observer import Observer
from blurprint.scan.one_picture import analyze_one
from blurprint.scan.rows import Rows, row_of, row_without_results
from blurprint.scan.settings import ANALYSED, FAILED, KEPT, Job, Outcome, Settings
from blurprint.scan.table_file import write_table


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What became of the pictures of a scan.

    Attributes:
        pictures: number of pictures, failures included.
        analysed: of these, analysed now.
        kept: of these, with the results of an earlier scan.
        failed: of these, and of what was given beside pictures.
        unwritten: files about the scan as a whole that could not be written.
        stopped: whether Ctrl-C ended it early.
        videos: of those analysed or kept, how many are videos.
    """

    pictures: int
    analysed: int
    kept: int
    failed: int
    unwritten: int = 0
    stopped: bool = False
    videos: int = 0

    def words(self) -> str:
        """All that in a sentence.

        >>> ScanResult(pictures=5, analysed=2, kept=0, failed=1, stopped=True).words()
        '2 of 5 pictures analysed, 1 failed, 2 not reached.'
        """
        total = self.pictures
        if total and self.kept == total:
            names = {1: "The picture was", 2: "Both pictures were"}
            all_of_them = names.get(total, f"All {total:,} pictures were")
            return f"{all_of_them} analysed by an earlier run."
        what = "file" if self.videos else "picture"
        words = f"{self.analysed:,} of {total:,} {what}{'s' * (total != 1)} analysed"
        if self.kept:
            words += f", {self.kept:,} kept from an earlier run"
        if self.videos:
            done = self.analysed + self.kept
            words += f" ({self.videos:,} video{'s' * (self.videos != 1)}"
            words += f", {done - self.videos:,} picture{'s' * (done - self.videos != 1)})"
        if self.failed:
            words += f", {self.failed:,} failed"
        if (missing := total - self.analysed - self.kept - self.failed) > 0:
            words += f", {missing:,} not reached"
        return words + "."


def scan_pictures(
    inputs: Inputs,
    settings: Settings,
    *,
    observer: Observer | None = None,
    table: str | Path | None = None,
    jobs: int | None = None,
) -> ScanResult:
    """Analyse all pictures and write what is asked for; a picture that fails stops nothing.

    One picture is analysed in this process, several in processes of their own; there the first
    Ctrl-C lets the pictures that are being analysed finish, and table and overview are written.

    Args:
        inputs: of :func:`find_inputs`.
        settings: how each is analysed, and where its results go.
        observer: receives the events.
        table: file for a row a picture; see :func:`check_table_file`.
        jobs: number of processes; None for as many as fit.

    Raises:
        OutputError: if there can be no files in the folder of the results.
        KeyboardInterrupt: at Ctrl-C, where there is one picture.
    """
    table = None if table is None else Path(table)
    with Rows() as rows:
        return _Scan(inputs, settings, observer or Observer(), rows).run(table, jobs)


class _Scan:
    """Goes through the pictures and counts what became of them."""

    def __init__(self, inputs: Inputs, settings: Settings, observer: Observer, rows: Rows) -> None:
        self._inputs = inputs
        self._settings = settings
        self._observer = observer
        self._rows = rows
        self._counts: Counter[str] = Counter()
        self._unwritten = 0
        self._stopped = False

    def run(self, table: Path | None, jobs: int | None) -> ScanResult:
        work = self._jobs()
        for path, why in self._inputs.failures:
            self._failure(path, why, self._rows.expect(path))
        self._observer.accounted(self._inputs.account())
        if work:
            if self._settings.out is not None:
                check_folder(self._settings.out)
            self._analyse(work, jobs)
        result = self._result()
        if table is not None:
            self._write("Table", table, lambda path: write_table(path, self._rows))
        self._overview(result)
        return self._result()

    def _jobs(self) -> list[Job]:
        sources = self._inputs.pictures
        return [
            Job(self._rows.expect(str(source.path)), source.path, name)
            for source, name in zip(sources, result_names(sources), strict=True)
        ]

    def _analyse(self, work: Sequence[Job], jobs: int | None) -> None:
        self._observer.progressed(0, len(work))
        try:
            for done, outcome in enumerate(self._outcomes(work, jobs), 1):
                self._take(outcome)
                self._observer.progressed(done, len(work))
        finally:
            self._observer.ended()

    def _outcomes(self, work: Sequence[Job], jobs: int | None) -> Iterator[Outcome]:
        if not self._inputs.several:
            yield from (analyze_one(self._settings, job) for job in work)
            return
        processes = jobs or default_jobs()
        with first_interrupt(self._stop):
            yield from analyze_files(
                work, self._settings, jobs=processes, stopped=lambda: self._stopped
            )

    def _stop(self) -> None:
        self._stopped = True
        self._observer.stopping()

    def _take(self, outcome: Outcome) -> None:
        job, out = outcome.job, self._settings.out
        if outcome.status == FAILED:
            self._failure(str(job.path), outcome.error, job.index)
            return
        self._counts[outcome.status] += 1
        self._counts["videos"] += "clip" in outcome.document
        self._rows.put(job.index, row_of(outcome, written=out is not None))
        self._observer.analysed(outcome, None if out is None else out / job.name)

    def _failure(self, path: str, why: str, index: int) -> None:
        self._counts[FAILED] += 1
        self._rows.put(index, row_without_results(path, FAILED, why))
        self._observer.failed(path, why)

    def _result(self) -> ScanResult:
        return ScanResult(
            pictures=len(self._rows),
            analysed=self._counts[ANALYSED],
            kept=self._counts[KEPT],
            failed=self._counts[FAILED],
            unwritten=self._unwritten,
            stopped=self._stopped,
            videos=self._counts["videos"],
        )

    def _overview(self, result: ScanResult) -> None:
        settings = self._settings
        if not settings.thumbnails or settings.out is None or not self._inputs.pictures:
            return
        path = settings.out / "index.html"
        if path.exists() and not (settings.overwrite or settings.skip_existing):
            self._not_written(f"{path}: exists already; --overwrite replaces it")
            return
        page = render_index(
            map(index_entry, self._rows),
            words=result.words(),
            account=self._inputs.account(),
            reports="html" in settings.formats,
        )
        self._write("Overview", path, lambda path: write_atomic(path, page.encode()))

    def _write(self, what: str, path: Path, write: Callable[[Path], None]) -> None:
        try:
            write(path)
        except OutputError as error:
            self._not_written(str(error))
        else:
            self._observer.wrote(what, path)

    def _not_written(self, why: str) -> None:
        self._unwritten += 1
        self._observer.not_written(why)
