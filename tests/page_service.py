"""A service for tests of the page, which answers as a test wants; and what users do."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page
from skimage import data

from blurprint.analysis import report_of
from blurprint.optics.estimate import estimate_defocus
from blurprint.photos.photo import read_photo
from blurprint.report.document import document
from blurprint.report.figures import map_png, photo_jpeg
from blurprint.serve import pages
from blurprint.serve.problem import Problem
from blurprint.serve.values import values_of

Answer = tuple[int, dict[str, str], bytes]


def png(rgb: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    target = io.BytesIO()
    Image.fromarray(rgb).save(target, "PNG")
    return target.getvalue()


@cache
def astronaut() -> bytes:
    """The public-domain portrait of scikit-image."""
    return png(data.astronaut())


@cache
def softened() -> bytes:
    """The same, its face blurred more than all around it."""
    rgb = data.astronaut().copy()
    face = Image.fromarray(rgb[30:210, 150:300]).reduce(9).resize((150, 180))
    rgb[30:210, 150:300] = np.asarray(face)
    return png(rgb)


@dataclass(frozen=True)
class Made:
    """What the service keeps of a file."""

    report: dict[str, Any]
    files: dict[str, tuple[str, bytes, dict[str, str]]]
    planes: np.ndarray[Any, np.dtype[np.float16]]


@cache
def made(content: bytes, name: str = "picture") -> Made:
    photo = read_photo(content, name=name)
    report = report_of(photo, estimate_defocus(photo), file=content)
    defocus = report.defocus
    top = report.distribution.top if report.distribution else 1.0
    values, facts = values_of(defocus, top)
    planes = np.frombuffer(values, "<f2").reshape(2, int(facts["height"]), int(facts["width"]))
    names = {f"X-{name.replace('_', '-').title()}": str(value) for name, value in facts.items()}
    files = {
        "report.html": ("text/html", report.to_html().encode(), {}),
        "report.json": ("application/json", b"{}", {}),
        "map.png": ("image/png", map_png(defocus, top), {}),
        "defocus.npz": ("application/octet-stream", b"npz", {}),
        "picture": ("image/jpeg", photo_jpeg(photo), {}),
        "values.bin": ("application/octet-stream", values, names),
    }
    return Made(json.loads(json.dumps(document(report))), files, planes)


@dataclass
class Service:
    """Answers as the contract says.

    Attributes:
        answers: to the next uploads, in place of results.
        slow: seconds before an upload is answered.
        keeps: whether nothing is deleted, and an error is answered instead.
        wait: seconds that an upload waits for its result, if it does not prefer to be answered.
    """

    address: str = ""
    answers: list[Answer | str] = field(default_factory=list)
    steps: tuple[dict[str, Any], ...] = ()
    token: str = ""
    down: bool = False
    slow: float = 0.0
    wait: float = 0.0
    damage: dict[str, tuple[str, bytes, dict[str, str]]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, Made] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    fields: list[dict[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    keeps: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    change: Callable[[dict[str, Any]], None] | None = None

    def add(self, name: str, content: bytes) -> str:
        id_ = f"id-{next(self.numbers)}-{'x' * 20}"
        base = f"/v1/results/{id_}"
        self.kept[id_] = made(content)
        report = json.loads(json.dumps(self.kept[id_].report))
        report["input"]["source"] = name
        if self.change:
            self.change(report)
        self.results[id_] = {
            "id": id_,
            "state": "done",
            "name": name,
            "created": "2026-01-02T03:04:05Z",
            "expires": "2026-01-03T03:04:05Z",
            "report": report,
            "links": {
                "self": base,
                "report_html": f"{base}/report.html",
                "report_json": f"{base}/report.json",
                "map_png": f"{base}/map.png",
                "defocus_npz": f"{base}/defocus.npz",
                "picture": f"{base}/picture",
                "values": f"{base}/values.bin",
            },
        }
        return id_

    def state(self, id_: str) -> dict[str, Any]:
        """The result, or, before its last step, the step that it has reached."""
        step = self.asked.get(id_, 0)
        self.asked[id_] = step + 1
        full = self.results[id_]
        if step < len(self.steps):
            early = {key: value for key, value in full.items() if key != "report"}
            return {**early, **self.steps[step]}
        return full


LIMITS = {
    "max_file_bytes": 5_000_000,
    "keep_hours": 24.0,
    "methods": ["edge", "net", "paper"],
    "default_method": "net",
    "videos": False,
    "signed_in": False,
}


def error(
    status: int, code: str, message: str, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, body


def parts(kind: str, body: bytes) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of each field of a form."""
    boundary = b"--" + kind.partition("boundary=")[2].encode()
    found = []
    for piece in body.split(boundary)[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        text = head.decode("utf-8")
        name = re.search(r' name="([^"]*)"', text)
        file_name = re.search(r' filename="([^"]*)"', text)
        assert name is not None
        found.append((name[1], file_name[1] if file_name else None, content[:-2]))
    return found


def handler_of(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def json(self, status: int, content: Any) -> None:
            kind = {"Content-Type": "application/json"}
            self.answer(status, kind, json.dumps(content).encode())

        def refused(self) -> bool:
            """Whether the request is not served: the service is down, or the token is wrong."""
            if service.down and self.path.startswith("/v1/"):
                self.close_connection = True
                self.connection.close()
                return True
            if service.token and self.path.startswith("/v1/results"):
                if f"session={service.token}" in self.headers.get("Cookie", ""):
                    return False
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.answer(*error(401, "unauthorized", "The token is missing or wrong."))
                return True
            return False

        def do_GET(self) -> None:
            if self.refused():
                return
            if self.path == "/" or self.path.startswith("/static/"):
                name = self.path.removeprefix("/static/")
                try:
                    file = pages.page() if self.path == "/" else pages.static(name)
                except Problem as problem:
                    self.answer(*error(problem.status, problem.code, problem.message))
                    return
                self.answer(200, dict(file.headers), bytes(file.body))
                return
            found = re.fullmatch(r"/v1/results/([\w-]+)(?:/(.+))?", self.path)
            if self.path == "/v1/healthz":
                self.json(200, {"status": "ok"})
            elif self.path == "/v1/limits":
                self.json(200, LIMITS | {"token_required": bool(service.token)})
            elif found and found[1] in service.results:
                if found[2] is None:
                    self.json(200, service.state(found[1]))
                else:
                    whole = service.kept[found[1]].files | service.damage
                    kind, content, more = whole[found[2]]
                    self.answer(200, {"Content-Type": kind, **more}, content)
            else:
                self.answer(*error(404, "not_found", "There is no such result."))

        def do_DELETE(self) -> None:
            if self.refused():
                return
            if service.keeps:
                self.answer(*error(503, "unavailable", "The disc does not answer."))
                return
            id_ = self.path.rpartition("/")[2]
            service.deleted.append(id_)
            service.results.pop(id_, None)
            self.answer(204, {}, b"")

        def do_POST(self) -> None:
            if self.refused():
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/login":
                if json.loads(body) != {"token": service.token}:
                    self.answer(*error(401, "wrong_token", "This is not the token."))
                    return
                self.answer(204, {"Set-Cookie": f"session={service.token}; HttpOnly"}, b"")
                return
            if service.answers:
                answer = service.answers.pop(0)
                if isinstance(answer, str):
                    self.close_connection = True
                    self.connection.close()
                    return
                self.answer(*answer)
                return
            form = parts(self.headers["Content-Type"], body)
            service.fields.append(
                {name: content.decode() for name, file, content in form if file is None}
            )
            ids = [service.add(file, content) for _, file, content in form if file is not None]
            states = [service.state(id_) for id_ in ids]
            time.sleep(service.slow)
            if self.headers.get("Prefer") != "respond-async":
                time.sleep(service.wait)
            ready = all(one["state"] == "done" for one in states)
            self.json(200 if ready else 202, {"results": states})

    return Handler


def give(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose files, as a user does in the dialogue."""
    page.set_input_files(
        "#choose",
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in files],
    )


def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
