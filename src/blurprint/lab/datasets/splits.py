"""Which rows train, validate and test: by order, by group, by identity.

Drawn splits come from hashes of names: the order in which a file system lists files cannot change
them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from blurprint.lab.datasets.account import Account
from blurprint.lab.datasets.table import SPLITS

SHARES: Final = (0.7, 0.1, 0.2)
"""Of train, val and test."""
VALIDATION_SHARE: Final = 0.1
"""Taken from the training part where a data set comes without a validation part."""
_DRAWN: Final = "drawn by whole groups, 70/10/20 %, seed {seed}"
_LARGE_SHARE: Final = 0.1
_LARGE_COUNT: Final = 10


def authors_split(clips: Sequence[str]) -> list[str]:
    """Parts of the clips of one folder by the rule of the paper's code.

    Of the n sorted names the first ``int(0.7 * n)`` train, the next ``int(0.1 * n)`` validate, and
    the rest test. Identities are not looked at: with face swaps the source of a fake of one part
    may be the target of another.

    >>> parts = authors_split([f"{index:03}" for index in range(999)])
    >>> [parts.count(part) for part in SPLITS]
    [699, 99, 201]
    """
    count = len(clips)
    # Floats, as in the original: where 0.7 n comes out below a whole number, this does, too.
    train, val = (int(share * count) for share in SHARES[:2])
    parts = [""] * count
    for rank, index in enumerate(sorted(range(count), key=lambda index: clips[index])):
        parts[index] = "train" if rank < train else "val" if rank < train + val else "test"
    return parts


def connected_components(links: Iterable[Sequence[str]]) -> dict[str, str]:
    """From each name to the smallest name that it is linked with, directly or through others.

    >>> connected_components([("b", "a"), ("b", "c"), ("d",)])
    {'b': 'a', 'a': 'a', 'c': 'a', 'd': 'd'}
    """
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]  # halves the path
        return name

    for link in links:
        for other in link:
            first, second = sorted((find(link[0]), find(other)))
            parent[second] = first
    return {name: find(name) for name in parent}


def identity_split(
    sizes: Mapping[str, int], shares: Sequence[float] = SHARES, seed: int = 42
) -> dict[str, str]:
    """The part of each group: whole groups, so that shares of samples come close to `shares`.

    The largest group goes first, each to the part that lacks most; groups of one size go in the
    order of a hash. No part with a share stays empty while another has groups to spare.

    Args:
        sizes: samples of each group.
        shares: of train, val and test; a part of share 0 receives nothing.
        seed: of the hash.

    >>> identity_split({"a": 7, "b": 2, "c": 1})
    {'a': 'train', 'c': 'val', 'b': 'test'}
    """
    total = sum(sizes.values())
    wanted = {part: share for part, share in zip(SPLITS, shares, strict=True) if share > 0}
    lacking = {part: share * total for part, share in wanted.items()}
    received: dict[str, list[str]] = {part: [] for part in wanted}
    for group in sorted(sizes, key=lambda group: (-sizes[group], _hash(group, seed))):
        part = max(lacking, key=lacking.__getitem__)
        lacking[part] -= sizes[group]
        received[part].append(group)
    for part in sorted(wanted, key=wanted.__getitem__, reverse=True):
        donor = max(received, key=lambda part: len(received[part]))
        if not received[part] and len(received[donor]) > 1:
            received[part].append(received[donor].pop())
    return {group: part for part in received for group in received[part]}


def carve_validation(
    parts: Sequence[str], groups: Sequence[str], seed: int = 42, account: Account | None = None
) -> list[str]:
    """`parts` with a tenth of train as val, whole groups; unchanged if there is a val.

    Args:
        parts: of each sample.
        groups: of each sample.
        seed: of the draw.
        account: takes the rule, if there is a draw.
    """
    if "val" in parts or "train" not in parts:
        return list(parts)
    if account is not None:
        account.rule(f"val drawn: a tenth of train by whole groups, seed {seed}")
    sizes = Counter(group for group, part in zip(groups, parts, strict=True) if part == "train")
    drawn = identity_split(sizes, (1 - VALIDATION_SHARE, VALIDATION_SHARE, 0), seed)
    return [
        drawn[group] if part == "train" else part for group, part in zip(groups, parts, strict=True)
    ]


def group_split(groups: Sequence[str], seed: int = 42, account: Account | None = None) -> list[str]:
    """The part of each sample by :func:`identity_split` of its group; `account` takes the rule."""
    if account is not None:
        account.rule(_DRAWN.format(seed=seed))
    drawn = identity_split(Counter(groups), SHARES, seed)
    return [drawn[group] for group in groups]


def identity_groups(identities: Sequence[Sequence[str]]) -> list[str]:
    """The group of each clip that shows `identities`: the component that they belong to.

    In a component that is too large to part whole (see :func:`split_identities`) the group is the
    first identity, the target: whose video it is.
    """
    components = connected_components(identities)
    large = _large_components(identities, components)
    return [
        shown[0] if components[shown[0]] in large else components[shown[0]] for shown in identities
    ]


def split_identities(
    identities: Sequence[Sequence[str]],
    seed: int = 42,
    what: str = "clips",
    account: Account | None = None,
) -> list[str]:
    """The part of each clip, so that no identity is in two parts.

    Clips that share an identity go together, whole connected components at a time. Where swaps link
    very many identities (a component of 10 or more with over a tenth of all clips: the 28 actors of
    DeepFakeDetection are all linked), the identities themselves are parted, and a clip whose
    identities fall into different parts belongs to none: its part is "".

    Args:
        identities: of each clip, target first.
        seed: of the draw.
        what: the clips' name in the account.
        account: takes the rule, and how many clips belong to no part.
    """
    if account is not None:
        account.rule(_DRAWN.format(seed=seed))
    components = connected_components(identities)
    large = _large_components(identities, components)
    whole = Counter(
        components[shown[0]] for shown in identities if components[shown[0]] not in large
    )
    part_of_component = identity_split(whole, SHARES, seed)
    part_of = {
        name: part_of_component[component]
        for name, component in components.items()
        if component not in large
    }
    for component in large:
        sizes = Counter(
            name for shown in identities if components[shown[0]] == component for name in set(shown)
        )
        part_of |= identity_split(sizes, SHARES, seed)
    parts = []
    for shown in identities:
        found = {part_of[name] for name in shown}
        parts.append(found.pop() if len(found) == 1 else "")
    lost = parts.count("")
    if lost and account is not None:
        linked = sum(1 for component in components.values() if component in large)
        account.leave_out(
            f"{lost:,} of {len(parts):,} {what} belong to no part: swaps link {linked} identities"
            " with one another, so these were parted one by one, and a fake of two identities in"
            " different parts would leak"
        )
    return parts


def _large_components(
    identities: Sequence[Sequence[str]], components: Mapping[str, str]
) -> list[str]:
    clips = Counter(components[shown[0]] for shown in identities)
    members = Counter(components.values())
    least = _LARGE_SHARE * len(identities)
    return [name for name in clips if members[name] >= _LARGE_COUNT and clips[name] > least]


def _hash(name: str, seed: int) -> bytes:
    return hashlib.blake2b(
        f"{seed}:{name}".encode(errors="surrogateescape"), digest_size=16
    ).digest()
