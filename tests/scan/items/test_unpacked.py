"""Compressed files: any way to read them gives their content, whatever the pieces."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blurprint.scan.items import unpacked
from blurprint.scan.items.unpacked import KEPT, Unpacked, UnpackError

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}
RANDOM = random.Random(0)
CONTENT = RANDOM.randbytes(9000) + bytes(9000) + RANDOM.randbytes(500)
steps = st.tuples(st.integers(0, len(CONTENT) + 50), st.integers(0, 5000))


@pytest.mark.parametrize("packing", [*PACK])
@given(
    st.lists(steps, max_size=5),
    st.integers(0, len(CONTENT)),
    st.sampled_from([1 << 17, 700]),
    st.sampled_from([KEPT, 512]),
)
def test_any_place_can_be_read(packing, moves, middle, chunk, kept) -> None:
    data = PACK[packing](CONTENT[:middle]) + PACK[packing](CONTENT[middle:])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacked, "_CHUNK", chunk)
        patch.setattr(unpacked, "KEPT", kept)
        stream, plain = Unpacked(io.BytesIO(data), packing), io.BytesIO(CONTENT)
        for place, size in moves:
            assert stream.seek(place) == plain.seek(min(place, len(CONTENT)))
            assert stream.read(size) == plain.read(size)
            assert stream.tell() == plain.tell()
        stream.seek(0)
        assert stream.read(1 << 20) == CONTENT and stream.read(1) == b""
        assert stream.checked == len(CONTENT)


@pytest.mark.parametrize("packing", [*PACK])
def test_sound_content_before_damage_is_given(packing) -> None:
    data = bytearray(PACK[packing](CONTENT) + PACK[packing](CONTENT[::-1]))
    data[-6] ^= 1  # of the check sum, or close to it
    stream = Unpacked(io.BytesIO(bytes(data)), packing)
    sound = 2 * len(CONTENT) - 1024
    assert stream.read(sound) == (CONTENT + CONTENT[::-1])[:sound]
    assert stream.checked == len(CONTENT)
    with pytest.raises(UnpackError):
        stream.read(2048)


@pytest.mark.parametrize("packing", [*PACK])
def test_going_back_a_little_unpacks_nothing_again(packing) -> None:
    file = io.BytesIO(PACK[packing](bytes(1 << 20) + CONTENT))
    stream = Unpacked(file, packing)
    stream.seek((1 << 20) + len(CONTENT))
    asked: list[int] = []

    class Watched(io.BytesIO):
        def seek(self, *args: int) -> int:
            asked.append(args[0])
            return super().seek(*args)

    stream._file = Watched(file.getvalue())
    stream.seek(stream.tell() - KEPT)
    assert len(stream.read(KEPT)) == KEPT and not asked
    stream.seek(0)
    assert asked == [0]


def test_the_older_format_of_xz_is_read() -> None:
    data = lzma.compress(CONTENT, lzma.FORMAT_ALONE)
    assert Unpacked(io.BytesIO(data), "xz").read(1 << 20) == CONTENT


@pytest.mark.parametrize("packing", [*PACK])
def test_an_empty_file_has_no_content(packing) -> None:
    assert Unpacked(io.BytesIO(b""), packing).read(9) == b""
