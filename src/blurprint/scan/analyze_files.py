"""Many pictures, each analysed in one of several processes; what is done comes back at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from blurprint.errors import OutputError
from blurprint.files import make_folder, reason
from blurprint.jobs import run_jobs
from blurprint.scan.one_picture import analyze_one, died
from blurprint.scan.settings import Job, Outcome, Settings


def analyze_files(
    work: Sequence[Job],
    settings: Settings,
    *,
    jobs: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome]:
    """Analyse pictures, `jobs` at a time, each in a process of one thread.

    A picture that ends its process is a failure, and the others are done.

    Args:
        work: the pictures.
        settings: how.
        jobs: number of processes.
        stopped: asked before each picture; once it is true no other is begun, and what is being
            done is finished.

    Yields:
        what became of each, in the order in which they are done.
    """
    yield from in_processes(partial(analyze_one, settings), work, jobs=jobs, stopped=stopped)


def in_processes(
    one: Callable[[Job], Outcome],
    work: Sequence[Job],
    *,
    jobs: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome]:
    """The same for any work on a picture, `one`, that never raises."""

    def until_stopped() -> Iterator[Job]:
        for job in work:
            if stopped():
                return
            yield job

    yield from run_jobs(
        one,
        until_stopped(),
        workers=min(jobs, max(len(work), 1)),
        died=died,
    )


def check_folder(folder: str | Path) -> None:
    """Make the folder of results, and see that files can be made in it.

    Raises:
        OutputError: if not.
    """
    folder = Path(folder)
    probe = folder / f".blurprint-{os.getpid()}.tmp"
    make_folder(folder)
    try:
        probe.touch()
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be written to ({reason(error)})") from error
    finally:
        with suppress(OSError, ValueError):
            probe.unlink()
