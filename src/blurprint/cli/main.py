"""The `blurprint` command."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from typing import Annotated, Any, Final, NoReturn

import typer

from blurprint.cli.analyze import analyze
from blurprint.cli.benchmark import app as benchmark
from blurprint.cli.dataset import app as dataset
from blurprint.cli.doctor import doctor
from blurprint.cli.evaluate import app as evaluate
from blurprint.cli.explain import explain
from blurprint.cli.export import export
from blurprint.cli.main_group import MainGroup
from blurprint.cli.models import models
from blurprint.cli.scan import scan
from blurprint.cli.score import score
from blurprint.cli.serve import serve
from blurprint.cli.study import app as study
from blurprint.cli.train import app as train
from blurprint.version import __version__

_CANNOT_WRITE: Final = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT)
"""A full disk, a bound of size or a device that fails, under standard output or temporary files."""

app = typer.Typer(
    name="blurprint",
    cls=MainGroup,
    help="Measure the defocus blur of photographs in pixels, and say what it shows. `blurprint "
    "photo.jpg` is `blurprint analyze photo.jpg`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(analyze)
app.command()(score)
app.command()(scan)
app.command()(serve)
app.command()(models)
app.command()(doctor)
app.add_typer(dataset)
app.add_typer(train)
app.add_typer(evaluate)
app.command()(explain)
app.command()(export)
app.add_typer(study)
app.add_typer(benchmark)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"blurprint {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


def command() -> Any:
    """The whole command; its help does not call flags ``<bool>``, and shows text in brackets."""
    whole = typer.main.get_command(app)
    _mend_help(whole)
    return whole


def _mend_help(one: Any) -> None:
    one.help = _escaped(one.help)
    for option in one.get_params(typer.Context(one)):
        if hasattr(option, "help"):
            option.help = _escaped(option.help)
        if getattr(option, "is_flag", False) and option.metavar is None:
            option.metavar = ""
    for inner in getattr(one, "commands", {}).values():
        _mend_help(inner)


def _escaped(text: str | None) -> str | None:
    """What Rich would take for markup and leave out, such as "[default: 2]"."""
    return text and text.replace("[", r"\[")


def main() -> None:
    """Run the command line; exit status 0 done, 1 an input failed, 2 usage, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        # File names may hold what the terminal's encoding cannot show.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    warnings.filterwarnings("ignore", module="PIL")  # oddities of a file that do no harm
    try:
        command()()
    except BrokenPipeError:
        # The reader has gone (`blurprint ... | head`): say nothing more, not even at exit.
        _give_up_output()
    except OSError as error:
        if error.filename is not None or error.errno not in _CANNOT_WRITE:
            raise
        typer.echo(f"blurprint: output cannot be written ({error.strerror})", err=True)
        _give_up_output()


def _give_up_output() -> NoReturn:
    """End with status 1, and without a last attempt to write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
