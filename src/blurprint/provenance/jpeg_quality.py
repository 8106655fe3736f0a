"""The quality of a JPEG file, from its quantisation tables and the resolution of its colour."""

from __future__ import annotations

from typing import Final

import numpy as np

from blurprint.evidence.file_check import jpeg_quality
from blurprint.frozen import frozen
from blurprint.provenance.earlier_jpeg import Floats
from blurprint.provenance.provenance import FOUND, NONE, UNKNOWN, ProvenanceRow, Subject

JPEG: Final = Subject(
    "jpeg",
    "JPEG quality",
    "How strongly the file is compressed. The library of the Independent JPEG Group, and what is "
    "built on it (most programs, sites and phones), scales one standard table; Photoshop and many "
    "cameras have tables of their own.",
    "It is the last compression only; an earlier one may have been stronger. Other tables than "
    "the standard ones do not mean that the file was edited, nor standard ones that it was not.",
)
_SAMPLINGS: Final = frozen(
    {
        (1, 1): "4:4:4 (colour at full resolution)",
        (2, 1): "4:2:2 (colour at half the width)",
        (2, 2): "4:2:0 (colour at half the width and height)",
        (1, 2): "4:4:0 (colour at half the height)",
        (4, 1): "4:1:1 (colour at a quarter of the width)",
    }
)


def jpeg_row(
    tables: dict[int, list[int]], layers: list[tuple[int, int, int, int]], container: str | None
) -> ProvenanceRow:
    """Quality and chroma subsampling of a JPEG file.

    Args:
        tables: quantisation tables by number, 64 steps each, row by row, as Pillow gives them.
        layers: of each component its number, its horizontal and vertical sampling, and its table.
        container: format of the file, as Pillow names it.
    """
    if container not in ("JPEG", "MPO"):
        text = f"The file is no JPEG but {container or 'of another format'}."
        return JPEG.row(NONE, text)
    luminance = tables.get(layers[0][3] if layers else 0)
    if luminance is None or len(luminance) != 64:
        return JPEG.row(UNKNOWN, "The file's quantisation tables cannot be read.")
    quality, is_standard = jpeg_quality(luminance)
    sampling = _sampling(layers)
    if is_standard:
        kind = f"Quality {quality} of 100, with the standard table of luminance"
    else:
        kind = (
            f"Not the standard tables: Photoshop or a camera may have tables like these. The "
            f"nearest standard quality is {quality} of 100"
        )
    return JPEG.row(
        FOUND,
        f"{kind}; {sampling}.",
        {
            "quality": quality,
            "standard_tables": is_standard,
            "subsampling": sampling.partition(" (")[0],
        },
    )


def luminance_steps(
    tables: dict[int, list[int]], layers: list[tuple[int, int, int, int]]
) -> Floats | None:
    """Quantisation steps of luminance, (8, 8); None where they cannot be read."""
    table = tables.get(layers[0][3] if layers else 0)
    if table is None or len(table) != 64 or min(table) < 1:
        return None
    return np.asarray(table, np.float64).reshape(8, 8)


def _sampling(layers: list[tuple[int, int, int, int]]) -> str:
    if len(layers) == 1:
        return "gray"
    if len(layers) != 3:
        return f"{len(layers)} components"
    (_, across, down, _), *colours = layers
    if (
        any(across % one[1] or down % one[2] for one in colours)
        or colours[0][1:3] != colours[1][1:3]
    ):
        return "an unusual sampling of colour"
    ratio = (across // colours[0][1], down // colours[0][2])
    return _SAMPLINGS.get(ratio, f"colour reduced {ratio[0]} x {ratio[1]}")
