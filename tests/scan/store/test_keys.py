"""Very many keys in little memory."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.scan.items.item import Item
from blurprint.scan.items.local import LocalFile
from blurprint.scan.store import keys
from blurprint.scan.store.keys import Keys, key_of

WORDS = st.integers(0, 2**64 - 1)
FEW = st.integers(0, 3) | WORDS  # so that halves are equal


@given(st.dictionaries(st.tuples(FEW, FEW), WORDS), st.integers(1, 9), st.tuples(FEW, FEW))
def test_what_was_put_is_found_and_nothing_else(wanted, unsorted, other) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_UNSORTED", unsorted)
        held = Keys()
        for key, value in wanted.items():
            assert held.get(key) is None
            held.put(key, value)
        assert {key: held.get(key) for key in wanted} == wanted
        assert held.get(other) == wanted.get(other)
        assert len(held) == len(wanted)


def test_a_key_takes_24_bytes(monkeypatch) -> None:
    monkeypatch.setattr(keys, "_UNSORTED", 2000)
    dice, held = random.Random(0), Keys()
    tracemalloc.start()
    for _ in range(40_000):
        held.put((dice.getrandbits(64), dice.getrandbits(64)), dice.getrandbits(64))
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now < 1.2 * 24 * 40_000 + 64_000


def test_keys_are_of_paths() -> None:
    def key(path: str, stamp: str) -> tuple[int, int]:
        return key_of(Item(path, LocalFile(path), stamp=stamp), "/here")

    assert key("a", "1") == key("a", "2") == key("/here/./a", "1") != key("b", "1")
    assert key("caf\udce9", "") != key("caf\\udce9", "")
