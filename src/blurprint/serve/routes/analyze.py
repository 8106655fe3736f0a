"""`POST /v1/analyze`: files in, their states out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from blurprint.errors import InputError
from blurprint.numerals import is_number
from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.score.calibration import checked_prior
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.serve import examples
from blurprint.serve.problem import Problem
from blurprint.serve.routes.asked import service_of
from blurprint.serve.service import Service
from blurprint.serve.states import address, state_of
from blurprint.serve.store import DONE, FAILED, Entry
from blurprint.serve.token import require
from blurprint.serve.uploads import FIELD, drain, receive

router = APIRouter()

_DELETED: Final = "The result was deleted before this answer was made."


@router.post(
    "/v1/analyze",
    operation_id="analyze",
    summary="Analyse pictures",
    responses=examples.ANALYZE,
    openapi_extra={"requestBody": examples.ANALYZE_BODY, "parameters": examples.ANALYZE_HEADERS},
    tags=["results"],
)
async def analyze(request: Request) -> Response:
    """Take files in, wait for their results for a while, and answer with what is there by then.

    200 if all are done or failed; else 202, with the address of the first that is not in
    `Location`. A client that sends `Prefer: respond-async` waits for no result: it knows the ids
    as soon as the body is there. Uploaded files are deleted as soon as they are analysed.
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
    if not _at_once(request):
        await service.wait([entry.id for entry in accepted], service.settings.wait_s)
    states = await run_in_threadpool(_states, service, accepted)
    open_ones = [state["id"] for state in states if state["state"] not in (DONE, FAILED)]
    if open_ones:
        location = {"Location": address(open_ones[0])}
        return JSONResponse({"results": states}, 202, headers=location)
    return JSONResponse({"results": states})


def _at_once(request: Request) -> bool:
    """Whether the client prefers an answer before the results are there (RFC 7240)."""
    wishes = ",".join(request.headers.getlist("prefer")).split(",")
    return "respond-async" in {wish.partition(";")[0].strip().lower() for wish in wishes}


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
    if not text:
        return DEFAULT_PRIOR
    with suppress(InputError):
        if is_number(text):
            return checked_prior(float(text))
    raise Problem(422, "invalid", "Expected `prior` above 0 and below 1.")


def _states(service: Service, entries: list[Entry]) -> list[dict[str, Any]]:
    places = service.pool.positions()
    states = []
    for entry in entries:
        now = service.entry(entry.id)
        if now is None:  # deleted meanwhile, by whoever knew its id
            now = replace(entry, state=FAILED, error_code="deleted", error_message=_DELETED)
        states.append(state_of(service, now, position=places.get(entry.id)))
    return states
