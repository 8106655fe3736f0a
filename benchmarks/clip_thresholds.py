"""What two thresholds of clips decide: where a scene changes, and when a file was cut off.

    python benchmarks/clip_thresholds.py --clips DIR --stills DIR

DIR of --stills holds frames of clips as NAME_NUMBER.jpg, of which those of one NAME show one shot.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path

import av
import numpy as np

from blurprint.arrays import FloatMap
from blurprint.clips.frame_photo import frame_photo, in_little
from blurprint.errors import PhotoError
from blurprint.photos.photo import read_photo
from blurprint.photos.video import read_frames
from blurprint.photos.video_facts import video_facts
from blurprint.photos.video_table import frame_table

SHARES = (0.95, 0.75, 0.5, 0.25)
FRAMES = 6


def scenes(clips: list[Path], stills: Path) -> None:
    """Correlations of frames in little, of one shot and of two."""
    shots: dict[str, list[FloatMap]] = defaultdict(list)
    for path in sorted(stills.glob("*.jpg")):
        shots[path.stem.rpartition("_")[0]].append(in_little(read_photo(path)))
    sources = [list(shots.values())]
    sources.append([[in_little(frame_photo(f, "")) for f in read_frames(p, FRAMES)] for p in clips])
    alike, unlike = [], []
    for source in sources:
        for shot in source:
            alike += [float((one * other).sum()) for one, other in pairwise(shot)]
        unlike += [float((one[0] * other[0]).sum()) for one, other in combinations(source, 2)]
    for least in (0.5, 0.6, 0.7, 0.8):
        below, above = np.mean(np.array(alike) < least), np.mean(np.array(unlike) >= least)
        print(
            f"{least}: {100 * below:.1f} % of {len(alike)} pairs of one shot lie below, "
            f"{100 * above:.1f} % of {len(unlike)} pairs of two shots above"
        )


def cut_off(clips: list[Path]) -> None:
    """Share of the stated duration that whole and cut files miss."""
    whole, cut, refused = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.mp4"
        for path in clips:
            _index_first(path, file)
            data = file.read_bytes()
            whole += [missing for one in (path, file) if (missing := _missing(one)) is not None]
            for share in SHARES:
                file.write_bytes(data[: int(len(data) * share)])
                try:
                    missing = _missing(file)
                except PhotoError:
                    missing = None
                if missing is None:
                    refused += 1
                else:
                    cut.append(missing)
    print(
        f"{len(whole)} whole files miss {100 * max(map(abs, whole)):.2f} % at most; {len(cut)} cut "
        f"ones {100 * min(cut):.0f} % at least; of {refused} there is one frame or none"
    )


def _missing(path: Path) -> float | None:
    facts = video_facts(path, frame_table(path))
    if facts.stated_s is None or facts.duration_s is None:
        return None
    return (facts.stated_s - facts.duration_s) / facts.stated_s


def _index_first(path: Path, copy: Path) -> None:
    with (
        av.open(str(path)) as source,
        av.open(str(copy), "w", options={"movflags": "faststart"}) as target,
    ):
        stream = source.streams.video[0]
        same = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = same
                target.mux(packet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--stills", type=Path, required=True)
    args = parser.parse_args()
    clips = sorted(args.clips.glob("*.mp4"))
    scenes(clips, args.stills)
    cut_off(clips)


if __name__ == "__main__":
    main()
