"""`blurprint dataset prepare`: videos and pictures to crops of faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blurprint.cli.manners import command_errors
from blurprint.cli.progress import Bars

if TYPE_CHECKING:
    from blurprint.lab.crops.manifest import Record


@command_errors("preparing", interrupted="the same command goes on")
def prepare(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="Folder of videos or pictures, or one file.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the crops.")],
    frames: Annotated[
        int, typer.Option(min=1, help="Frames of each video, spread evenly over it.")
    ] = 32,
    margin: Annotated[
        float, typer.Option(min=0.5, max=10, help="Side of a crop over side of the face.")
    ] = 1.3,
    size: Annotated[
        int,
        typer.Option(
            min=0, help="Side of the crops in pixels; 0 leaves the pixels alone, as blur wants it."
        ),
    ] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Number of processes.")] = 2,
) -> None:
    """Crop the largest face of every video and picture, into the same tree.

    Crops are PNG: a/videos/b.mp4 becomes a/faces/b/00000.png and so on, a/c.jpg becomes a/c.png.
    Lists of labels and splits are copied, so that --out is a data set of the same layout. What was
    done is not done again; manifest.jsonl says what became of every file. A file that cannot be
    read stops nothing, but makes the exit status 1.
    """
    import av  # noqa: F401  that it is there is seen before the work

    from blurprint.lab.crops.prepare import PrepareSettings, prepare_faces

    with _PrepareBars() as bars:
        result = prepare_faces(
            path,
            out,
            PrepareSettings(frames=frames, margin=margin, size=size),
            workers=workers,
            progress=bars.prepared,
        )
    statuses = result.statuses
    total = len(result.records)
    typer.echo(
        f"{statuses.get('done', 0)} of {total} files gave {result.crops} crops; "
        f"{statuses.get('no face', 0)} show no face, {len(result.failed)} failed; "
        f"{result.kept} were done before"
    )
    typer.echo(f"Manifest: {out / 'manifest.jsonl'}")
    if result.failed:
        raise typer.Exit(1)


class _PrepareBars(Bars):
    """Progress, and a line for every file that gave no crops."""

    def prepared(self, done: int, wanted: int, record: Record) -> None:
        """Show how far preparing is."""
        self.show("prepare", done, wanted)
        line = {
            "failed": f"blurprint: {record.reason}",
            "no face": f"blurprint: note: {record.source}: {record.reason}",
            "done": f"blurprint: note: {record.source}: {record.reason}",
        }[record.status]
        if record.reason:
            self.say(line)
