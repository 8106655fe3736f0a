"""The networks of MTCNN give the same bits without PRelu, in less time; other bytes are refused."""

from __future__ import annotations

import numpy as np
import pytest

from blurprint.errors import InputError
from blurprint.faces.mtcnn import _folder
from blurprint.faces.without_prelu import without_prelu
from blurprint.weights.session import open_session


@pytest.mark.parametrize(
    ("name", "shape"),
    [("pnet", (1, 61, 47, 3)), ("rnet", (5, 24, 24, 3)), ("onet", (3, 48, 48, 3))],
)
def test_no_bit_of_an_output_changes(name: str, shape: tuple[int, ...]) -> None:
    model = (_folder() / f"{name}.onnx").read_bytes()
    changed = without_prelu(model)
    assert b"PRelu" in model
    assert b"PRelu" not in changed
    pixels = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    one, other = open_session(model), open_session(changed)
    key = one.get_inputs()[0].name
    for value, same in zip(
        one.run(None, {key: pixels}), other.run(None, {key: pixels}), strict=True
    ):
        np.testing.assert_array_equal(value, same)


def test_a_network_without_prelu_stays_as_it_is() -> None:
    changed = without_prelu((_folder() / "pnet.onnx").read_bytes())
    assert without_prelu(changed) == changed


@pytest.mark.parametrize("damaged", [b"\x0f", b"\x0a\xff", b"\x0a\x05ab", b"\x80"])
def test_what_is_no_network_is_refused(damaged: bytes) -> None:
    with pytest.raises(InputError, match=r"Expected a network \(ONNX\)"):
        without_prelu(damaged)
