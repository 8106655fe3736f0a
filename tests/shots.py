"""Data sets whose reals are shots of one scene, for studies that compare reals to each other."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from blurprint.lab.datasets.table import Sample, SampleTable, make_table
from blurprint.lab.rendering.dead_leaves import draw_dead_leaves
from blurprint.lab.rendering.scenes import draw_aperture
from blurprint.lens.camera import Camera, develop
from blurprint.lens.lens import blur_field


def write_shots(folder: Path, *, groups: int, shots: int = 2, size: int = 96) -> SampleTable:
    """``{real,fake}/GROUP/SHOT.png``: one texture and lens a group.

    Shots differ by their noise and focus: 0.7 to 1.3 px all over reals. In the fake of a shot a
    disk in the middle, of a quarter of the side as radius, has 1.5 px more.
    """
    y, x = np.mgrid[:size, :size] - size / 2
    disk = (np.hypot(x, y) < size / 4).astype(np.float32)
    samples = []
    for group in range(groups):
        rng = np.random.default_rng([7, group])
        sharp = draw_dead_leaves(rng, size)
        aperture = draw_aperture(rng)
        camera = Camera().with_noise(0.004)
        for shot in range(shots):
            focus = np.float32(rng.uniform(0.7, 1.3))
            for label, kind in enumerate(("real", "fake")):
                sigma = focus + np.float32(1.5 * label) * disk
                own = np.random.default_rng([group, shot, label])
                picture = develop(blur_field(sharp, sigma, aperture), sigma, camera, own)[0]
                path = folder / kind / f"{group:03d}" / f"{shot:02d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(path), picture[..., ::-1])
                clip = str(path.parent)
                samples.append(Sample(str(path), label, kind, f"{group:03d}", "test", clip))
    return make_table(samples)


def with_shuffled_labels(table: SampleTable, seed: int = 0) -> SampleTable:
    """Labels drawn anew among the pictures of each group, which each become their own clip.

    The column "pair" pairs them by chance.
    """
    rng = np.random.default_rng(seed)
    out = table.copy()
    for group, rows in table.groupby("group"):
        drawn = rng.permutation(rows.index)
        half = len(drawn) // 2
        for label, part in enumerate((drawn[:half], drawn[half:])):
            out.loc[part, "label"] = label
            out.loc[part, "pair"] = [f"{group} {place}" for place in range(half)]
    out["method"] = np.where(out["label"] == 1, "fake", "real")
    return out.assign(clip=out["path"])
