"""Real pictures that an explanation compares to: of a folder, or of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from blurprint.lab.datasets.read import LAYOUTS
from blurprint.lab.datasets.source import source_for
from blurprint.lab.datasets.table import REAL, Sample, SampleTable, make_table
from blurprint.lab.models.detector_file import DetectorFile
from blurprint.scan.inputs import pictures_under

CARD: Final = "card"
"""In place of a background: the data that the detector was trained on."""


class Background(NamedTuple):
    """Pictures to compare to.

    Attributes:
        table: a row each; fakes among them are left aside by :func:`explain_picture`.
        lines: how a data set was read; see :meth:`Reading.lines`.
        notes: what was taken from the detector's card or differs from it.
    """

    table: SampleTable
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def names_data(background: str | None) -> bool:
    """Whether a background is a data set, and not a folder of pictures.

    >>> names_data("card"), names_data("folder:pictures"), names_data("pictures"), names_data(None)
    (True, True, False, False)
    """
    if background is None or Path(background).exists():
        return False
    return background == CARD or background.partition(":")[0] in LAYOUTS


def background_pictures(
    background: str, file: DetectorFile, asked: Mapping[str, Any]
) -> Background:
    """The pictures of a folder, all taken as real, or a data set, read as in training.

    Args:
        background: a folder, ``LAYOUT:PATH``, or :data:`CARD`.
        file: the detector, whose card says how its data were read.
        asked: how the data are read, by field of :class:`DataSource`, where it is not as in
            training.

    Raises:
        InputError: if the data do not suit the options, or the card names none.
        PhotoError: if a folder holds no picture.
    """
    if not names_data(background):
        paths = map(str, pictures_under(Path(background)))
        return Background(make_table(Sample(one, REAL, "real", one, "", one) for one in paths))
    data = None if background == CARD else (background,)
    source, notes = source_for(file.trained(), {"data": data, **asked})
    reading = source.read()
    return Background(reading.table, tuple(reading.lines()), tuple(notes))
