"""A service in another process on a real port, and what is said to it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from interrupts import interrupts_heard

# As `blurprint serve` runs, but with processes that do as the files say, and impatient.
SERVE = """
import sys
import blurprint.serve.server as server
import blurprint.serve.service as service
from acting import act, warm_nothing
from functools import partial
if __name__ == "__main__":
    server.HEADERS_S = 0.5
    server.Service = partial(service.Service, work=act, warm=warm_nothing)
    from blurprint.cli.main import main
    main()
"""


class Served:
    """A service that runs in another process."""

    def __init__(self, folder: Path, **variables: str) -> None:
        script = folder / "serve.py"
        script.write_text(SERVE)
        path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        variables = {"BLURPRINT_FOLDER": str(folder / "served"), **variables}
        self.log = folder / f"log-{time.monotonic_ns()}"
        with interrupts_heard(), self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, script, "serve", "--port", "0", "--workers", "1"],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path, **variables},
            )
        until = time.monotonic() + 60
        while not (found := re.search(r'"address": "http://127.0.0.1:(\d+)/"', self.text())):
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < until, self.text()
            time.sleep(0.05)
        self.port = int(found[1])

    def text(self) -> str:
        return self.log.read_text()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def post(self, word: str) -> socket.socket:
        """A connection over which a file was sent and whose answer is not read."""
        connection = self.connect()
        connection.sendall(request(word))
        return connection

    def get(self, address: str) -> dict:
        with urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=20) as answer:
            return json.load(answer)

    def wait_running(self) -> None:
        until = time.monotonic() + 30
        while True:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as answer:
                if b"blurprint_running 1.0" in answer.read():
                    return
            assert time.monotonic() < until
            time.sleep(0.05)


def request(word: str, *, length: int | None = None) -> bytes:
    body = (
        b'--E\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        + word.encode()
        + b"\r\n--E--\r\n"
    )
    head = (
        "POST /v1/analyze HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: multipart/form-data; boundary=E\r\nContent-Length: {length or len(body)}"
        "\r\n\r\n"
    )
    return head.encode() + body


def read_all(connection: socket.socket) -> bytes:
    content = b""
    while chunk := connection.recv(65536):
        content += chunk
    return content


def read_answer(connection: socket.socket) -> tuple[int, dict]:
    content = b""
    while b"\r\n\r\n" not in content:
        content += connection.recv(65536)
    head, _, body = content.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split()[1]), json.loads(body)
