"""`/v1/results/ID/...`: the files of a result."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
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
    with removed_meanwhile():
        folder = service_of(request).store.files_of(id)
        facts = json.loads((folder / VALUES_FACTS).read_text("ascii"))
    for name, value in facts.items():
        response.headers[f"X-{name.replace('_', '-').title()}"] = str(value)
    return response
