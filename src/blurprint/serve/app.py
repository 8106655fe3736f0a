"""The service as an application of FastAPI."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from blurprint.serve import pages
from blurprint.serve.guard import Guard
from blurprint.serve.problem import Problem, problem_response
from blurprint.serve.routes import access, analyze, health, result_files, results
from blurprint.serve.schema import describe
from blurprint.serve.service import Service
from blurprint.version import __version__

_ABOUT = (
    "Measures the defocus blur of photographs in pixels, and says what it shows. Results are kept "
    "for a while under addresses that cannot be guessed; uploaded files are deleted as soon as "
    "they are analysed."
)


def create_app(service: Service) -> FastAPI:
    """The application around a service, which it starts and stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(service.start)
        try:
            yield
        finally:
            await run_in_threadpool(service.stop)

    app = FastAPI(
        title="Blurprint",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # as FastAPI documents it
    for part in (analyze, results, result_files, access, health, pages):
        app.include_router(part.router)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_middleware(Guard, hosts=service.settings.allowed_hosts, metrics=service.metrics)
    return app


def _problem(_: Request, error: Exception) -> Response:
    return problem_response(cast(Problem, error))


def _http(request: Request, error: Exception) -> Response:
    found = cast(HTTPException, error)
    headers = dict(found.headers or {})
    if found.status_code == 405:
        headers["Allow"] = ", ".join(_methods_of(request))
    phrase = HTTPStatus(found.status_code).phrase
    words = {
        404: "There is nothing at this address.",
        405: "This address does not take this method.",
    }
    return problem_response(
        Problem(
            found.status_code,
            phrase.lower().replace(" ", "_"),
            words.get(found.status_code, f"{phrase}."),
            headers,
        )
    )


def _methods_of(request: Request) -> list[str]:
    """Which methods an address takes; a router names those of one function only."""
    taken = set()
    for method in ("DELETE", "GET", "POST"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            taken |= {method, "HEAD"} if method == "GET" else {method}
    return sorted(taken)


def _invalid(_: Request, error: Exception) -> Response:
    found: Any = cast(RequestValidationError, error).errors()[0]
    place = ".".join(str(part) for part in found["loc"][1:]) or "the request"
    return problem_response(Problem(422, "invalid", f"{place}: {found['msg']}."))


def _gone(_: Request, __: Exception) -> Response:
    """The client has gone; nobody reads the answer."""
    return problem_response(Problem(400, "bad_multipart", "The body ends too early."))
