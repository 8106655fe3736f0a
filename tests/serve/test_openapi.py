"""The description of the API holds: requests drawn from it, answers compared with it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import cv2
import httpx2
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.failures import Failure
from skimage import data

from served import BASE

EXAMPLES = 6
CONFIG = """
content_type_overrides:
  image/png: application/octet-stream
  image/jpeg: application/octet-stream
"""
CLIENT = """
import sys
from pathlib import Path
from made import Client
from made.api.files import get_map_png
from made.api.results import analyze, delete_result, get_result
from made.models import AnalyzeUpload, Problems
from made.types import File

address, picture = sys.argv[1], Path(sys.argv[2])
with Client(base_url=address, raise_on_unexpected_status=True) as client, picture.open("rb") as f:
    body = AnalyzeUpload(files=[File(payload=f, file_name=picture.name)], prior=0.1)
    result = analyze.sync(client=client, body=body).results[0]
    again = get_result.sync(result.id, client=client)
    assert again.report.to_dict() == result.report.to_dict()
    assert get_map_png.sync(result.id, client=client).payload.read(4) == b"\\x89PNG"
    assert delete_result.sync_detailed(result.id, client=client).status_code == 204
    assert isinstance(get_result.sync(result.id, client=client), Problems)
    print(result.state.value, result.name, result.report.defocus.percentiles.p50)
"""
OPERATIONS = [
    ("POST", "/v1/analyze"),
    ("GET", "/v1/results/{id}"),
    ("DELETE", "/v1/results/{id}"),
    ("GET", "/v1/results/{id}/report.html"),
    ("GET", "/v1/results/{id}/report.json"),
    ("GET", "/v1/results/{id}/defocus.npz"),
    ("GET", "/v1/results/{id}/map.png"),
    ("GET", "/v1/results/{id}/confidence.png"),
    ("GET", "/v1/results/{id}/picture"),
    ("GET", "/v1/results/{id}/values.bin"),
    ("GET", "/v1/limits"),
    ("POST", "/v1/login"),
    ("POST", "/v1/logout"),
    ("GET", "/v1/healthz"),
    ("GET", "/v1/readyz"),
    ("GET", "/metrics"),
]


def test_every_address_is_described(real):
    paths = real.app.openapi()["paths"]
    described = [(method.upper(), path) for path, methods in paths.items() for method in methods]
    assert sorted(described) == sorted(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_request_is_answered_as_it_is_described(real, method, path):
    operation = schemathesis.openapi.from_dict(real.app.openapi())[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answered(case: Case) -> None:
        request = case.as_transport_kwargs(base_url=BASE)
        request.pop("cookies", None)
        case.validate_response(real.request(**request))

    answered()


def test_a_result_is_what_is_described(real):
    """With its report, whose schema is part of the description."""
    picture = cv2.imencode(".png", data.coffee()[:100, :120])[1].tobytes()
    answer = real.post("/v1/analyze", files={"files": ("a.png", picture)})
    schema = schemathesis.openapi.from_dict(real.app.openapi())
    schema["/v1/analyze"]["POST"].validate_response(answer)
    result = answer.json()["results"][0]
    assert result["report"]["schema_version"]
    one = real.get(result["links"]["self"])
    schema["/v1/results/{id}"]["GET"].validate_response(one)
    broken = result | {"report": result["report"] | {"evidence": 5}}
    changed = httpx2.Response(200, json=broken, request=one.request)
    changed.elapsed = timedelta(0)
    with pytest.raises(Failure, match="is not of type"):
        schema["/v1/results/{id}"]["GET"].validate_response(changed)


@contextmanager
def on_a_port(app: Any) -> Iterator[str]:
    """The address at which a running application is served besides."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.mark.slow
def test_a_generated_client_works(real, tmp_path):
    """A client that openapi-python-client makes analyses a picture and reads its result."""
    described = tmp_path / "openapi.json"
    (tmp_path / "config.yaml").write_text(CONFIG)
    described.write_text(json.dumps(real.app.openapi()))
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--path", described),
            *("--output-path", tmp_path / "made", "--meta", "none"),
            *("--config", tmp_path / "config.yaml"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), data.coffee()[:100, :120])
    with on_a_port(real.app) as address:
        script = tmp_path / "use.py"
        script.write_text(CLIENT)
        run = subprocess.run(
            [sys.executable, script, address, picture],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[:2] == ["done", "a.png"]
    assert float(run.stdout.split()[2]) > 0
