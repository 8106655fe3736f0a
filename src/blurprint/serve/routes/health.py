"""Whether the service works: for those who look after it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from blurprint.serve import examples
from blurprint.serve.routes.asked import service_of, signed_in
from blurprint.serve.states import Health

router = APIRouter()


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

    return Response(signed_in(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
