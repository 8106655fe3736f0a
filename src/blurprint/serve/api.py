"""The routes of the service for programs, `/v1/...`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from blurprint.errors import InputError
from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.report.write import FILE_NAMES
from blurprint.score.calibration import checked_prior
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.serve import examples
from blurprint.serve.job import CONFIDENCE, MAP, PICTURE, VALUES, VALUES_FACTS
from blurprint.serve.policy import report_policy
from blurprint.serve.problem import Problem
from blurprint.serve.service import Service
from blurprint.serve.states import (
    Health,
    Limits,
    ResultState,
    address,
    state_of,
)
from blurprint.serve.store import DONE, FAILED, Entry
from blurprint.serve.token import COOKIE, SESSION_S, is_signed_in, new_session, require, same
from blurprint.serve.uploads import FIELD, drain, receive

router = APIRouter()

_DELETED: Final = "The result was deleted before this answer was made."
_ID: Final = re.compile(r"[A-Za-z0-9_-]{32}")
Id = Annotated[str, InPath(description="Of a result.", examples=[examples.ID])]


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def _signed_in(request: Request) -> Service:
    service = service_of(request)
    require(request, service.settings.token)
    return service


@router.post(
    "/v1/analyze",
    operation_id="analyze",
    summary="Analyse pictures",
    responses=examples.ANALYZE,
    openapi_extra={"requestBody": examples.ANALYZE_BODY},
    tags=["results"],
)
async def analyze(request: Request) -> Response:
    """Take files in, wait for their results for a while, and answer with what is there by then.

    200 if all are done or failed; else 202, with the address of the first that is not in
    `Location`. Uploaded files are deleted as soon as they are analysed.
    """
    service = service_of(request)
    stream = request.stream()
    try:
        require(request, service.settings.token)
        with service.sending():
            _check_place(service, 1)
            received = await receive(
                stream,
                request.headers.get("content-type", ""),
                request.headers.get("content-length"),
                service.settings,
                service.new_file,
            )
    except Problem:
        if "expect" not in request.headers:  # else it has not begun to send
            await drain(stream)
        raise
    try:
        method, prior = _method(received.fields), _prior(received.fields)
        if not received.files:
            raise Problem(422, "no_files", f"Expected files in the field `{FIELD}`.")
        accepted = await run_in_threadpool(
            service.accept, received.files, method=method, prior=prior
        )
        if accepted is None:
            _check_place(service, len(received.files))
            raise _full(service, len(received.files))
    except BaseException:
        for result, _ in received.files:
            service.store.upload_of(result).unlink(missing_ok=True)
        raise
    await service.wait([entry.id for entry in accepted], service.settings.wait_s)
    states = await run_in_threadpool(_states, service, accepted)
    open_ones = [state["id"] for state in states if state["state"] not in (DONE, FAILED)]
    if open_ones:
        location = {"Location": address(open_ones[0])}
        return JSONResponse({"results": states}, 202, headers=location)
    return JSONResponse({"results": states})


def _check_place(service: Service, files: int) -> None:
    if service.stopping:
        raise Problem(503, "stopping", "The service is being stopped.", {"Retry-After": "10"})
    if files > service.pool.capacity:
        most = service.pool.capacity
        raise Problem(413, "too_many_files", f"The service takes {most} files at a time at most.")
    if service.pool.places() < files:
        raise _full(service, files)


def _full(service: Service, files: int) -> Problem:
    wait = service.retry_after(files)
    return Problem(
        429,
        "queue_full",
        f"Too many files wait already; try again in about {wait} s.",
        {"Retry-After": str(wait)},
    )


def _method(fields: dict[str, str]) -> str:
    method = fields.get("method", "") or DEFAULT_METHOD
    if method not in METHODS:
        raise Problem(422, "invalid", f"Expected `method` to be one of {', '.join(METHODS)}.")
    return method


def _prior(fields: dict[str, str]) -> float:
    text = fields.get("prior", "")
    try:
        return checked_prior(float(text)) if text else DEFAULT_PRIOR
    except (ValueError, InputError):
        raise Problem(422, "invalid", "Expected `prior` above 0 and below 1.") from None


def _states(service: Service, entries: list[Entry]) -> list[dict[str, Any]]:
    places = service.pool.positions()
    states = []
    for entry in entries:
        now = service.entry(entry.id)
        if now is None:  # deleted meanwhile, by whoever knew its id
            now = replace(entry, state=FAILED, error_code="deleted", error_message=_DELETED)
        states.append(state_of(service, now, position=places.get(entry.id)))
    return states


def _no_result() -> Problem:
    return Problem(404, "no_result", "There is no such result, or it has expired.")


def _entry(service: Service, result: str) -> Entry:
    entry = service.entry(result) if _ID.fullmatch(result) else None
    if entry is None:
        raise _no_result()
    return entry


@contextmanager
def _removed_meanwhile() -> Iterator[None]:
    """Within it, a file that is gone is one of a result that has expired since it was looked up."""
    try:
        yield
    except FileNotFoundError:
        raise _no_result() from None


@router.get(
    "/v1/results/{id}",
    operation_id="get_result",
    summary="One result",
    responses=examples.RESULT,
    response_model=ResultState,
    tags=["results"],
)
def get_result(request: Request, id: Id) -> Response:
    """The state of a file; with its report once it is done."""
    service = _signed_in(request)
    entry = _entry(service, id)
    with _removed_meanwhile():
        return JSONResponse(state_of(service, entry, position=service.pool.position(id)))
    raise AssertionError


@router.delete(
    "/v1/results/{id}",
    operation_id="delete_result",
    summary="Delete a result",
    status_code=204,
    responses=examples.problems(401, 403, 404),
    response_class=Response,
    tags=["results"],
)
def delete_result(request: Request, id: Id) -> Response:
    """Remove a result and its files now; a file that waits is not analysed any more."""
    service = _signed_in(request)
    _entry(service, id)
    service.delete(id)
    return Response(status_code=204)


def _file(request: Request, result: str, name: str, media: str, **headers: str) -> Response:
    service = _signed_in(request)
    entry = _entry(service, result)
    if entry.state != DONE:
        raise Problem(409, "not_done", f"This result is {entry.state}; its files are not there.")
    with _removed_meanwhile():
        content = (service.store.files_of(result) / name).read_bytes()
    return Response(content, media_type=media, headers=headers)


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@router.get(
    "/v1/results/{id}/report.html",
    operation_id="get_report_html",
    summary="The report as a page",
    responses=examples.file("text/html"),
    response_class=Response,
    tags=["files"],
)
def get_report_html(request: Request, id: Id) -> Response:
    """One page that loads nothing; its policy lets it run its own script only."""
    response = _file(request, id, FILE_NAMES["html"], "text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = report_policy(bytes(response.body))
    return response


@router.get(
    "/v1/results/{id}/report.json",
    operation_id="get_report_json",
    summary="The report as a file",
    responses=examples.file("application/json"),
    response_class=Response,
    tags=["files"],
)
def get_report_json(request: Request, id: Id) -> Response:
    """What `report` of the result holds, to be saved."""
    name = FILE_NAMES["json"]
    return _file(request, id, name, "application/json", **_download(name))


@router.get(
    "/v1/results/{id}/defocus.npz",
    operation_id="get_defocus_npz",
    summary="The map as numbers",
    responses=examples.file("application/octet-stream"),
    response_class=Response,
    tags=["files"],
)
def get_defocus_npz(request: Request, id: Id) -> Response:
    """The map in float16, as `DefocusMap.load` of Blurprint reads it."""
    name = FILE_NAMES["npz"]
    return _file(request, id, name, "application/octet-stream", **_download(name))


@router.get(
    "/v1/results/{id}/map.png",
    operation_id="get_map_png",
    summary="The map in colours",
    responses=examples.file("image/png"),
    response_class=Response,
    tags=["files"],
)
def get_map_png(request: Request, id: Id) -> Response:
    """Dark is sharp, bright is blurred, hatched is not measured; at most 1,200 px wide and high."""
    return _file(request, id, MAP, "image/png")


@router.get(
    "/v1/results/{id}/confidence.png",
    operation_id="get_confidence_png",
    summary="The confidence in gray",
    responses=examples.file("image/png"),
    response_class=Response,
    tags=["files"],
)
def get_confidence_png(request: Request, id: Id) -> Response:
    """Black is 0, white is 1; at most 1,200 px wide and high."""
    return _file(request, id, CONFIDENCE, "image/png")


@router.get(
    "/v1/results/{id}/picture",
    operation_id="get_picture",
    summary="The photograph",
    responses=examples.file("image/jpeg"),
    response_class=Response,
    tags=["files"],
)
def get_picture(request: Request, id: Id) -> Response:
    """The photograph as it was measured, upright, encoded anew without metadata."""
    return _file(request, id, PICTURE, "image/jpeg")


@router.get(
    "/v1/results/{id}/values.bin",
    operation_id="get_values",
    summary="The map in cells",
    responses=examples.file("application/octet-stream", examples.VALUES_HEADERS),
    response_class=Response,
    tags=["files"],
)
def get_values(request: Request, id: Id) -> Response:
    """Float16 (2, height, width), little endian, row by row: sigma, then confidence in [0, 1].

    Both are NaN where there is no photograph. Cells are at most 512 on the longer side: their
    means, that of sigma weighted by confidence. `X-Width` and `X-Height` say how many cells,
    `X-Map-Width` and `X-Map-Height` the size of the picture as measured, `X-Unit` the unit of
    sigma, `X-Scale` how many pixels as measured one native pixel has, `X-Top` the sigma at the
    upper end of the colours of `map.png`.
    """
    response = _file(request, id, VALUES, "application/octet-stream")
    with _removed_meanwhile():
        folder = service_of(request).store.files_of(id)
        facts = json.loads((folder / VALUES_FACTS).read_text("ascii"))
    for name, value in facts.items():
        response.headers[f"X-{name.replace('_', '-').title()}"] = str(value)
    return response


@router.get("/v1/limits", operation_id="get_limits", summary="Limits", tags=["service"])
def get_limits(request: Request) -> Limits:
    """What the service takes, and whether this client is signed in."""
    settings = service_of(request).settings
    return Limits(
        max_file_bytes=settings.max_file_bytes,
        max_request_bytes=settings.max_request_bytes,
        max_files=min(settings.max_files, service_of(request).pool.capacity),
        max_pixels=int(settings.max_pixels * 1e6),
        keep_hours=settings.keep_hours,
        methods=list(METHODS),
        default_method=DEFAULT_METHOD,
        default_prior=DEFAULT_PRIOR,
        videos=False,
        token_required=bool(settings.token),
        signed_in=is_signed_in(request, settings.token),
    )


@router.post(
    "/v1/login",
    operation_id="login",
    summary="Sign in",
    status_code=204,
    responses=examples.problems(400, 401, 403),
    response_class=Response,
    openapi_extra={"requestBody": examples.LOGIN_BODY},
    tags=["service"],
)
async def login(request: Request) -> Response:
    """Take the token, and give a cookie for it that scripts cannot read."""
    token = service_of(request).settings.token
    given = await _given_token(request)
    if not token:
        return Response(status_code=204)
    if not same(given, token):
        raise Problem(401, "unauthorized", "This is not the token of this service.")
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        new_session(token),
        max_age=SESSION_S,
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request),
    )
    return response


def _is_https(request: Request) -> bool:
    """Whether the browser speaks TLS, to us or to a proxy before us."""
    origin = request.headers.get("origin", "")
    return request.url.scheme == "https" or origin.startswith("https:")


_LONGEST_LOGIN: Final = 10_000


async def _given_token(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_LOGIN:
            raise Problem(413, "request_too_large", "The request is too large.")
    try:
        given = json.loads(body)
        token = given["token"]
        if isinstance(token, str):
            return token
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    raise Problem(400, "bad_request", 'Expected JSON such as {"token": "..."}.')


@router.post(
    "/v1/logout",
    operation_id="logout",
    summary="Sign out",
    status_code=204,
    responses=examples.problems(403),
    response_class=Response,
    tags=["service"],
)
def logout() -> Response:
    """Have the browser forget its cookie."""
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@router.get("/v1/healthz", operation_id="healthz", summary="Is it alive?", tags=["service"])
def healthz() -> Health:
    """200 as long as the service answers at all."""
    return Health(status="ok")


@router.get(
    "/v1/readyz",
    operation_id="readyz",
    summary="Is it ready?",
    responses={503: {"model": Health, "description": "Starting or stopping."}},
    response_model=Health,
    tags=["service"],
)
def readyz(request: Request) -> Response:
    """200 once a process is warm and until the service is told to stop."""
    service = service_of(request)
    if service.stopping:
        return JSONResponse({"status": "stopping"}, 503)
    if not service.pool.ready:
        return JSONResponse({"status": "starting"}, 503)
    return JSONResponse({"status": "ready"})


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Counts for Prometheus",
    responses=examples.file("text/plain") | examples.problems(401),
    response_class=Response,
    tags=["service"],
)
def metrics(request: Request) -> Response:
    """Requests, files, times, queue, processes, size of results."""
    from prometheus_client import CONTENT_TYPE_LATEST

    return Response(_signed_in(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
