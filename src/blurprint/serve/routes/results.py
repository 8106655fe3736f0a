"""`/v1/results/ID`: the state of a result, and its end."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from blurprint.serve import examples
from blurprint.serve.routes.asked import Id, entry_of, removed_meanwhile, signed_in
from blurprint.serve.states import ResultState, state_of

router = APIRouter()


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
    service = signed_in(request)
    entry = entry_of(service, id)
    with removed_meanwhile():
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
    service = signed_in(request)
    entry_of(service, id)
    service.delete(id)
    return Response(status_code=204)
