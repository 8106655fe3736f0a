"""All that hides the blur of a photograph is looked for once, and gives what each test gives."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from blurprint import Photo, estimate_defocus
from blurprint.evidence.doubts import check_doubts
from blurprint.hiding.dots import DITHERED, is_dithered
from blurprint.hiding.drawn import DRAWN, drawn_in, drawn_parts, is_drawn
from blurprint.hiding.hidden import hidden_in
from blurprint.hiding.noise import HIDDEN, noise_hides_blur
from blurprint.hiding.palette import FEW_COLOURS, has_few_colours
from blurprint.hiding.repeated import REPEATED, is_repeated
from calls import Calls

TESTS = {
    HIDDEN: noise_hides_blur,
    REPEATED: is_repeated,
    DRAWN: is_drawn,
    DITHERED: is_dithered,
    FEW_COLOURS: has_few_colours,
}


def pictures() -> dict[str, np.ndarray]:
    """uint8 (H, W, 3), one for each reason and some without any."""
    coffee = cv2.GaussianBlur(data.coffee()[:352, :528], (0, 0), 2)
    rng = np.random.default_rng(0)
    page = np.full((352, 528, 3), 255, np.uint8)
    for top in range(20, 340, 18):
        cv2.putText(page, "some words of text" * 3, (4, top), 0, 0.5, (0, 0, 0))
    beside = np.concatenate([page, cv2.resize(coffee, (528, 600))])
    threshold = np.tile(np.array([[32, 160], [224, 96]]), (176, 264))[..., None]
    small = coffee[::4, ::4]
    return {
        "": coffee,
        "beside": beside,
        HIDDEN: (coffee + rng.normal(size=coffee.shape) * 30).clip(0, 255).astype(np.uint8),
        REPEATED: small.repeat(4, axis=0).repeat(4, axis=1),
        DRAWN: page,
        DITHERED: np.uint8(255) * (coffee > threshold),
        FEW_COLOURS: np.asarray(
            Image.fromarray(coffee).quantize(16, dither=Image.Dither.NONE).convert("RGB")
        ),
    }


@pytest.mark.parametrize("name", pictures())
def test_the_first_reason_is_given_and_the_parts_are_those_of_the_test_alone(name):
    photo = Photo.from_array(pictures()[name])
    shown = photo.rgb[photo.rectangle.cut]
    found = hidden_in(photo)
    assert found.doubt == next((doubt for doubt, test in TESTS.items() if test(shown)), "")
    assert found.doubt == ("" if name == "beside" else name)
    drawn = drawn_in(shown)
    assert drawn.whole == is_drawn(shown)
    for parts in (found.drawn, drawn.parts):
        np.testing.assert_array_equal(parts, drawn_parts(shown))
    assert name not in ("", "beside") or (found.drawn is not None) == (name == "beside")


def test_a_map_and_its_doubts_ask_once(monkeypatch):
    calls = Calls(
        monkeypatch,
        "blurprint.hiding.hidden.noise_hides_blur",
        "blurprint.hiding.hidden.drawn_in",
        "blurprint.hiding.hidden.is_dithered",
    )
    photo = Photo.from_array(pictures()["beside"])
    defocus = estimate_defocus(photo, "edge")
    (doubt,) = (one for one in check_doubts(photo, defocus) if one.name == "drawing")
    assert doubt.found
    assert calls.taken() == {"noise_hides_blur": 1, "drawn_in": 1, "is_dithered": 1}
    other = Photo.from_array(pictures()[DITHERED])
    assert estimate_defocus(other, "edge").doubt == DITHERED
    assert calls.taken() == {"noise_hides_blur": 1, "drawn_in": 1, "is_dithered": 1}
