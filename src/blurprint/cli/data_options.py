"""Options of every command that reads data, and what they mean to the readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blurprint.lab.datasets.layouts.options import ReadOptions

# Written out, for the readers need pandas, which `--help` must not wait for; a test compares.
LAYOUT_NAMES = (
    "faceforensics",
    "cifake",
    "coco",
    "diffusiondb",
    "celebdf",
    "dfdc",
    "genimage",
    "folder",
    "imagefolder",
    "deepfakebench",
    "table",
)

Data = Annotated[
    list[str],
    typer.Option(
        "--data",
        metavar="LAYOUT:PATH",
        help=f"What to read, as often as needed. LAYOUT: {', '.join(LAYOUT_NAMES)}.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="RULE",
        help="authors, official or identity; without it, the default of the layout.",
        show_default=False,
    ),
]
Part = Annotated[
    str, typer.Option("--part", metavar="PART", help="Part to use: train, val, test or all.")
]
FakeType = Annotated[
    list[str] | None,
    typer.Option(
        "--fake-type",
        metavar="METHOD",
        help="Keep fakes of this method only (Deepfakes, ...), as often as needed; reals stay.",
        show_default=False,
    ),
]
Compression = Annotated[
    str, typer.Option("--compression", help="Of FaceForensics++: raw, c0, c23 or c40.")
]
Frames = Annotated[
    int, typer.Option("--frames", min=0, help="First frames taken of each clip; 0 for all.")
]


def read_options(
    split: str | None = None, compression: str = "c23", frames: int = 32, seed: int = 42
) -> ReadOptions:
    """What the readers are asked for.

    Raises:
        InputError: if a value is unknown.
    """
    from blurprint.lab.datasets.layouts.options import ReadOptions

    return ReadOptions(split=split, compression=compression, frames=frames, seed=seed)


@contextmanager
def notes_on_stderr() -> Iterator[None]:
    """Show the warnings of readers as plain lines: "blurprint: note: 12 clips are left out"."""
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        finally:
            show_notes([str(one.message) for one in caught if one.category is UserWarning])


def show_notes(notes: Sequence[str]) -> None:
    """One line a note, each once."""
    for note in dict.fromkeys(notes):
        typer.echo(f"blurprint: note: {note}", err=True)
