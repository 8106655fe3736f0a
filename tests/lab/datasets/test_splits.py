"""Splits: exact shares, whole groups, no identity in two parts, whatever the order."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.splits import (
    authors_split,
    carve_validation,
    connected_components,
    group_split,
    identity_groups,
    identity_split,
    split_identities,
)

NAMES = st.integers(0, 30).map(str)
SHOWN = st.one_of(st.tuples(NAMES), st.tuples(NAMES, NAMES))


@pytest.mark.parametrize(
    ("count", "parts"),
    [
        (1000, {"train": 700, "val": 100, "test": 200}),  # each folder of FaceForensics++
        (10, {"train": 7, "val": 1, "test": 2}),
        (999, {"train": 699, "val": 99, "test": 201}),
        (363, {"train": 254, "val": 36, "test": 73}),
        (1, {"test": 1}),
        (0, {}),
    ],
)
def test_the_authors_shares(count, parts):
    assert Counter(authors_split([f"{index:03}" for index in range(count)])) == parts


@pytest.mark.parametrize("count", range(0, 1100, 7))
def test_the_authors_shares_are_those_of_their_code(count):
    parts = authors_split([f"{index:04}" for index in range(count)])
    train, val = int(0.7 * count), int(0.1 * count)
    rest = count - train - val
    assert parts == ["train"] * train + ["val"] * val + ["test"] * rest


def test_the_authors_order_is_that_of_names():
    names = [f"{index:03}" for index in range(20)]
    mixed = names[::-1]
    assert dict(zip(mixed, authors_split(mixed), strict=True)) == dict(
        zip(names, authors_split(names), strict=True)
    )
    assert authors_split(names)[13:17] == ["train", "val", "val", "test"]


@given(st.lists(SHOWN))
def test_components_are_the_smallest_sets_closed_under_links(links):
    components = connected_components(links)
    assert all(components[name] == components[link[0]] for link in links for name in link)
    # Independently: grow each component from its smallest name.
    for start in set(components.values()):
        reached = {start}
        while more := {n for link in links if reached & set(link) for n in link} - reached:
            reached |= more
        assert reached == {name for name, of in components.items() if of == start}
        assert min(reached) == start


@given(st.dictionaries(st.text(max_size=4), st.integers(1, 50), min_size=1), st.randoms())
def test_the_order_of_listing_changes_nothing(sizes, random):
    names = list(sizes)
    random.shuffle(names)
    assert identity_split(sizes) == identity_split({name: sizes[name] for name in names})


@given(st.lists(st.integers(1, 9), min_size=60, max_size=120))
def test_shares_come_close(counts):
    drawn = identity_split({str(index): count for index, count in enumerate(counts)})
    for part, share in zip(("train", "val", "test"), (0.7, 0.1, 0.2), strict=True):
        got = sum(count for index, count in enumerate(counts) if drawn[str(index)] == part)
        assert abs(got - share * sum(counts)) <= max(counts)


@pytest.mark.parametrize(("groups", "parts"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_few_groups_fill_as_many_parts_as_they_can(groups, parts):
    drawn = identity_split({str(index): 5 for index in range(groups)})
    assert len(set(drawn.values())) == parts
    assert "train" in drawn.values()


def test_a_part_without_a_share_receives_nothing():
    drawn = identity_split({str(index): 1 for index in range(50)}, (0.9, 0.1, 0))
    assert Counter(drawn.values()) == {"train": 45, "val": 5}


def test_the_seed_draws_another_split():
    sizes = {str(index): 1 for index in range(50)}
    assert identity_split(sizes, seed=1) != identity_split(sizes, seed=2)


def test_validation_is_taken_from_train_by_whole_groups():
    groups = [str(index // 4) for index in range(400)]
    parts = ["test"] * 80 + ["train"] * 320
    carved = carve_validation(parts, groups)
    assert Counter(carved) == {"train": 288, "val": 32, "test": 80}
    assert carved[:80] == parts[:80]
    val = {group for group, part in zip(groups, carved, strict=True) if part == "val"}
    assert not val & {group for group, part in zip(groups, carved, strict=True) if part == "train"}


def test_validation_that_is_there_stays():
    parts = ["train", "val", "train"]
    assert carve_validation(parts, ["a", "b", "c"]) == parts


def test_groups_stay_whole():
    parts = group_split([str(index // 7) for index in range(700)])
    assert all(len(set(parts[start : start + 7])) == 1 for start in range(0, 700, 7))
    assert Counter(parts) == {"train": 490, "val": 70, "test": 140}


@given(st.lists(SHOWN, max_size=80), st.integers(0, 5))
def test_no_identity_is_in_two_parts(shown, seed):
    parts = split_identities(shown, seed)
    of: dict[str, set[str]] = {}
    of_group: dict[str, set[str]] = {}
    for names, group, part in zip(shown, identity_groups(shown), parts, strict=True):
        if part:
            of_group.setdefault(group, set()).add(part)
            for name in names:
                of.setdefault(name, set()).add(part)
    assert all(len(found) == 1 for found in (*of.values(), *of_group.values()))


def test_pairs_are_parted_whole_and_nothing_is_lost():
    shown = [
        names
        for i in range(0, 200, 2)
        for a, b in [(f"{i}", f"{i + 1}")]
        for names in ((a,), (b,), (a, b), (b, a))
    ]
    assert Counter(split_identities(shown)) == {"train": 280, "val": 40, "test": 80}


def test_actors_who_are_all_linked_are_parted_one_by_one():
    actors = [f"actor{number:02}" for number in range(1, 29)]
    shown = [(a,) for a in actors] + [(a, b) for a in actors for b in actors if a != b]
    account = Account()
    parts = split_identities(shown, account=account)
    lost = parts.count("")
    assert account.left_out[0].startswith(f"{lost} of 784 clips belong to no part")
    assert "swaps link 28 identities" in account.left_out[0]
    assert {"train", "val", "test"} <= set(parts)
    assert "" not in parts[:28]  # a real shows one identity
    assert parts.count("") < len(parts) / 2 + 28
    assert identity_groups(shown) == [names[0] for names in shown]
