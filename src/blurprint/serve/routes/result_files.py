"""`/v1/results/ID/...`: the files of a result."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.types import DecoratedCallable
from starlette.responses import Response

from blurprint.report.write import FILE_NAMES
from blurprint.serve import examples
from blurprint.serve.job import CONFIDENCE, MAP, PICTURE, VALUES, VALUES_FACTS
from blurprint.serve.policy import report_policy
from blurprint.serve.problem import Problem
from blurprint.serve.routes.asked import Id, entry_of, removed_meanwhile, service_of, signed_in
from blurprint.serve.store import DONE

router = APIRouter()


def _file(request: Request, result: str, name: str, media: str, **headers: str) -> Response:
    service = signed_in(request)
    entry = entry_of(service, result)
    if entry.state != DONE:
        raise Problem(409, "not_done", f"This result is {entry.state}; its files are not there.")
    with removed_meanwhile():
        content = (service.store.files_of(result) / name).read_bytes()
    return Response(content, media_type=media, headers=headers)


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _route(
    name: str, operation: str, summary: str, media: str, headers: dict[str, Any] | None = None
) -> Callable[[DecoratedCallable], DecoratedCallable]:
    """The route of one file, as the description of the API names it."""
    return router.get(
        f"/v1/results/{{id}}/{name}",
        operation_id=operation,
        summary=summary,
        responses=examples.file(media, headers),
        response_class=Response,
        tags=["files"],
    )


@_route("report.html", "get_report_html", "The report as a page", "text/html")
def get_report_html(request: Request, id: Id) -> Response:
    """One page that loads nothing; its policy lets it run its own script only."""
    response = _file(request, id, FILE_NAMES["html"], "text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = report_policy(bytes(response.body))
    return response


@_route("report.json", "get_report_json", "The report as a file", "application/json")
def get_report_json(request: Request, id: Id) -> Response:
    """What `report` of the result holds, to be saved."""
    name = FILE_NAMES["json"]
    return _file(request, id, name, "application/json", **_download(name))


@_route("defocus.npz", "get_defocus_npz", "The map as numbers", "application/octet-stream")
def get_defocus_npz(request: Request, id: Id) -> Response:
    """The map in float16, as `DefocusMap.load` of Blurprint reads it."""
    name = FILE_NAMES["npz"]
    return _file(request, id, name, "application/octet-stream", **_download(name))


@_route("map.png", "get_map_png", "The map in colours", "image/png")
def get_map_png(request: Request, id: Id) -> Response:
    """Dark is sharp, bright is blurred, hatched is not measured; at most 1,200 px wide and high."""
    return _file(request, id, MAP, "image/png")


@_route("confidence.png", "get_confidence_png", "The confidence in gray", "image/png")
def get_confidence_png(request: Request, id: Id) -> Response:
    """Black is 0, white is 1; at most 1,200 px wide and high."""
    return _file(request, id, CONFIDENCE, "image/png")


@_route("picture", "get_picture", "The photograph", "image/jpeg")
def get_picture(request: Request, id: Id) -> Response:
    """The photograph as it was measured, upright, encoded anew without metadata."""
    return _file(request, id, PICTURE, "image/jpeg")


@_route(
    "values.bin",
    "get_values",
    "The map in cells",
    "application/octet-stream",
    examples.VALUES_HEADERS,
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
    with removed_meanwhile():
        folder = service_of(request).store.files_of(id)
        facts = json.loads((folder / VALUES_FACTS).read_text("ascii"))
    for name, value in facts.items():
        response.headers[f"X-{name.replace('_', '-').title()}"] = str(value)
    return response
