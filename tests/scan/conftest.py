"""What all tests of scans share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def without_waiting_for_the_disc(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test takes the power away, and waiting for a busy disc takes longer than all else."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
