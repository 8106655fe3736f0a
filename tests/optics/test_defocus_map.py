from __future__ import annotations

import io

import numpy as np
import pytest
from scipy import special

from blurprint import DefocusMap, InputError, estimate_defocus, read_photo
from blurprint.optics.methods import DEFAULT_METHOD, METHODS


def a_map(**changes: object) -> DefocusMap:
    sigma = np.array([[0.5, 1.0, 2.5]], np.float32)
    fields = {"sigma": sigma, "confidence": np.ones_like(sigma), "method": "edge", "scale": 0.5}
    return DefocusMap(**{**fields, **changes})


def test_normalized_is_the_min_max():
    np.testing.assert_allclose(a_map().normalized(), [[0, 0.25, 1]])
    assert a_map().normalized().dtype == np.float32


def test_native_pixels():
    np.testing.assert_allclose(a_map().sigma_native, [[1, 2, 5]])


def test_saved_without_loss(tmp_path):
    file = tmp_path / "map.npz"
    a_map(unit="map units").save(file)
    loaded = DefocusMap.load(file)
    np.testing.assert_array_equal(loaded.sigma, a_map().sigma)
    np.testing.assert_array_equal(loaded.confidence, a_map().confidence)
    assert (loaded.method, loaded.scale, loaded.unit) == ("edge", 0.5, "map units")
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["sigma"].dtype == np.float32


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_a_file_that_is_no_map_is_refused(tmp_path, content):
    file = tmp_path / "map.npz"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"map\.npz"):
        DefocusMap.load(file)


def test_another_npz_is_refused(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(InputError, match=r"other\.npz"):
        DefocusMap.load(tmp_path / "other.npz")


def test_a_single_array_and_a_later_version_are_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(3))
    with pytest.raises(InputError, match="single array"):
        DefocusMap.load(tmp_path / "array.npy")
    a_map().save(tmp_path / "map.npz")
    with np.load(tmp_path / "map.npz") as stored:
        arrays = {**stored, "version": np.array(int(stored["version"]) + 1)}
    np.savez(tmp_path / "later.npz", **arrays)
    with pytest.raises(InputError, match="later version"):
        DefocusMap.load(tmp_path / "later.npz")


def test_the_name_of_a_file_is_taken_as_it_is(tmp_path):
    a_map().save(tmp_path / "map")
    assert [file.name for file in tmp_path.iterdir()] == ["map"]
    np.testing.assert_array_equal(DefocusMap.load(str(tmp_path / "map")).sigma, a_map().sigma)


@pytest.mark.parametrize(
    "changes",
    [
        {"confidence": np.ones((2, 2), np.float32)},
        {"sigma": np.array([[np.nan, 1, 1]], np.float32)},
        {"confidence": np.array([[np.inf, 1, 1]], np.float32)},
        {"confidence": np.array([[1.5, 1, 1]], np.float32)},
        {"confidence": np.array([[-0.1, 1, 1]], np.float32)},
        {"sigma": np.array([[-0.1, 1, 1]], np.float32)},
        {"scale": 0.0},
    ],
)
def test_impossible_maps_are_refused(changes):
    with pytest.raises(InputError):
        a_map(**changes)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_map_of_the_pictures_size(method):
    photo = np.random.default_rng(0).random((40, 57, 3))
    defocus = estimate_defocus(photo, method=method)
    assert defocus.shape == (40, 57)
    assert defocus.sigma.dtype == defocus.confidence.dtype == np.float32
    assert defocus.method == method
    assert 0 <= defocus.confidence.min() <= defocus.confidence.max() <= 1
    again = estimate_defocus(photo, method=method)
    np.testing.assert_array_equal(defocus.sigma, again.sigma)


def test_the_default_method_is_known():
    assert DEFAULT_METHOD in METHODS


