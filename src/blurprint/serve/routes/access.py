"""What a client may send, and whether it may: limits, signing in and out."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.serve import examples
from blurprint.serve.installed import reads_heic, reads_videos
from blurprint.serve.problem import Problem, slow_body
from blurprint.serve.routes.asked import service_of
from blurprint.serve.states import Limits
from blurprint.serve.token import COOKIE, SESSION_S, is_signed_in, new_session, same

router = APIRouter()


@router.get("/v1/limits", operation_id="get_limits", summary="Limits", tags=["service"])
def get_limits(request: Request) -> Limits:
    """What the service takes, and whether this client is signed in."""
    settings = service_of(request).settings
    return Limits(
        max_file_bytes=settings.max_file_bytes,
        max_request_bytes=settings.max_request_bytes,
        max_files=min(settings.max_files, service_of(request).pool.capacity),
        max_pixels=settings.most_pixels,
        keep_hours=settings.keep_hours,
        methods=list(METHODS),
        default_method=DEFAULT_METHOD,
        default_prior=DEFAULT_PRIOR,
        videos=reads_videos(),
        heic=reads_heic(),
        token_required=bool(settings.token),
        signed_in=is_signed_in(request, settings.token),
    )


@router.post(
    "/v1/login",
    operation_id="login",
    summary="Sign in",
    status_code=204,
    responses=examples.problems(400, 401, 403, 408, 413),
    response_class=Response,
    openapi_extra={"requestBody": examples.LOGIN_BODY},
    tags=["service"],
)
async def login(request: Request) -> Response:
    """Take the token, and give a cookie for it that scripts cannot read."""
    token = service_of(request).settings.token
    try:
        async with asyncio.timeout(service_of(request).settings.idle_s):
            given = await _given_token(request)
    except TimeoutError:
        raise slow_body() from None
    if not token:
        return Response(status_code=204)
    if not same(given, token):
        raise Problem(401, "wrong_token", "This is not the token of this service.")
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
