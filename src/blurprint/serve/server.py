"""The service on a port, from its start until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from blurprint.serve.app import create_app
from blurprint.serve.guard import HEADERS
from blurprint.serve.logs import log_to_stderr
from blurprint.serve.problem import Problem, problem_response
from blurprint.serve.service import Service
from blurprint.serve.settings import ServeSettings

HEADERS_S: Final = 15.0
"""Time in which the head of a request must have come, in seconds."""
CONNECTIONS: Final = 512
"""Connections at a time; more are closed at once."""
_ANSWERS_S: Final = 5.0
"""Time beside `drain_s` in which open requests are answered after a signal."""


class _Impatient(H11Protocol):
    """Closes a connection over which the head of a request does not come in time.

    What is no HTTP is answered as all errors are, where uvicorn has a line of text.
    """

    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its base
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_waiting()
        elif self.cycle is not None and self.cycle.response_complete and self._due is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """While the error of h11 is being handled."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # else an answer has begun
            problem = _not_http(sys.exception(), msg)
            answer = problem_response(problem)
            headers = {**HEADERS, **answer.headers, "Connection": "close"}
            parts: tuple[h11.Event, ...] = (
                h11.Response(
                    status_code=problem.status,
                    headers=list(headers.items()),
                    reason=HTTPStatus(problem.status).phrase.encode(),
                ),
                h11.Data(data=bytes(answer.body)),
                h11.EndOfMessage(),
            )
            self.transport.write(b"".join(self.conn.send(part) or b"" for part in parts))
        self.transport.close()

    def _wait_for_head(self) -> None:
        self._due = self.loop.call_later(HEADERS_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


def _not_http(error: BaseException | None, otherwise: str) -> Problem:
    """What h11 finds wrong, without what it quotes of the request."""
    if getattr(error, "error_status_hint", 400) == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return Problem(431, "head_too_large", "The head of the request is too large.")
    reason = str(error or otherwise).partition(": bytearray")[0]
    return Problem(400, "bad_request", f"The request is no valid HTTP ({reason}).")


class _Server(uvicorn.Server):
    """Tells the service of a signal at once, so that nobody waits for what will not begin."""

    def __init__(
        self, config: uvicorn.Config, service: Service, listening: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._service, self._listening = service, listening

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: the first drains, a second SIGINT ends at once."""
        self._service.refuse()
        super().handle_exit(sig, frame)

    def _log_started_message(self, listeners: Any) -> None:
        host, port = listeners[0].getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        facts = {"address": address}
        logging.getLogger("blurprint.serve").info("listening", extra={"facts": facts})
        self._listening(address)


def serve(settings: ServeSettings, listening: Callable[[str], None]) -> bool:
    """Serve until SIGTERM or Ctrl-C, then finish what is being analysed.

    Args:
        settings: bounds and the folder.
        listening: is told the address as soon as it is open.

    Returns:
        whether it could be started, which it cannot where the port is taken.

    Raises:
        OutputError: if the folder of results cannot be used.
    """
    log_to_stderr()
    service = Service(settings)
    server = _Server(
        uvicorn.Config(
            create_app(service),
            host=settings.host,
            port=settings.port,
            http=_Impatient,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.drain_s + _ANSWERS_S),
        ),
        service,
        listening,
    )
    # The server raises a signal again when it has ended; that is no reason to die of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        server.run()
    except SystemExit:
        return False
    return server.started
