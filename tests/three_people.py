"""Three "people" of one portrait, for tests that need faces of several groups."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from skimage import data


def write_three_people(folder: Path) -> Path:
    """a.png, a portrait; b.png, its mirror image; c.png, it darker and turned."""
    portrait = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    turn = cv2.getRotationMatrix2D((220, 120), 12, 1)
    turned = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    for name, picture in (
        ("a", portrait),
        ("b", portrait[:, ::-1]),
        ("c", (turned * 0.7).astype(np.uint8)),
    ):
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    return folder
