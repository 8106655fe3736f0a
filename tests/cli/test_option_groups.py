"""Options declared once, in a dataclass, for several commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from blurprint.cli.manners import command_errors
from blurprint.cli.option_groups import grouped


@dataclass(frozen=True)
class Place:
    out: Annotated[Path, typer.Option(help="Folder.")]
    names: Annotated[list[str] | None, typer.Option("--name", help="Name.")] = None


@dataclass(frozen=True)
class Size:
    size: Annotated[int, typer.Option(min=1, help="Side.")] = 3


def app_of(command: object) -> typer.Typer:
    app = typer.Typer()
    app.command()(grouped(command))
    return app


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["a", "--out", "o"], ("a", Place(Path("o")), Size(), False)),
        (
            ["a", "--out", "o", "--name", "x", "--name", "y", "--size", "5", "--flag"],
            ("a", Place(Path("o"), ["x", "y"]), Size(5), True),
        ),
    ],
)
def test_a_command_gets_its_groups(words, expected) -> None:
    got = []

    @command_errors(interrupted="-")
    def command(
        *, path: Annotated[str, typer.Argument()], place: Place, size: Size, flag: bool = False
    ) -> None:
        got.append((path, place, size, flag))

    assert CliRunner().invoke(app_of(command), words).exit_code == 0
    assert got == [expected]


def test_options_of_a_group_are_required_checked_and_shown() -> None:
    def command(*, first: bool = False, place: Place, size: Size, last: bool = False) -> None:
        """Help."""

    app, runner = app_of(command), CliRunner()
    assert "--out" in runner.invoke(app, []).output
    assert runner.invoke(app, ["--out", "o", "--size", "0"]).exit_code == 2
    text = runner.invoke(app, ["--help"]).output
    places = [text.index(word) for word in ("Help.", "--first", "--out", "--name", "--size")]
    assert [*places, text.index("--last")] == sorted([*places, text.index("--last")])


def test_an_option_of_two_groups_is_refused() -> None:
    def command(*, size: Size, other: Size) -> None:
        """Both have --size."""

    with pytest.raises(ValueError, match="size"):
        grouped(command)
