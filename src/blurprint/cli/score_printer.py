"""What `blurprint score` prints of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from blurprint.cli.run_printer import RunPrinter
from blurprint.scan.settings import Outcome
from blurprint.score.cautions import NOT_LOOKED_AT
from blurprint.score.words import probability, ratio_in_figures

if TYPE_CHECKING:
    from blurprint.scan.score_files import ScoreCounts

CALIBRATED = f'"Real" means: no sign of a pasted face. {NOT_LOOKED_AT[0].sentence}'
UNCALIBRATED = (
    "The detector is not calibrated: its output, from 0 (real) to 1 (fake), is no probability, and "
    "no label follows from it."
)


class ScorePrinter(RunPrinter):
    """Prints a line for each picture when it is scored, and a bar where there are several."""

    def __init__(self, *, calibrated: bool, several: bool, quiet: bool) -> None:
        """Nothing is printed yet.

        Args:
            calibrated: whether pictures get a label.
            several: whether there may be more than one picture.
            quiet: print errors only.
        """
        super().__init__("Scoring", several=several, quiet=quiet)
        self._calibrated = calibrated

    def analysed(self, outcome: Outcome, folder: Path | None) -> None:
        """Print a picture's score; of a single picture also what it means."""
        found = outcome.document
        self._say([f"{outcome.job.path}: {score_line(found)}"])
        if not self._several:
            more = (found.get("words"), found.get("notes"))
            self._say(f"  {text}" for text in more if text and text != found.get("reason"))

    def say_result(self, counts: ScoreCounts) -> None:
        """The last words."""
        if counts.stopped:
            typer.echo(
                f"blurprint: interrupted; {counts.scored} of {counts.pictures} pictures were "
                "scored, and the table, if one was asked for, has them",
                err=True,
            )
        if self._several:
            self._say([counts.words()])
        if counts.scored:
            self._say([CALIBRATED if self._calibrated else UNCALIBRATED])


def score_line(found: Mapping[str, Any]) -> str:
    """A score in one line: label, likelihood ratio, and the reason or the probability.

    >>> score_line({"uncalibrated_p_fake": 0.734})
    '0.73 (not calibrated)'
    """
    if "label" not in found:
        return f"{found['uncalibrated_p_fake']:.2f} (not calibrated)"
    text = str(found["label"])
    ratio = found["likelihood_ratio"]
    if ratio is not None:
        text += f", likelihood ratio {ratio_in_figures(ratio, found['at_bound'])}"
    if found["reason"] is not None:
        return f"{text}: {found['reason']}"
    if found["faces"] > 1:
        text += f", by {found['face']} of {found['faces']}"
    after, before = probability(found["p_fake"]), probability(found["prior"])
    return f"{text}: the probability of a fake is {after} if it was {before} before"
