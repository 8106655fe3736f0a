"""Time and memory to read a data set of many files, beside walking through its folders.

    python benchmarks/read_data.py [--files 100000]

Trees of empty files are made in a temporary folder: FaceForensics++ with 32 frames a clip, the same
listed by a JSON file of DeepfakeBench, a folder of single pictures, and a table. Each is read by
`blurprint dataset table` in a process of its own; the ratio is to os.walk over the same tree, in
one, too. What has to hold on two cores: 100,000 files within 20 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

_WALK = "import os, sys; print(sum(len(files) for _, _, files in os.walk(sys.argv[1])))"


def _clips(root: Path, files: int) -> dict[str, dict[str, list[str]]]:
    """Frames of clips of FaceForensics++, by method and clip."""
    clips: dict[str, dict[str, list[str]]] = {"youtube": {}, "Deepfakes": {}, "FaceSwap": {}}
    for number in range(files // 96):
        pair = f"{number:04}", f"{number ^ 1:04}"
        for method, inside in clips.items():
            room = "original_sequences" if method == "youtube" else "manipulated_sequences"
            name = pair[0] if method == "youtube" else "_".join(pair)
            folder = root / room / method / "c23/faces" / name
            folder.mkdir(parents=True)
            frames = [folder / f"{frame:05}.png" for frame in range(32)]
            for frame in frames:
                frame.touch()
            inside[name] = [str(frame.relative_to(root.parent)) for frame in frames]
    return clips


def make_faceforensics(root: Path, files: int) -> str:
    _clips(root / "FaceForensics++", files)
    return f"faceforensics:{root / 'FaceForensics++'}"


def make_deepfakebench(root: Path, files: int) -> str:
    labels = {"youtube": "FF-real", "Deepfakes": "FF-DF", "FaceSwap": "FF-FS"}
    content = {
        labels[method]: {
            "train": {
                "c23": {
                    name: {"label": labels[method], "frames": frames}
                    for name, frames in inside.items()
                }
            }
        }
        for method, inside in _clips(root / "FaceForensics++", files).items()
    }
    file = root / "FaceForensics++.json"
    file.write_text(json.dumps({"FaceForensics++": content}))
    return f"deepfakebench:{file}"


def make_folder(root: Path, files: int) -> str:
    for part in ("train", "test"):
        for label in ("real", "fake"):
            folder = root / part / label
            folder.mkdir(parents=True)
            for index in range(files // 4):
                (folder / f"{index:06}.png").touch()
    return f"folder:{root}"


def make_table(root: Path, files: int) -> str:
    make_folder(root, files)
    rows = [
        f"{path.relative_to(root)},{path.parent.name},{path.parent.parent.name}"
        for path in root.glob("*/*/*.png")
    ]
    (root / "table.csv").write_text("\n".join(["path,label,split", *rows]))
    return f"table:{root / 'table.csv'}"


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds, and megabytes at the peak, of a process."""
    code = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True
    )
    return perf_counter() - start, int(run.stdout) / 1024  # Linux counts in kB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    files = parser.parse_args().files
    print(f"{'layout':<16}{'seconds':>10}{'MB':>8}{'os.walk, s':>12}{'ratio':>8}")
    for make in (make_faceforensics, make_deepfakebench, make_folder, make_table):
        with tempfile.TemporaryDirectory() as folder:
            data = make(Path(folder), files)
            walked, _ = measure([sys.executable, "-c", _WALK, folder])
            table = [sys.executable, "-m", "blurprint", "dataset", "table", "--data", data]
            seconds, peak = measure(table)
            name = data.partition(":")[0]
            print(f"{name:<16}{seconds:>10.1f}{peak:>8.0f}{walked:>12.2f}{seconds / walked:>8.1f}")


if __name__ == "__main__":
    main()
