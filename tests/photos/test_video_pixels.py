"""From decoded frames to RGB: matrices, ranges, HDR, fields."""

from __future__ import annotations

import av
import numpy as np
import pytest

from blurprint.photos.video_pixels import KNEE, WHITE_NITS, is_hdr, rgb_of, tone_mapped
from videos import write_video

RED = (200, 40, 60)


def frame_of(matrix: str, values: str, size: tuple[int, int] = (64, 96)) -> av.VideoFrame:
    rgb = np.full((*size, 3), RED, np.uint8)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
    return frame.reformat(format="yuv444p", dst_colorspace=matrix, dst_color_range=values)


@pytest.mark.parametrize("matrix", ["ITU709", "ITU601"])
@pytest.mark.parametrize("values", ["MPEG", "JPEG"])
def test_the_named_matrix_and_range_are_used(matrix, values):
    rgb = rgb_of(frame_of(matrix, values))
    assert np.abs(rgb.astype(int) - RED).max() <= 3


def test_without_a_name_large_frames_are_taken_for_hd():
    large, small = frame_of("ITU709", "MPEG", (720, 1280)), frame_of("ITU601", "MPEG", (576, 720))
    large.colorspace = small.colorspace = 2  # unspecified
    assert np.abs(rgb_of(large).astype(int) - RED).max() <= 3
    assert np.abs(rgb_of(small).astype(int) - RED).max() <= 3


def pq(nits: float) -> float:
    """The inverse curve of SMPTE ST 2084, equation 5.2."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    y = (nits / 10000) ** m1
    return float(((c1 + c2 * y) / (1 + c3 * y)) ** m2)


def srgb(light: float) -> float:
    return 255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055)


def gray(signal: float) -> np.ndarray:
    return np.full((2, 2, 3), round(65535 * signal), np.uint16)


@pytest.mark.parametrize("nits", [1.0, 20.0, 100.0, 150.0])
def test_below_the_knee_pq_looks_as_sdr(nits):
    assert nits / WHITE_NITS < KNEE
    shown = tone_mapped(gray(pq(nits)), "PQ", wide=True)
    assert np.abs(shown - srgb(nits / WHITE_NITS)).max() <= 1


def test_highlights_are_rolled_off_and_keep_their_order():
    shown = [int(tone_mapped(gray(pq(n)), "PQ", wide=True)[0, 0, 0]) for n in (160, 203, 400, 800)]
    assert shown == sorted(set(shown))
    assert shown[1] == pytest.approx(srgb(KNEE + (1 - KNEE) / 2), abs=1)
    assert shown[-1] <= 255


def test_white_of_hlg_is_three_quarters_of_its_signal():
    """ITU-R BT.2408: HDR reference white is 75 % HLG, 58 % PQ, 203 cd/m^2."""
    hlg = tone_mapped(gray(0.75), "HLG", wide=True)
    white = tone_mapped(gray(pq(203)), "PQ", wide=True)
    assert np.abs(hlg.astype(int) - white).max() <= 2
    assert pq(203) == pytest.approx(0.58, abs=0.005)


def test_the_curve_keeps_hues():
    deep = np.array([[[pq(900), pq(450), pq(90)]]]) * 65535
    shown = tone_mapped(deep.astype(np.uint16), "PQ", wide=False)[0, 0] / 255
    light = ((shown + 0.055) / 1.055) ** 2.4
    assert light[0] / light[1] == pytest.approx(2, rel=0.03)
    assert light[0] / light[2] == pytest.approx(10, rel=0.08)


def test_a_frame_of_hdr_is_mapped():
    frame = frame_of("ITU709", "MPEG")
    plain = rgb_of(frame)
    frame.color_trc = 16
    assert is_hdr(frame)
    assert not np.array_equal(rgb_of(frame), plain)


def test_of_an_interlaced_frame_one_field_is_left(tmp_path):
    rgb = np.full((64, 96, 3), 40, np.uint8)
    rgb[1::2] = 200  # the other field
    options = {"x264-params": "tff=1", "qp": "1"}
    video = write_video(tmp_path / "a.mp4", [rgb] * 3, options=options, interlaced=True)
    with av.open(str(video)) as container:
        frame = next(container.decode(video=0))
    assert frame.interlaced_frame
    assert rgb_of(frame).shape == (64, 96, 3)
    field = rgb_of(frame, deinterlace=True)
    assert field.shape == (32, 48, 3)
    assert np.abs(field.astype(int) - 40).max() <= 6


def test_a_frame_that_is_not_interlaced_stays_whole():
    assert rgb_of(frame_of("ITU601", "MPEG"), deinterlace=True).shape == (64, 96, 3)
