"""Method "net", with the weights that ship, against pictures whose blur is known."""

from __future__ import annotations

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from skimage import data

from blurprint import InputError, estimate_defocus
from blurprint.lens.aperture import DISK, GAUSSIAN, Aperture
from blurprint.lens.lens import to_linear, to_srgb
from blurprint.optics import net
from blurprint.optics.net import MARGIN, NET_METHODS, net_map
from blurprint.optics.windows import cut_windows
from blurprint.weights.card import read_card, shipped
from photographs import photographed, sharp_photograph
from rendering import stripes


@pytest.fixture(scope="module")
def sharp() -> np.ndarray:
    return np.hstack([sharp_photograph(name, 133) for name in ("astronaut", "coffee", "rocket")])


@pytest.mark.parametrize("aperture", [DISK, GAUSSIAN, Aperture("polygon", blades=6)])
@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0, 3.0, 4.0])
def test_reads_the_blur_of_photographs(sharp, sigma, aperture):
    defocus = estimate_defocus(photographed(sharp, sigma, aperture), method="net")
    weight = defocus.confidence
    mean_error = float((np.abs(defocus.sigma - sigma) * weight).sum() / weight.sum())
    assert mean_error < 0.2 + 0.1 * sigma
    assert np.median(defocus.sigma[weight >= np.median(weight)]) == pytest.approx(sigma, rel=0.15)


def test_eight_bits_read_nearly_the_same(sharp):
    far = []
    for sigma in (0.5, 1.0, 2.0, 3.0, 4.0):
        photo = photographed(sharp, sigma)
        exact, fast = (estimate_defocus(photo, method=name) for name in ("net-float", "net"))
        assert (exact.method, fast.method) == ("net-float", "net")
        far.append(np.abs(exact.sigma - fast.sigma).mean())
        weight = fast.confidence
        mean_error = float((np.abs(fast.sigma - sigma) * weight).sum() / weight.sum())
        assert mean_error < 0.2 + 0.1 * sigma
    assert 0 < np.mean(far) < 0.05


