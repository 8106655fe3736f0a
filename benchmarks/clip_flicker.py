"""What the frames of a clip tell together: AUCs of flicker and of pooled ratios, on pasted clips.

    python benchmarks/clip_flicker.py --clips DIR [--frames 12] [--segments 3] [--seed 7]

Of each clip some stretches of neighbouring frames are taken. In the fake of a stretch the face of
every frame is pasted over itself after degradations (:mod:`blurprint.lab.fakes`) that are drawn for
each frame anew ("anew") or once for the stretch ("once"); the shape of the mask is drawn once. Real
and fakes go through x264 with the same quality. An AUC above 0.5 means that the fake has the larger
value; stretches that abstain are left out and counted. Intervals of 95 % are by bootstrap over
clips.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from blurprint.clips.analyze_clip import analyze_clip
from blurprint.clips.clip_report import ClipReport
from blurprint.clips.flicker import steps_of
from blurprint.clips.frame_rows import FaceInFrame, Value
from blurprint.evidence.measure_faces import FACE_MEASURES
from blurprint.faces.face import Face
from blurprint.faces.mtcnn import find_landmarks
from blurprint.lab.fakes.degrade import degrade
from blurprint.lab.fakes.masks import draw_mask
from blurprint.lab.fakes.paste import blended, nudged
from blurprint.photos.video import frames_at
from blurprint.photos.video_pixels import RGB8
from blurprint.photos.video_table import frame_table

RESAMPLES = 1000
KINDS = ("real", "anew", "once")
CRF = 23


def stretches(path: Path, frames: int, count: int) -> list[list[RGB8]]:
    """Stretches of neighbouring frames, evenly over a clip."""
    table = frame_table(path)
    starts = np.linspace(0, max(table.total - frames, 0), count).astype(int)
    found = []
    for start in sorted(set(starts.tolist())):
        wanted = list(range(start, min(start + frames, table.total)))
        found.append([frame.rgb for frame in frames_at(path, table, wanted)])
    return found


def pasted(frames: Sequence[RGB8], faces: Sequence[Face], seed: int, *, anew: bool) -> list[RGB8]:
    """The same frames, with the face of each pasted over itself."""
    made = []
    for number, (rgb, face) in enumerate(zip(frames, faces, strict=True)):
        base = rgb.astype(np.float32) / np.float32(255)
        mask = draw_mask(face, base.shape[:2], np.random.default_rng((seed, 1)))
        rng = np.random.default_rng((seed, 2, number if anew else 0))
        laid = degrade(nudged(base, face, rng), face.eye_distance, rng)
        fake = blended(base, laid, mask, 1.0)
        made.append(np.rint(fake * 255).clip(0, 255).astype(np.uint8))
    return made


def encoded(path: Path, frames: Sequence[RGB8]) -> Path:
    """Frames as a clip of 25 a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": str(CRF)})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for rgb in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    return path


def values_of(report: ClipReport) -> dict[str, float]:
    """What is compared, by name; NaN where it abstains."""
    if not report.tracks:
        return {}
    track = report.tracks[0]
    found = {}
    for name in FACE_MEASURES:
        value = track[name].value
        found[f"{name}, median"] = float("nan") if value is None else value
        found[f"{name}, flicker"] = _spread(track.faces, name)
    blurs = [
        replace(face, measures={"face_inner_ring": Value(_log(face.blur_of("inner").value))})
        for face in track.faces
    ]
    found["blur of the inner face alone, flicker"] = _spread(blurs, "face_inner_ring")
    ratios = [
        replace(face, measures={"face_inner_ring": Value(face.logit)}) for face in track.faces
    ]
    found["logit of the network, flicker"] = _spread(ratios, "face_inner_ring")
    logits = [face.logit for face in track.faces if face.logit is not None]
    found["logit of the network, one frame"] = logits[0] if logits else float("nan")
    found["logit of the network, median"] = float(np.median(logits)) if logits else float("nan")
    over = track["face_flicker"].details.get("over_error", float("nan"))
    found["face_flicker over its error"] = over
    return found


def _log(value: float | None) -> float | None:
    return None if value is None else float(np.log(value))


def _spread(faces: Sequence[FaceInFrame], name: str) -> float:
    taken = [
        replace(face, measures={"face_inner_ring": face.measures.get(name, Value(None))})
        for face in faces
    ]
    steps = [abs(change) for change, _ in steps_of(taken)]
    return float(np.median(steps)) if len(steps) >= 4 else float("nan")


Values = npt.NDArray[np.float64]


def interval(real: Values, fake: Values, clips: Values, seed: int) -> tuple[float, float, float]:
    """AUC with its interval by bootstrap over clips."""
    rng, names = np.random.default_rng(seed), np.unique(clips)
    places = {name: np.flatnonzero(clips == name) for name in names}

    def auc(chosen: Values) -> float:
        at = np.concatenate([places[name] for name in chosen])
        one, other = real[at], fake[at]
        one, other = one[np.isfinite(one)], other[np.isfinite(other)]
        if not one.size or not other.size:
            return float("nan")
        labels = np.r_[np.zeros(one.size), np.ones(other.size)]
        return float(roc_auc_score(labels, np.r_[one, other]))

    drawn = [auc(rng.choice(names, names.size)) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return auc(names), float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--segments", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    columns: dict[str, dict[str, list[float]]] = {kind: defaultdict(list) for kind in KINDS}
    clips: list[str] = []
    labels: dict[str, dict[str, int]] = {kind: defaultdict(int) for kind in KINDS}
    names: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(args.clips.glob("*.mp4")):
            for number, frames in enumerate(stretches(path, args.frames, args.segments)):
                faces = [find_landmarks(rgb) for rgb in frames]
                if not all(faces):
                    print(f"{path.name}, stretch {number}: a frame without a face; left out")
                    continue
                first = [found[0] for found in faces]
                seed = args.seed * 10007 + len(clips)
                made = {
                    "real": list(frames),
                    "anew": pasted(frames, first, seed, anew=True),
                    "once": pasted(frames, first, seed, anew=False),
                }
                clips.append(path.name)
                for kind, pixels in made.items():
                    report = analyze_clip(encoded(Path(folder) / "a.mp4", pixels), frames="all")
                    labels[kind][f"{report.score.label} {report.score.abstain_code or ''}"] += 1
                    found = values_of(report)
                    names = names or list(found)
                    for name in names:
                        columns[kind][name].append(found.get(name, float("nan")))
                print(f"{path.name}, stretch {number}: done", flush=True)
    groups = np.array(clips)
    print(f"\n{len(clips)} stretches of {len(set(clips))} clips, {args.frames} frames each")
    for kind in KINDS:
        print(f"{kind}: {dict(labels[kind])}")
    for name in names:
        real = np.array(columns["real"][name])
        told = [f"{name:44}"]
        for kind in KINDS[1:]:
            fake = np.array(columns[kind][name])
            value, low, high = interval(real, fake, groups, args.seed)
            count = int(np.isfinite(real).sum()), int(np.isfinite(fake).sum())
            told.append(f"{kind} {value:.2f} ({low:.2f} to {high:.2f}; of {count[0]}, {count[1]})")
        print("  ".join(told))


if __name__ == "__main__":
    main()
