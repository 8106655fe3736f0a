"""Networks are opened in one place, once, whoever asks."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import cv2
import onnxruntime
import pytest

import blurprint
from blurprint.errors import InputError
from blurprint.weights import session as sessions
from blurprint.weights.card import read_card, shipped
from blurprint.weights.session import open_session, session_of


@pytest.fixture(autouse=True)
def none_open(monkeypatch):
    monkeypatch.setattr(sessions, "_OPEN", type(sessions._OPEN)())


def test_no_other_file_opens_one():
    root = Path(blurprint.__file__).parent
    found = [f.name for f in root.rglob("*.py") if "InferenceSession(" in f.read_text("utf-8")]
    assert found == ["session.py"]


def test_threads_that_ask_at_once_share_one(monkeypatch):
    opened = []
    monkeypatch.setattr(sessions, "open_session", lambda model: opened.append(model) or object())
    together = Barrier(4)

    def ask(_: int) -> object:
        together.wait()
        return session_of(shipped("estimator"))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert len(opened) == 1 and len(set(map(id, found))) == 1


def test_few_stay_open(monkeypatch):
    monkeypatch.setattr(sessions, "open_session", lambda model: object())
    monkeypatch.setattr(sessions, "_MOST_OPEN", 1)
    first = session_of(shipped("estimator"))
    assert session_of(shipped("estimator")) is first
    session_of(shipped("estimator-int8"))
    assert len(sessions._OPEN) == 1
    assert session_of(shipped("estimator")) is not first


def test_a_copy_whose_network_was_changed_is_not_taken_for_the_one_that_is_open(tmp_path):
    card = shipped("estimator")
    session_of(card)
    (tmp_path / "estimator.json").write_text(json.dumps(card.content), "utf-8")
    (tmp_path / "estimator.onnx").write_bytes(card.read_model()[:-1] + b"x")
    with pytest.raises(InputError, match=r"estimator\.onnx: is not the file"):
        session_of(read_card(tmp_path / "estimator.json"))


@pytest.mark.parametrize(("of_opencv", "of_network"), [(1, 1), (2, 0)])
def test_whoever_bounds_opencv_bounds_networks_as_well(of_opencv, of_network, monkeypatch):
    monkeypatch.setattr(cv2, "getNumThreads", lambda: of_opencv)
    options = open_session(shipped("estimator-int8").read_model()).get_session_options()
    assert options.intra_op_num_threads == of_network
    assert options.log_severity_level == 3
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"


@pytest.mark.parametrize("model", [b"", b"no network"])
def test_what_is_no_network_is_refused(model):
    with pytest.raises(InputError, match="a network that ONNX Runtime can run"):
        open_session(model)


def test_another_provider_serves_networks_that_are_opened_from_then_on(monkeypatch):
    asked = []
    real = onnxruntime.InferenceSession

    def noted(model, options, providers):
        asked.append(providers)
        return real(model, options, providers=[sessions.CPU])

    monkeypatch.setattr(onnxruntime, "InferenceSession", noted)
    monkeypatch.setattr(
        onnxruntime, "get_available_providers", lambda: [sessions.CUDA, sessions.CPU]
    )
    monkeypatch.setattr(sessions, "_provider", sessions.CPU)
    card = shipped("estimator-int8")
    first = session_of(card)
    sessions.use_provider(sessions.CUDA)
    assert sessions.provider() == sessions.CUDA
    assert session_of(card) is not first
    assert asked == [[sessions.CPU], [sessions.CUDA, sessions.CPU]]
    with pytest.raises(InputError, match="has no Abacus"):
        sessions.use_provider("Abacus")
