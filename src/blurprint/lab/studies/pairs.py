"""Matched pairs: a fake and the real picture that it was made from."""

from __future__ import annotations

from blurprint.lab.datasets.table import SampleTable


def match_pairs(table: SampleTable, *, column: str | None = None) -> SampleTable:
    """Pairs as a frame with real (path), fake (path), method, group, real_clip, fake_clip.

    Args:
        table: see :mod:`blurprint.lab.datasets.table`.
        column: a column whose equal values make a pair; None takes what the data knows.

    Raises:
        InputError: if no pair is found.
    """
    raise NotImplementedError


def match_real_pairs(table: SampleTable, *, seed: int = 0) -> SampleTable:
    """Pairs of two reals of one group, the null: as :func:`match_pairs`, `fake` being a real."""
    raise NotImplementedError
