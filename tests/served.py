"""A service for tests: what its processes do is told by the first word of the uploaded file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from acting import act, warm_nothing
from blurprint.serve.app import create_app
from blurprint.serve.service import Service
from blurprint.serve.settings import ServeSettings

BASE = "http://127.0.0.1"


def settings_for(folder: Path, **given: Any) -> ServeSettings:
    """Settings that no variable of the environment changes."""
    return ServeSettings(**{"folder": folder / "served", "workers": 1, "timeout_s": 30, **given})


def acting_service(folder: Path, **given: Any) -> Service:
    """A service whose processes do as files say."""
    return Service(settings_for(folder, **given), work=act, warm=warm_nothing)


def client_of(service: Service, **options: Any) -> TestClient:
    """A client that the service takes for one of its own machine; starts it when entered."""
    return TestClient(create_app(service), base_url=BASE, raise_server_exceptions=False, **options)


def sent(*words: str) -> list[tuple[str, tuple[str, bytes]]]:
    """Files of these contents for the field of an upload."""
    return [("files", (f"{n}.jpg", word.encode())) for n, word in enumerate(words)]
