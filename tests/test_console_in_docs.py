"""What the pages show of a terminal is what the program prints, but for the last digits."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image
from skimage import data
from typer.testing import CliRunner

from blurprint.cli.main import app

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
CLOSE = {"rel": 0.05, "abs": 0.021}
"""Of numbers: the networks in 8 bits differ a little from one kind of processor to the next."""


def console(page: str, command: str) -> str:
    """What the page shows after `command`."""
    (block,) = re.findall(rf"```console\n\$ {re.escape(command)}\n(.*?)```", page, re.DOTALL)
    return str(block)


def compare(shown: str, printed: str) -> None:
    """The same lines, word for word, their numbers nearly alike."""
    lines = [[line.rstrip() for line in text.rstrip().splitlines()] for text in (shown, printed)]
    for left, right in zip(*lines, strict=True):
        assert NUMBER.sub("#", left) == NUMBER.sub("#", right)
        numbers = [[float(one) for one in NUMBER.findall(line)] for line in (left, right)]
        for one, other in zip(*numbers, strict=True):
            percentile = "percentile" in left and other == int(other)
            close = {"abs": 3} if percentile else {"abs": 1.01} if "%" in left else CLOSE
            assert other == pytest.approx(one, **close), left


def in_order(text: str) -> str:
    return "\n".join(sorted(text.splitlines()))


def printed(command: str, status: int) -> str:
    done = CliRunner().invoke(app, shlex.split(command)[1:], env={"COLUMNS": "1000"})
    assert done.exit_code == status, done.output
    return done.output


@pytest.mark.parametrize("page", ["README.md", "docs/tutorials/one-picture.md"])
def test_the_first_example_prints_what_the_page_shows(page, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(data.astronaut()).save("portrait.png")
    command = "blurprint analyze portrait.png"
    compare(console((ROOT / page).read_text(), command), printed(command, 0))


def test_the_example_of_a_folder_prints_what_the_page_shows(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "tutorials" / "folder.md").read_text()
    (make,) = re.findall(r"```python\n(from pathlib.*?)```", page, re.DOTALL)
    exec(make, {})
    command = "blurprint analyze holiday -r --out results"
    # Pictures are printed as they are done, in any order.
    compare(*map(in_order, (console(page, command), printed(command, 1))))


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/tutorials/one-picture.md"])
def test_the_finding_that_is_quoted_is_that_of_the_example(page, tmp_path, monkeypatch) -> None:
    from blurprint import analyze

    Image.fromarray(data.astronaut()).save(tmp_path / "portrait.png")
    (quoted,) = re.findall(r"(?:^> .*\n)+", (ROOT / page).read_text(), re.MULTILINE)
    text = " ".join(quoted.replace("> ", "", 1).replace("\n> ", " ").split())
    compare(text, analyze(tmp_path / "portrait.png").finding.text)
