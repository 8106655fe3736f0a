"""What a shell offers after TAB: the protocol of Typer's completion, spoken as bash does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from blurprint.cli import study
from blurprint.cli.complete import FORMATS, METHOD_NAMES
from blurprint.cli.main import app
from blurprint.optics.methods import list_methods

WATCH = (
    "import sys; sys.argv[0] = 'blurprint'; from blurprint.cli.main import main\n"
    "try: main()\n"
    "finally: print(*sorted({'numpy', 'cv2', 'pydantic'} & set(sys.modules)), file=sys.stderr)"
)


def offered(line: str, shell: str = "bash") -> list[str]:
    """What follows `line`, whose last word is being typed; nothing heavy may be imported."""
    words = line.split(" ")
    asked = {
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_BLURPRINT_COMPLETE": f"complete_{shell}",
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCH],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "\n", "completion waits for no heavy package"
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("blurprint analyze --method ", [*METHOD_NAMES]),
        ("blurprint analyze --method pa", ["paper", "paper-release"]),
        ("blurprint photo.jpg --method net-", ["net-float"]),
        ("blurprint explain --method e", ["edge"]),
        ("blurprint analyze --format html,", ["html,json", "html,npz"]),
        ("blurprint study ", [*study.STUDIES, "all"]),
        ("blurprint --install-c", ["--install-completion"]),
    ],
)
def test_bash_is_offered(line, expected) -> None:
    assert offered(line) == expected


def test_every_command_is_offered() -> None:
    names = {info.name or info.callback.__name__ for info in app.registered_commands}
    names |= {group.typer_instance.info.name for group in app.registered_groups}
    assert set(offered("blurprint ")) == names


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_offered_the_same_with_help_as_it_is_shown(shell) -> None:
    assert "net-float" in "\n".join(offered("blurprint analyze --method net", shell))
    helped = "\n".join(offered("blurprint analyze --form", shell))
    assert "--format" in helped
    assert "[default" in helped
    assert "\\[" not in helped


def test_names_written_out_are_those_that_there_are() -> None:
    assert list_methods() == METHOD_NAMES
    assert FORMATS == ("html", "json", "npz")
