"""Odd files are read rightly, with a note of what was done, or refused by name and cause."""

from __future__ import annotations

import re

import numpy as np
import pytest

from blurprint import PhotoError, read_photo
from odd_pictures import Odd, all_odd

ALL = all_odd()


@pytest.mark.filterwarnings("ignore")  # Pillow warns of broken files
@pytest.mark.parametrize("odd", ALL, ids=[odd.name for odd in ALL])
def test_odd_files_give_the_right_pixels_or_name_the_cause(tmp_path, odd: Odd):
    path = tmp_path / "odd"
    path.write_bytes(odd.data)
    if odd.rgb is None:
        with pytest.raises(PhotoError, match=odd.said) as caught:
            read_photo(path)
        message = str(caught.value)
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        return
    photo = read_photo(path)
    expected = odd.rgb / 255 if odd.rgb.dtype == np.uint8 else odd.rgb
    assert photo.rgb.shape[:2] == expected.shape[:2]
    assert photo.native_size == photo.size
    np.testing.assert_allclose(photo.rgb, np.broadcast_to(expected, photo.rgb.shape), atol=odd.atol)
    told = [note for note in photo.notes if "is a photograph" not in note]
    if odd.said is None:
        assert told == []
    else:
        assert any(re.search(odd.said, note) for note in told), told
