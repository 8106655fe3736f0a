"""Scored tables for the tests of evaluations."""

from __future__ import annotations

import numpy as np
import pandas as pd

METHODS = ("Deepfakes", "FaceSwap")


def scored(clips: int = 80, frames: int = 3, seed: int = 0, strength: float = 2.0) -> pd.DataFrame:
    """Every other clip a fake; two clips of each kind to a group; frames of a clip go together."""
    rng = np.random.default_rng(seed)
    rows = []
    for clip in range(clips):
        label = clip % 2
        method = METHODS[clip // 2 % 2] if label else ("actors", "youtube")[clip // 2 % 2]
        base = rng.normal() + strength * label
        for frame in range(frames):
            score = 1 / (1 + np.exp(-(base + 0.5 * rng.normal() - strength / 2)))
            path = f"{method}/{clip:03d}/{frame}.png"
            name = f"{method}/{clip:03d}" if frames > 1 else path
            rows.append((path, label, method, f"person {clip // 4}", "test", name, score))
    columns = ["path", "label", "method", "group", "split", "clip", "score"]
    return pd.DataFrame(rows, columns=columns)
