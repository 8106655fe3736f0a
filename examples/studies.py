"""Make the results of docs/studies.md: render, train two detectors, run all studies.

    python examples/studies.py FOLDER [--page docs/studies.md]

Detectors learn from rendered textures alone. What is studied are other renders, every second one of
a public-domain photograph that ships inside scikit-image. What FOLDER already holds is not made
again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

PHOTOGRAPHS = {
    "astronaut": data.astronaut,
    "brick": data.brick,
    "cat": data.chelsea,
    "coffee": data.coffee,
    "grass": data.grass,
    "gravel": data.gravel,
    "motorcycle": lambda: data.stereo_motorcycle()[0],
    "rocket": data.rocket,
}
SIZE = 160


def main() -> None:
    """Do what is not yet done, and say where the page lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", type=Path, help="Markdown to write the results into.")
    options = parser.parse_args()
    out = options.folder
    photographs = out / "photographs"
    photographs.mkdir(parents=True, exist_ok=True)
    for name, load in PHOTOGRAPHS.items():
        picture = np.asarray(load())
        colours = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
        Image.fromarray(colours).save(photographs / f"{name}.png")
    render(out / "training", "--identities", "160", "--pairs", "4", "--seed", "2")
    render(
        *(out / "studied", "--identities", "40", "--pairs", "4", "--seed", "1"),
        *("--photos", photographs),
    )
    train(out, "defocus", "--estimator", "net", "--variant", "metric")
    train(out, "rgb", "--model", "rgb")
    page = ("--page", options.page) if options.page else ()
    blurprint(
        *("study", "all", "--data", f"folder:{out / 'studied'}", "--part", "all"),
        *("--estimator", "net", "--size", SIZE, "--out", out / "studies", "--umap"),
        *("--weights", out / "defocus/detector.safetensors"),
        *("--rgb-weights", out / "rgb/detector.safetensors", "--count", 80, *page),
    )


def render(folder: Path, *options: object) -> None:
    """A data set of real pictures and of such with a pasted region of another blur."""
    if not folder.exists():
        blurprint("dataset", "render", "--out", folder, "--size", SIZE, *options)


def train(out: Path, name: str, *options: object) -> None:
    """A detector, unless it is there."""
    if (out / name / "detector.safetensors").exists():
        return
    blurprint(
        *("train", "detector", "--data", f"folder:{out / 'training'}", "--out", out / name),
        *("--backbone", "test_efficientnet", "--size", SIZE, "--epochs", 15),
        *("--batch-size", 16, "--learning-rate", "2e-3", "--monitor", "auc", *options),
    )


def blurprint(*words: object) -> None:
    """Run one command, as a user would."""
    subprocess.run([sys.executable, "-m", "blurprint", *map(str, words)], check=True)


if __name__ == "__main__":
    main()
