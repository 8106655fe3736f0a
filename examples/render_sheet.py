"""Look at what the network behind method "net" is trained on: one page of rendered examples.

    python examples/render_sheet.py PHOTOS SHEET.png [SEED]

PHOTOS is any folder of photographs, SHEET.png is written. Each example is labelled by its
condition, the median of its true blur (of the lens, in pixels), the largest anisotropy, and the
share of it where a blur is defined; where it is not, it is tinted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blurprint.lab.rendering.conditions import CONDITIONS, TrainingExample, render_training_example
from blurprint.lab.rendering.sharp_sources import SharpSources

COLUMNS, ROWS, SIDE, LABEL = 8, 6, 192, 30


def label(example: TrainingExample) -> str:
    """Two lines of text."""
    share = float(example.known.mean())
    counts = example.known & (example.weight > 0.5)
    blur = f"{float(np.median(example.sigma[counts])):.2f} px" if counts.any() else "no blur"
    round_ = float(example.anisotropy[counts].max()) if counts.any() else 0.0
    return f"{example.condition}: {blur}\nanisotropy {round_:.2f}, known {share:.0%}"


def sheet(sources: SharpSources, seed: int) -> Image.Image:
    """Examples in order of their conditions: three of each, the rest through the lens alone."""
    rest = COLUMNS * ROWS - 3 * (len(CONDITIONS) - 1)
    wanted = ["lens"] * rest + [name for name in CONDITIONS if name != "lens" for _ in range(3)]
    page = Image.new("RGB", (COLUMNS * (SIDE + 8), ROWS * (SIDE + LABEL + 8)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    for index, condition in enumerate(wanted):
        example = render_training_example(
            np.random.default_rng([seed, index]), sources, SIDE, condition
        )
        rgb = example.rgb.copy()
        rgb[~example.known, 0] = np.maximum(rgb[~example.known, 0], 90)
        left, top = (index % COLUMNS) * (SIDE + 8), (index // COLUMNS) * (SIDE + LABEL + 8)
        page.paste(Image.fromarray(rgb), (left, top))
        draw.text((left, top + SIDE + 2), label(example), "black", font=font)
    return page


def main() -> None:
    """Render the sheet from the photographs of the split "train"."""
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sources = SharpSources.from_folder(Path(sys.argv[1]), "train")
    sheet(sources, int(sys.argv[3]) if len(sys.argv) == 4 else 0).save(sys.argv[2])


if __name__ == "__main__":
    main()
