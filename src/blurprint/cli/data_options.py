"""Options of every command that reads data, and what they mean to the readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from blurprint.lab.datasets.read import Reading

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
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="LAYOUT:PATH",
        help=f"What to test on, as often as needed. LAYOUT: {', '.join(LAYOUT_NAMES)}.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for all results.", show_default=False),
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


@dataclass(frozen=True, slots=True)
class DataOptions:
    """How data are read; None where the layout, or the card of a detector, decides."""

    split: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="authors, official or identity; without it, the default of the layout.",
            show_default=False,
        ),
    ] = None
    split_seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Seed of splits that are drawn, apart from that of a training. [default: 42]",
            show_default=False,
        ),
    ] = None
    compression: Annotated[
        str | None,
        typer.Option(
            help="Compression of FaceForensics++ or DeepfakeBench: raw, c0, c23 or c40; without it,"
            " c23 or the only one there is.",
            show_default=False,
        ),
    ] = None
    frames: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Number of frames of each clip, from its first; 0 for all. [default: 32]",
            show_default=False,
        ),
    ] = None
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=real|fake",
            help="Meaning of a folder or label that the layout does not know; repeatable.",
            show_default=False,
        ),
    ] = None

    def asked(
        self, data: Sequence[str] | None, fake_type: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """What the options say, by field of :class:`DataSource`; None where nothing was given.

        Raises:
            InputError: if a label is not NAME=real or NAME=fake.
        """
        return {
            "data": tuple(data) if data else None,
            "split": self.split,
            "split_seed": self.split_seed,
            "compression": self.compression,
            "frames": self.frames,
            "fake_types": tuple(fake_type) if fake_type else None,
            "labels": _labels(self.label) if self.label else None,
        }


def _labels(given: Sequence[str]) -> Mapping[str, int]:
    from blurprint.errors import InputError

    labels: dict[str, int] = {}
    for text in given:
        name, _, meaning = text.rpartition("=")
        if not name.strip() or meaning.strip().lower() not in ("real", "fake"):
            raise InputError(f'Expected --label NAME=real or NAME=fake, but got "{text}"')
        labels[name.strip()] = int(meaning.strip().lower() == "fake")
    return labels


def show_reading(reading: Reading) -> None:
    """What was inferred and left out, in at most six lines on standard error."""
    for line in reading.lines():
        typer.echo(line, err=True)


def show_notes(notes: Sequence[str]) -> None:
    """One line a note, each once."""
    for note in dict.fromkeys(notes):
        typer.echo(f"blurprint: note: {note}", err=True)
