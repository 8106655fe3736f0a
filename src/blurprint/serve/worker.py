"""What a process of the service runs, imported there; the process that serves opens no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blurprint.serve.job import Failure, Upload
    from blurprint.serve.process import Report


def warm() -> None:
    """See :func:`blurprint.serve.work.warm`, which is imported where it runs."""
    from blurprint.serve import work

    work.warm()


def analyze_upload(upload: Upload, report: Report) -> Failure | None:
    """See :func:`blurprint.serve.work.analyze_upload`, which is imported where it runs."""
    from blurprint.serve import work

    return work.analyze_upload(upload, report)
