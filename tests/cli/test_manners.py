"""How commands end: one envelope for all of them."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import blurprint.cli
from blurprint.cli.main import app, command
from blurprint.cli.manners import command_errors, fail, refuse, usage_errors
from blurprint.errors import InputError, OutputError, PhotoError, install_extra

CLI = Path(blurprint.cli.__file__).parent


def commands(one: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    inner = getattr(one, "commands", None)
    if inner is None:
        yield name, one
        return
    for word, within in inner.items():
        yield from commands(within, f"{name} {word}".strip())


COMMANDS = dict(commands(command()))


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (PhotoError("a.jpg: is empty"), 1, "a.jpg: is empty"),
        (InputError("Expected more"), 1, "Expected more"),
        (OutputError("o: is full"), 1, "o: is full"),
        (KeyboardInterrupt(), 130, "interrupted; all is kept"),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            1,
            f"training needs torch: {install_extra('lab')}",
        ),
        (
            ImportError("libcudart.so: cannot open shared object file"),
            1,
            "training needs a package, which fails (libcudart.so: cannot open shared object file)"
            f": {install_extra('lab')}",
        ),
    ],
)
def test_one_line_and_a_status(error, status, said, capsys) -> None:
    with (
        pytest.raises(typer.Exit) as ended,
        command_errors("training", interrupted="all is kept"),
    ):
        raise error
    assert ended.value.exit_code == status
    assert capsys.readouterr() == ("", f"blurprint: {said}\n")


@pytest.mark.parametrize(
    ("error", "doing"),
    [
        (ValueError("a bug"), "training"),
        (OSError("a bug"), "training"),
        (typer.Exit(2), "training"),
        (ModuleNotFoundError("No module named 'blurprint.a'", name="blurprint.a"), "training"),
        (ImportError("cannot import name 'b' from 'blurprint.a'", name="blurprint.a"), "training"),
        (ModuleNotFoundError("No module named 'numpy'", name="numpy"), ""),
    ],
)
def test_a_bug_is_not_dressed_up(error, doing) -> None:
    with pytest.raises(type(error)) as raised, command_errors(doing, interrupted="-"):
        raise error
    assert raised.value is error


def test_what_is_wrong_with_the_command_has_a_status_of_its_own(capsys) -> None:
    with pytest.raises(typer.Exit) as ended, command_errors(interrupted="-"), usage_errors():
        raise InputError("Expected --part")
    assert ended.value.exit_code == 2
    for end, status in ((fail, 1), (refuse, 2)):
        with pytest.raises(typer.Exit) as ended:
            end("no")
        assert ended.value.exit_code == status
    assert capsys.readouterr().err == "blurprint: Expected --part\n" + 2 * "blurprint: no\n"
    with pytest.raises(PhotoError), usage_errors():
        raise PhotoError("of the data")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_envelope(name) -> None:
    module = inspect.getmodule(inspect.unwrap(COMMANDS[name].callback))
    assert module is not None
    assert "command_errors(" in inspect.getsource(module)


@pytest.mark.parametrize("file", sorted(CLI.glob("*.py")), ids=lambda file: file.name)
def test_no_other_file_catches_what_the_envelope_does(file) -> None:
    caught = {
        name.id
        for handler in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(handler, ast.ExceptHandler) and handler.type is not None
        for name in ast.walk(handler.type)
        if isinstance(name, ast.Name)
    }
    envelope = {"BlurprintError", "ImportError", "InputError", "KeyboardInterrupt"}
    assert (caught & envelope == envelope) if file.name == "manners.py" else not caught & envelope


@pytest.mark.parametrize(
    ("words", "missing", "doing"),
    [
        (["dataset", "table", "--data", "folder:d"], "pandas", "reading data"),
        (["dataset", "check", "--data", "folder:d"], "sklearn", "checking"),
        (["dataset", "prepare", "d", "--out", "o"], "av", "preparing"),
        (["benchmark", "inputs", "--photos", "d", "--out", "o"], "scipy", "benchmarking"),
        (["benchmark", "estimators", "--photos", "d", "--out", "o"], "skimage", "benchmarking"),
    ],
)
def test_a_missing_package_is_named_before_the_work(words, missing, doing, tmp_path) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None; "  # as Python has it: not to be imported
        "from blurprint.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"blurprint: {doing} needs {missing}: {install_extra('lab')}\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "work", "kept"),
    [
        (["p.png"], "blurprint.scan.scan_pictures.scan_pictures", "what was written is whole"),
        (
            ["evaluate", "table", "d"],
            "blurprint.lab.evaluation.detectors.evaluation_table.evaluation_table",
            "each file whole or not at all",
        ),
        (
            ["dataset", "render", "--out", "o"],
            "blurprint.lab.rendering.pasted_blur.write_pasted_blur",
            "remove o and begin again",
        ),
    ],
)
def test_an_interrupt_says_what_is_left(words, work, kept, monkeypatch, tmp_path) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(work, interrupted)
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 130
    assert done.stderr.strip().startswith("blurprint: interrupted; ")
    assert kept in done.stderr
