"""The commands and what is written of them: none is missing, and none is written of that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from blurprint.cli.main import command

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
COMMANDS: dict[str, Any] = command().commands


def written(text: str) -> Iterator[tuple[str, str]]:
    """First and second word after each `blurprint` in code: in fences, and between marks."""
    fences = re.findall(r"^```(?:sh|console)\n(.*?)^```", text, flags=re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    for code in (*fences, *spans):
        yield from re.findall(r"(?:^|\$ |&& )blurprint ([a-z]\S*) ?(\S*)", code, flags=re.M)


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert {first for first, _ in written(text)} >= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_no_command_that_is_not_there(page) -> None:
    for first, second in written(page.read_text("utf-8")):
        if "." in first or first.endswith("..."):
            continue  # `blurprint photo.jpg` is a picture
        assert first in COMMANDS, f"blurprint {first}"
        inner = getattr(COMMANDS[first], "commands", None)
        if inner is not None and re.fullmatch(r"[a-z][a-z-]*", second):
            assert second in inner, f"blurprint {first} {second}"


def test_every_command_says_in_a_line_what_it_does() -> None:
    for name, one in COMMANDS.items():
        first = (one.get_short_help_str(200) or "").strip()
        assert first and first[0].isupper(), name