def striped(width: int, sigma: float, aperture: Aperture) -> np.ndarray:
    unit = np.tile((np.arange(320) // width) % 2, (160, 1)).astype(np.float32)
    linear = to_linear(np.repeat((0.2 + 0.6 * unit)[..., None], 3, axis=2))
    return photographed(linear, sigma, aperture)


@pytest.mark.parametrize("aperture", [DISK, GAUSSIAN], ids=["disk", "gaussian"])
@pytest.mark.parametrize("width", [10, 20, 40, 80])
def test_reading_does_not_depend_on_how_close_the_edges_are(width, aperture):
    defocus = estimate_defocus(striped(width, 2.0, aperture), method="net")
    # A disk 8 px wide leaves little but a sine of stripes of 10 px: it is read 33 % too wide.
    tolerance = 0.35 if (width, aperture) == (10, DISK) else 0.10
    assert np.median(defocus.sigma) == pytest.approx(2.0, rel=tolerance)


def test_density_of_edges_changes_little_even_where_the_blur_is_foreign():
    # A Gaussian in sRGB values is no lens: such stripes read a little too sharp, but all alike.
    read = [
        np.median(estimate_defocus(stripes(2.0, w), method="net").sigma) for w in (10, 20, 40, 80)
    ]
    assert max(read) / min(read) < 1.16  # measured: 1.15
    assert read == pytest.approx([2.0] * 4, rel=0.12)


@pytest.mark.parametrize("method", [method.name for method in NET_METHODS])
@pytest.mark.parametrize(
    ("shape", "most_pixels", "count"), [((400, 1200), 380_000, 2), ((992, 992), 700_000, 4)]
)
def test_windows_do_not_show(method, shape, most_pixels, count):
    picture = cv2.resize(data.astronaut(), shape[::-1], interpolation=cv2.INTER_CUBIC)
    picture = picture.astype(np.float32) / 255
    picture[: shape[0] // 3, : shape[1] // 3] = 0.5  # flat: read from far around
    windows = cut_windows(shape, most_pixels=most_pixels, margin=MARGIN, stride=16)
    assert len(windows) == count
    whole = net_map(picture, method=method)
    parts = net_map(picture, method=method, most_pixels=most_pixels)
    assert np.abs(whole.sigma - parts.sigma).max() < 0.05
    assert np.abs(whole.confidence - parts.confidence).max() < 0.05


@pytest.mark.parametrize("sigma", [8.0, 16.0, 30.0])
def test_blur_beyond_the_networks_range_is_read_on_the_pyramid(sigma):
    photo = cv2.resize(data.astronaut(), (1536, 1536), interpolation=cv2.INTER_CUBIC)
    linear = to_linear(photo.astype(np.float32) / 255)
    blurred = np.clip(to_srgb(cv2.GaussianBlur(linear, (0, 0), sigma)), 0, 1).astype(np.float32)
    defocus = estimate_defocus(blurred, method="net")
    # Enlarged threefold, the photograph brings about 2.5 px of its own.
    assert np.median(defocus.sigma) == pytest.approx(np.hypot(sigma, 2.5), rel=0.10)


@pytest.mark.parametrize("method", [method.name for method in NET_METHODS])
@pytest.mark.parametrize(("side", "widest"), [(299, 14.0), (512, 28.0)])
def test_blur_beyond_the_coarsest_level_does_not_count_as_measured(method, side, widest):
    """The labels of the training end at 7 px of a level: what lies beyond is read as no more."""
    photo = cv2.resize(data.coffee(), (side, side * 2 // 3), interpolation=cv2.INTER_AREA)
    linear = to_linear(photo.astype(np.float32) / 255)
    measured = {}
    for share in (0.6, 0.85, 1.4, 2.0, 4.0):
        blurred = np.clip(to_srgb(cv2.GaussianBlur(linear, (0, 0), share * widest)), 0, 1)
        found = estimate_defocus(blurred.astype(np.float32), method=method)
        measured[share] = float((found.confidence >= 0.5).mean())
    assert min(measured[0.6], measured[0.85]) > 0.75
    assert max(measured[1.4], measured[2.0], measured[4.0]) < 0.1  # each above 0.5 once


def test_flat_surroundings_of_a_sharp_picture_are_not_clouds(sharp):
    # The pyramid sees them shrunk, and once took their shading for a blur of 20 px.
    wide = (
        np.full((512, 640, 3), 0.4, np.float32)
        * np.linspace(0.7, 1, 640, dtype=np.float32)[:, None]
    )
    wide[200:333, 80:479] = sharp
    defocus = estimate_defocus(photographed(wide, 0.5), method="net")
    assert np.quantile(defocus.sigma, 0.98) < 3


def test_what_is_not_finite_is_refused():
    rgb = np.full((64, 64, 3), 0.5, np.float32)
    rgb[30, 30] = np.nan
    with pytest.raises(InputError, match="NaN or infinity"):
        net_map(rgb)


def test_a_flat_field_gives_little_confidence():
    flat = np.full((160, 160, 3), 0.5, np.float32)
    assert np.median(estimate_defocus(flat, method="net").confidence) < 0.4


def test_eight_bits_are_of_the_network_that_ships():
    exact, fast = (shipped(name).content for name in ("estimator", "estimator-int8"))
    assert fast["quantized"]["from"]["sha256"] == exact["sha256"]
    assert fast["training"] == exact["training"]


@pytest.mark.parametrize("name", [method.network for method in NET_METHODS])
def test_shipped_weights_are_small_and_described(name):
    card = shipped(name)
    assert len(card.read_model()) <= 3_000_000
    content = json.loads(card.path.read_text("utf-8"))
    for key in ("training", "licence", "errors_on_held_out_renders_px", "confidence", "limits"):
        assert content[key], key
    assert content["confidence"]["tolerance_px"] == 0.25


def test_a_model_that_is_not_the_cards_is_refused(tmp_path):
    card = shipped("estimator")
    (tmp_path / "estimator.json").write_bytes(card.path.read_bytes())
    (tmp_path / "estimator.onnx").write_bytes(card.read_model()[:-1] + b"x")
    with pytest.raises(InputError, match=r"estimator\.onnx: is not the file"):
        net_map(np.zeros((32, 32, 3), np.float32), card=tmp_path / "estimator.json")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 99, "file": "a", "sha256": "b"}'])
def test_a_broken_card_is_refused(tmp_path, content):
    (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(InputError, match=r"card\.json"):
        read_card(tmp_path / "card.json")


def test_inference_needs_no_torch():
    code = (
        "import sys, numpy as np, blurprint; "
        "blurprint.estimate_defocus(np.zeros((32, 32, 3)), method='net'); "
        "print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_larger_pictures_are_read_in_windows_of_less_than_a_megapixel(monkeypatch):
    seen: list[int] = []

    def run(network, rgb):
        seen.append(rgb.shape[0] * rgb.shape[1])
        return [np.ones(rgb.shape[:2], np.float32) for _ in network._outputs]

    monkeypatch.setattr(net._Network, "_run", run)
    net_map(np.zeros((1536, 2048, 3), np.float32))
    assert len(seen) > 1 and max(seen) <= net.WINDOW_PIXELS
    seen.clear()
    net_map(np.zeros((1224, 1632, 3), np.float32))
    assert seen[0] == 1232 * 1632, "two megapixels fit: as multiples of 16 px, whole"
