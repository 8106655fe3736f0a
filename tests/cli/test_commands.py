"""The commands and what is written of them: none is missing, and none is written of that is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from blurprint.cli.main import command
from blurprint.cli.plain_numbers import is_whole

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


def numeric_options(one: Any, name: str) -> Iterator[tuple[str, Any]]:
    for option in one.params:
        if is_whole(option) is not None:
            yield f"{name} {max(option.opts, key=len)}", option
    for inner_name, inner in getattr(one, "commands", {}).items():
        yield from numeric_options(inner, f"{name} {inner_name}")


OPTIONS = dict(numeric_options(command(), "blurprint"))


def test_numeric_options_are_found_in_every_group() -> None:
    assert {"blurprint scan --prior", "blurprint serve --workers"} < set(OPTIONS)
    assert {name.split()[1] for name in OPTIONS} >= {"train", "evaluate", "dataset", "benchmark"}


@pytest.mark.parametrize("text", ["1_0", "0.1_5", "nan", "inf", "١", "0x1", ""])
def test_no_option_takes_what_only_python_takes_for_a_number(text) -> None:
    for option in OPTIONS.values():
        with pytest.raises(typer.BadParameter, match="number of plain digits, but got"):
            option.process_value(None, text)


def test_types_of_options_that_others_share_are_as_they_were() -> None:
    other = typer.Typer()
    found: list[float] = []

    @other.command()
    def take(size: float) -> None:
        found.append(size)

    CliRunner().invoke(other, ["1_0"])
    assert found == [10.0]


def test_every_command_says_in_a_line_what_it_does() -> None:
    for name, one in COMMANDS.items():
        first = (one.get_short_help_str(200) or "").strip()
        assert first and first[0].isupper(), name
