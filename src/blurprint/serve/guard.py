"""What stands before every request: whom it names, whence it comes; and headers of every answer."""

from __future__ import annotations

import logging
import time
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blurprint.serve.metrics import Metrics
from blurprint.serve.problem import Problem, problem_response

API_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy of all that is no page."""
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Of the page, which loads nothing but its own files."""

_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Of the same origin, so that the header `Origin` of a form is that of the page and not null.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), display-capture=(), geolocation=(), microphone=(), "
    "payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HEADERS: Final = {
    **_HEADERS,
    "Content-Security-Policy": API_POLICY,
    "Cache-Control": "no-store",
}
"""Of an answer that is no page."""
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_CHANGING: Final = frozenset({"POST", "DELETE", "PUT", "PATCH"})
_UNEXPECTED: Final = Problem(500, "internal", "The service failed with an unexpected error.")
_LOG: Final = logging.getLogger("blurprint.serve")


class Guard:
    """A layer around the application.

    Args:
        app: the application.
        hosts: that a request may name, empty for all: a page of elsewhere whose name is made to
            point here names its own.
        metrics: counts every answer.
    """

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], metrics: Metrics) -> None:
        """See the class."""
        self._app, self._hosts, self._metrics = app, hosts, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 0
        method = scope["method"] if scope["method"] in _METHODS else "other"
        is_head = method == "HEAD"
        if is_head:  # every address that can be read answers it as GET, without the content
            scope = {**scope, "method": "GET"}

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", API_POLICY)
                headers.setdefault("Cache-Control", "no-store")
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            problem = self._problem(scope)
            if problem is None:
                await self._app(scope, receive, guarded)
            else:
                await problem_response(problem)(scope, receive, guarded)
        except Exception:
            _LOG.exception("error")
            if status:
                raise  # too late for an answer: the server closes the connection
            await problem_response(_UNEXPECTED)(scope, receive, guarded)
        finally:
            route = getattr(scope.get("route"), "path", "") or "none"
            self._metrics.request(method, route, status)
            facts = {
                "method": method,
                "route": route,
                "status": status,
                "seconds": round(time.monotonic() - begun, 3),
            }
            _LOG.info("request", extra={"facts": facts})

    def _problem(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts:
            return Problem(421, "wrong_host", "This service is not addressed by that name.")
        if scope["method"] in _CHANGING and not _is_same_origin(headers, host):
            return Problem(403, "cross_site", "Requests from pages of other sites are refused.")
        return None


def _name(host: str) -> str:
    """Of the header `Host`, without port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_same_origin(headers: Headers, host: str) -> bool:
    """Whether no page of another site sends it; only browsers send these headers."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower() != ""
    except ValueError:
        return False