def test_an_unknown_method_names_the_known_ones():
    with pytest.raises(InputError, match=r'"edge".*"paper".*"psychic"'):
        estimate_defocus(np.zeros((16, 16, 3)), method="psychic")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(16), r"\(H, W, 3\)"),
        (np.zeros((16, 16, 5)), r"\(H, W, 3\)"),
        (np.zeros((3, 16, 16)), r"\(H, W, 3\)"),
        (np.full((16, 16, 3), np.nan), "NaN"),
        (np.full((16, 16, 3), np.inf), "NaN or infinity"),
        (np.full((16, 16, 3), 255.0), r"\[0, 1\]"),
        (np.full((16, 16, 3), -0.1), r"\[0, 1\]"),
        (np.zeros((16, 16, 3), np.int64), "uint8"),
        (np.zeros((16, 16, 3), np.int16), "uint8"),
        (np.zeros((16, 16, 3), bool), "uint8"),
        (np.zeros((16, 16, 3), complex), "uint8"),
        (np.zeros((0, 16, 3)), "too few"),
        (np.zeros((1, 16, 3)), "too few"),
        ([[0.5]], "NumPy array"),
    ],
)
def test_arrays_that_are_no_picture_are_refused(array, message):
    with pytest.raises(InputError, match=message):
        estimate_defocus(array)


def test_one_nan_among_many_values_is_found():
    array = np.zeros((64, 64, 3), np.float32)
    array[40, 20, 1] = np.nan
    with pytest.raises(InputError, match="NaN"):
        estimate_defocus(array)


def test_the_photos_scale_is_carried(tmp_path):
    from PIL import Image

    Image.effect_noise((200, 100), 50).convert("RGB").save(tmp_path / "p.png")
    photo = read_photo(tmp_path / "p.png", max_side=50)
    assert estimate_defocus(photo).scale == pytest.approx(0.25)


class TestSigmas:
    def test_the_pixel_is_taken_off_where_it_is_in(self):
        sigma = np.float32([[0.1, 0.289, 1.0, 4.0]])
        whole = a_map(sigma=sigma, confidence=np.ones_like(sigma))
        np.testing.assert_allclose(
            whole.lens_sigma, [[0, 0.0138, np.sqrt(1 - 1 / 12), np.sqrt(16 - 1 / 12)]], atol=1e-3
        )
        lens = a_map(sigma=sigma, confidence=np.ones_like(sigma), includes_pixel=False)
        np.testing.assert_array_equal(lens.lens_sigma, sigma)
        np.testing.assert_allclose(lens.disk_radius, 2 * sigma)
        np.testing.assert_allclose(lens.gaussian_sigma, 1.092 * sigma)

    def test_every_method_in_pixels_includes_the_pixel(self):
        picture = np.random.default_rng(0).random((40, 40, 3)).astype(np.float32)
        said = {name: estimate_defocus(picture, name).includes_pixel for name in ("net", "edge")}
        assert said == {"net": True, "edge": True}

    @pytest.mark.parametrize("lens", [1.0, 2.0])
    def test_edges_integrated_over_pixels_show_that_edge_includes_the_pixel(self, lens):
        rows, columns = np.mgrid[:1152, :1152] / 9.0  # nine samples a pixel, each way
        across = (columns - 64.2) * np.cos(0.3) + (rows - 64) * np.sin(0.3)
        fine = 0.5 + 0.3 * special.erf(across / np.sqrt(2) / lens)
        pixels = fine.reshape(128, 9, 128, 9).mean((1, 3)).astype(np.float32)
        found = estimate_defocus(np.repeat(pixels[..., None], 3, axis=2), "edge")
        sure = found.confidence >= 0.5
        assert np.median(found.sigma[sure]) == pytest.approx(np.hypot(lens, 12**-0.5), rel=0.005)
        assert np.median(found.lens_sigma[sure]) == pytest.approx(lens, rel=0.005)

    def test_without_pixels_there_is_none(self):
        with pytest.raises(InputError, match="map units"):
            _ = a_map(unit="map units").disk_radius

    def test_it_is_stored_and_older_files_are_known_by_their_method(self):
        buffer = io.BytesIO()
        a_map(method="net", includes_pixel=True).save(buffer)
        buffer.seek(0)
        assert DefocusMap.load(buffer).includes_pixel
        for method, expected in (("net", False), ("edge", True)):
            one, buffer = np.ones((2, 2), np.float32), io.BytesIO()
            np.savez(buffer, sigma=one, confidence=one, method=method, scale=1.0, unit="px")
            buffer.seek(0)
            assert DefocusMap.load(buffer).includes_pixel is expected
