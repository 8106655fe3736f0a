"""Boxes that overlap surer ones go, however many there are."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.faces.mtcnn import _without_repeats_at


def one_by_one(boxes: np.ndarray, overlap: float, of_the_smaller: bool) -> list[int]:
    """The definition: the surest first, each unless it overlaps one that stayed."""
    kept: list[int] = []
    for place in np.argsort(-boxes[:, 4], kind="stable"):
        left, top, right, bottom = boxes[place, :4]
        repeated = False
        for other in boxes[kept, :4]:
            across = max(min(right, other[2]) - max(left, other[0]), np.float32(0))
            down = max(min(bottom, other[3]) - max(top, other[1]), np.float32(0))
            areas = [(right - left) * (bottom - top), (other[2] - other[0]) * (other[3] - other[1])]
            whole = min(areas) if of_the_smaller else areas[1] + areas[0] - across * down
            repeated |= across * down > overlap * whole
        if not repeated:
            kept.append(int(place))
    return kept


@pytest.mark.parametrize("of_the_smaller", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5, 64, 65, 300])
def test_repeats_go_and_the_surest_stays(count: int, of_the_smaller: bool) -> None:
    rng = np.random.default_rng(count)
    corners = rng.uniform(0, 60, (count, 2))
    sides = rng.uniform(8, 30, (count, 2))
    sure = rng.choice(np.linspace(0.5, 1, 40), (count, 1))  # some are equal
    boxes = np.concatenate([corners, corners + sides, sure], axis=1).astype(np.float32)
    found = _without_repeats_at(boxes, 0.5, of_the_smaller=of_the_smaller)
    assert found.tolist() == one_by_one(boxes, 0.5, of_the_smaller)
    assert count < 64 or len(found) < count
