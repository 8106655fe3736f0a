"""Analyse the public-domain photographs that ship inside scikit-image.

    python examples/demo.py [FOLDER]

The photographs are written to FOLDER/photographs (default: demo-report) and analysed by the command
line, as any folder of yours would be.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PIL import Image
from skimage import data

PHOTOGRAPHS = {
    "astronaut": data.astronaut,
    "cat": data.chelsea,
    "coffee": data.coffee,
    "motorcycle": lambda: data.stereo_motorcycle()[0],
    "rocket": data.rocket,
}


def main() -> None:
    """Write the photographs, analyse them, say where the report lies."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "demo-report").resolve()
    photographs = out / "photographs"
    photographs.mkdir(parents=True, exist_ok=True)
    for name, load in PHOTOGRAPHS.items():
        Image.fromarray(load()).save(photographs / f"{name}.png")
    command = [sys.executable, "-m", "blurprint", "analyze", str(photographs)]
    subprocess.run([*command, "--out", str(out), "--overwrite"], check=True)
    print(f"\nOpen the report in a browser:\n  {out / 'index.html'}")


if __name__ == "__main__":
    main()
