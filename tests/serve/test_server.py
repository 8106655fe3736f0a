"""The command on a real port: start, signals, slow and broken connections."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest
import uvicorn
from click.testing import Result
from typer.testing import CliRunner
from uvicorn.server import ServerState

from blurprint.cli.main import app
from blurprint.serve import server
from serving import SERVE, Served, read_all, read_answer, request


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def one(**variables: str) -> Served:
        started.append(Served(tmp_path, **variables))
        return started[-1]

    yield one
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
        served.process.wait()


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_signal_drains(start, number):
    """What runs is finished and answered; what waits is answered now, and done after a restart."""
    served = start(BLURPRINT_WAIT_S="30")
    running = served.post("sleep 1")
    served.wait_running()
    waiting = served.post("b")
    time.sleep(0.3)
    served.process.send_signal(number)
    status, answer = read_answer(waiting)
    assert (status, answer["results"][0]["state"]) == (202, "queued")
    status, first = read_answer(running)
    assert (status, first["results"][0]["state"]) == (200, "done")
    assert served.process.wait(20) == 0
    for connection in (running, waiting):
        connection.close()
    with pytest.raises(ConnectionRefusedError):
        served.connect()
    lines = [json.loads(line) for line in served.text().splitlines()]
    assert lines[-1]["event"] == "stopped"
    if number == signal.SIGTERM:
        again = start()
        assert again.get(first["results"][0]["links"]["self"])["state"] == "done"
        link = answer["results"][0]["links"]["self"]
        until = time.monotonic() + 20
        while again.get(link)["state"] != "done":
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.slow
def test_what_cannot_be_finished_in_time_is_answered_so(start):
    served = start(BLURPRINT_WAIT_S="60", BLURPRINT_DRAIN_S="0.5")
    running = served.post("sleep 60")
    served.wait_running()
    served.process.terminate()
    status, answer = read_answer(running)
    assert (status, answer["results"][0]["error"]["code"]) == (200, "interrupted")
    assert served.process.wait(20) == 0
    running.close()


def test_broken_connections(start):
    served = start(BLURPRINT_IDLE_S="0.5", BLURPRINT_WAIT_S="20")
    uploads = Path(served.log.parent / "served" / "uploads")

    # A body that stops is answered, and so is one that is no HTTP; nothing is left of them.
    half = served.connect()
    half.sendall(request("x" * 1000, length=2000))
    gone = served.connect()
    gone.sendall(request("x" * 1000, length=2000))
    gone.close()
    # So is a login that stops: nobody has signed in before it.
    knock = served.connect()
    knock.sendall(b"POST /v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{")
    silent, slow = served.connect(), served.connect()
    slow.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    assert read_answer(half)[0] == 408
    assert read_all(half) == b""
    assert read_answer(knock)[0] == 408
    assert read_all(knock) == b""
    # A head that does not come ends the connection.
    assert read_all(silent) == b""
    assert read_all(slow) == b""
    junk = served.connect()
    junk.sendall(b"\x16\x03\x01 hello\r\n\r\n")
    assert b"400" in read_all(junk)
    large = served.connect()
    with suppress(ConnectionError):  # it may be closed while this is sent
        large.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000)
        assert b"200" not in read_all(large)[:100]
    again = served.connect()  # a second request over one connection, whose head stops
    again.sendall(request("a"))
    assert read_answer(again)[0] == 200
    again.sendall(b"GET / HTTP/1.1\r\n")
    assert read_all(again) == b""
    for connection in (half, knock, silent, slow, junk, large, again):
        connection.close()
    until = time.monotonic() + 10
    while list(uploads.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert served.get("/v1/healthz") == {"status": "ok"}


def test_connections_are_bounded():
    """One more than the bound is closed at once; the others may go on."""

    async def connect() -> list[Mock]:
        config = uvicorn.Config("served:client_of", http=server._Impatient, lifespan="off")
        state = ServerState()
        loop = asyncio.get_running_loop()
        transports = [Mock(**{"get_extra_info.return_value": None}) for _ in range(3)]
        for transport in transports:
            server._Impatient(config, state, {}, loop).connection_made(transport)
        for connection in list(state.connections):
            connection._stop_waiting()
        return transports

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "CONNECTIONS", 2)
        *taken, refused = asyncio.run(connect())
    assert refused.abort.called
    assert not any(transport.abort.called for transport in taken)


@pytest.mark.parametrize(
    ("head", "status", "code", "reason"),
    [
        (b"hello", 400, "bad_request", "(illegal request line)"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1", 400, "bad_request", "Content-Length"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 30, 400, "bad_request", "bad"),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2",
            *(400, "bad_request", "conflicting"),
        ),
        (b"GET / HTTP/1.1", 400, "bad_request", "Host"),
        (b"GET /\xe9secret HTTP/1.1\r\nHost: a", 400, "bad_request", "(illegal request line)"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, 431, "head_too_large", "too large"),
    ],
    ids=range(7),
)
def test_what_is_no_http_is_answered_as_all_errors_are(head, status, code, reason):
    written, closed = asyncio.run(answered(head + b"\r\n\r\n" * (status == 400)))
    top, _, body = written.partition(b"\r\n\r\n")
    first, *lines = top.decode("ascii").lower().split("\r\n")
    assert first.startswith(f"http/1.1 {status} {'bad' if status == 400 else 'request'}")
    error = json.loads(body)["error"]
    assert error["code"] == code
    assert reason in error["message"]
    assert "secret" not in error["message"]
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(body))
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert closed


async def answered(sent: bytes) -> tuple[bytes, bool]:
    """What is written to a connection over which this comes, and whether it is closed then."""
    config = uvicorn.Config("served:client_of", http=server._Impatient, lifespan="off")
    transport = Mock(**{"get_extra_info.return_value": None})
    one = server._Impatient(config, ServerState(), {}, asyncio.get_running_loop())
    one.connection_made(transport)
    one.data_received(sent)
    one._stop_waiting()
    return b"".join(call.args[0] for call in transport.write.call_args_list), (
        transport.close.called
    )


def blurprint(*arguments: str, folder: Path) -> Result:
    given = ["serve", "--workers", "1", "--folder", str(folder), *arguments]
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, given)


def test_what_cannot_start_says_why(tmp_path, monkeypatch):
    folder = tmp_path / "served"
    monkeypatch.setenv("BLURPRINT_PROT", "9000")
    run = blurprint(folder=folder)
    assert (run.exit_code, run.stdout) == (2, "")
    assert "BLURPRINT_PROT" in run.stderr
    monkeypatch.delenv("BLURPRINT_PROT")
    (tmp_path / "file").write_text("x")
    run = blurprint(folder=tmp_path / "file")
    assert run.exit_code == 1
    assert "cannot be made" in run.stderr
    run = blurprint(folder=tmp_path)
    assert run.exit_code == 1
    assert "holds file, but no index" in run.stderr
    run = CliRunner().invoke(app, ["serve", "--folder", ""])
    assert run.exit_code == 2
    assert "`folder` to be the path of a folder" in run.stderr


def test_a_taken_port_is_said(tmp_path):
    script = tmp_path / "serve.py"
    script.write_text(SERVE)
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = ["--port", str(taken.getsockname()[1]), "--folder", tmp_path / "served", "-j", "1"]
        run = subprocess.run(
            [sys.executable, script, "serve", *given],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    assert run.returncode == 1
    assert "could not start on 127.0.0.1:" in run.stderr


@pytest.mark.parametrize(
    ("host", "token", "warned"),
    [("127.0.0.1", "", False), ("0.0.0.0", "", True), ("0.0.0.0", "correct horse battery", False)],
)
def test_an_open_service_is_warned_of(tmp_path, monkeypatch, host, token, warned):
    monkeypatch.setenv("BLURPRINT_TOKEN", token)
    monkeypatch.setattr("blurprint.serve.server.serve", lambda settings, _: settings.host == host)
    run = blurprint("--host", host, folder=tmp_path)
    assert run.exit_code == 0
    assert ("anybody may use the service" in run.stderr) == warned


@pytest.mark.slow
def test_sixteen_clients_get_results_or_are_told_to_wait(start):
    """No other answer, and flat memory."""
    served = start(BLURPRINT_QUEUE="4", BLURPRINT_KEEP_MB="1")
    statuses: list[int] = []
    over = threading.Event()

    def client() -> None:
        while not over.is_set():
            with served.connect() as connection:
                connection.sendall(request("sleep 0.002"))
                statuses.append(read_answer(connection)[0])

    def memory() -> int:
        return int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1])

    clients = [threading.Thread(target=client) for _ in range(16)]
    for one in clients:
        one.start()
    time.sleep(2)
    early = memory()
    time.sleep(4)
    late = memory()
    over.set()
    for one in clients:
        one.join()
    assert set(statuses) == {200, 429}
    assert statuses.count(200) > 25
    assert late < 1.1 * early
