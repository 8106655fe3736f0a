"""How often a function is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest


class Calls:
    """Counts calls of functions, each under its name, and passes them on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        self.counts = dict.fromkeys((name.rpartition(".")[2] for name in names), 0)
        for name in names:
            self._watch(monkeypatch, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        module, _, short = name.rpartition(".")
        original = getattr(import_module(module), short)

        def counted(*arguments: Any, **options: Any) -> Any:
            self.counts[short] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(name, counted)

    def taken(self) -> dict[str, int]:
        """The counts so far; from here it counts from zero again."""
        counts = self.counts
        self.counts = dict.fromkeys(counts, 0)
        return counts
