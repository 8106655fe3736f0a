"""One service that really analyses, for the tests that need one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from blurprint.serve.service import Service
from served import client_of, settings_for


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a service with one process, which is warm."""
    folder = tmp_path_factory.mktemp("real")
    service = Service(settings_for(folder, wait_s=60, max_file_mb=2, max_pixels=1))
    with client_of(service) as client:
        until = time.monotonic() + 60
        while not service.pool.ready:
            assert time.monotonic() < until, "no process becomes ready"
            time.sleep(0.05)
        yield client
