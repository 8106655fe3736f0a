from __future__ import annotations

import numpy as np

from blurprint.lab.measures.label_shuffle import shuffled_labels


def test_labels_are_shuffled_by_clip_within_groups_of_both_classes() -> None:
    label = [0, 0, 1, 1, 0, 0, 1, 1]
    group = list("aaaabbcc")
    clip = ["r", "r", "f", "f", "p", "q", "s", "t"]
    drawn = np.array([*shuffled_labels(label, group, clip, draws=200)])
    assert {tuple(one[:4]) for one in drawn.tolist()} == {(0, 0, 1, 1), (1, 1, 0, 0)}
    assert {tuple(one[4:]) for one in drawn.tolist()} == {(0, 0, 1, 1), (1, 1, 0, 0)}


def test_clips_of_a_group_of_one_class_stay_together() -> None:
    label, group = np.repeat([0, 1, 0, 1], 3), np.repeat(list("abcd"), 3)
    drawn = np.array([*shuffled_labels(label, group, np.arange(12), draws=300)])
    assert (drawn.reshape(300, 4, 3) == drawn[:, ::3, None]).all()
    assert (drawn.sum(axis=1) == 6).all()
    assert len(np.unique(drawn, axis=0)) == 6  # 2 of 4 groups


def test_every_labelling_is_as_likely() -> None:
    drawn = np.array([*shuffled_labels([0, 0, 1, 1], list("gggg"), draws=6000, seed=1)])
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == 6
    assert (abs(counts - 1000) < 5 * np.sqrt(1000 * 5 / 6)).all()


def test_the_seed_decides() -> None:
    label, group = np.arange(40) % 2, np.arange(40)
    first, again, other = (
        np.array([*shuffled_labels(label, group, draws=3, seed=seed)])
        for seed in ([0, 1], [0, 1], 5)
    )
    assert (first == again).all()
    assert (first != other).any()
