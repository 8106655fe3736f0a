"""What the description of the API (OpenAPI) shows beside its types."""

from __future__ import annotations

from typing import Any, Final

from blurprint.optics.methods import DEFAULT_METHOD, METHODS
from blurprint.score.policy import DEFAULT_PRIOR
from blurprint.serve.states import EXAMPLE_ID, Problems, Results, ResultState, address
from blurprint.serve.uploads import FIELD

Responses = dict[int | str, dict[str, Any]]

_WORDS: Final = {
    400: "The request is malformed.",
    401: "The token is missing or wrong.",
    403: "The request comes from a page of another site.",
    404: "There is no such result, or it has expired.",
    408: "The body came too slowly.",
    409: "The result is not done.",
    413: "The request, a file, or the number of files is beyond its bound.",
    415: "The body is not multipart/form-data.",
    422: "A field has a wrong value, or there are no files.",
    429: "The queue is full; `Retry-After` says when to try again, in seconds.",
    503: "The service is being stopped.",
    507: "The disk is full.",
}
_RETRY: Final = {
    "Retry-After": {
        "description": "Seconds to wait, estimated from the rate of the last files.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
_QUEUED: Final = {
    "id": EXAMPLE_ID,
    "state": "queued",
    "name": "holiday.jpg",
    "created": "2026-01-05T10:00:00Z",
    "expires": "2026-01-06T10:00:00Z",
    "position": 3,
    "links": {"self": address(EXAMPLE_ID)},
}
_FAILED: Final = {
    "id": EXAMPLE_ID,
    "state": "failed",
    "name": "drawing.png",
    "created": "2026-01-05T10:00:00Z",
    "expires": "2026-01-06T10:00:00Z",
    "error": {"code": "unreadable", "message": "is an SVG drawing, not a picture"},
    "links": {"self": address(EXAMPLE_ID)},
}


def problems(*statuses: int) -> Responses:
    """Descriptions of answers that are errors."""
    return {
        status: {
            "model": Problems,
            "description": _WORDS[status],
            **({"headers": _RETRY} if status in (429, 503) else {}),
        }
        for status in statuses
    }


def file(media: str, headers: dict[str, Any] | None = None) -> Responses:
    """Description of an answer that is a file."""
    schema = (
        {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}
    )
    if media == "application/json":
        schema = {"type": "object"}
    answer: dict[str, Any] = {"description": "The file.", "content": {media: {"schema": schema}}}
    if headers:
        answer["headers"] = headers
    return {200: answer} | problems(401, 404, 409)


_ANALYZED: Final[Responses] = {
    200: {"model": Results, "description": "All files are done or failed."}
    | {
        "content": {"application/json": {"examples": {"failed": {"value": {"results": [_FAILED]}}}}}
    },
    202: {
        "model": Results,
        "description": "Some files still wait or are being analysed.",
        "headers": {
            "Location": {
                "description": "Address of the first result that is not done.",
                "schema": {"type": "string"},
            }
        },
        "content": {
            "application/json": {"examples": {"queued": {"value": {"results": [_QUEUED]}}}}
        },
    },
}
ANALYZE: Final = _ANALYZED | problems(400, 401, 403, 408, 413, 415, 422, 429, 503, 507)

_STATE: Final[Responses] = {
    200: {
        "model": ResultState,
        "description": "Its state.",
        "content": {
            "application/json": {
                "examples": {"queued": {"value": _QUEUED}, "failed": {"value": _FAILED}}
            }
        },
    }
}
RESULT: Final = _STATE | problems(401, 404)

ANALYZE_HEADERS: Final[list[dict[str, Any]]] = [
    {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "description": "`respond-async`: answer as soon as the files are there, with their ids.",
        "schema": {"type": "string"},
        "example": "respond-async",
    }
]
ANALYZE_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "title": "Upload",
                "type": "object",
                "required": [FIELD],
                "additionalProperties": False,
                "properties": {
                    FIELD: {
                        "type": "array",
                        "items": {"type": "string", "format": "binary"},
                        "minItems": 1,
                        "description": "Pictures and videos; what they are is judged by their "
                        "content.",
                    },
                    "method": {
                        "type": "string",
                        "enum": list(METHODS),
                        "default": DEFAULT_METHOD,
                        "description": "Method that measures blur.",
                    },
                    "prior": {
                        "type": "number",
                        "exclusiveMinimum": 0,
                        "exclusiveMaximum": 1,
                        "default": DEFAULT_PRIOR,
                        "description": "Probability of a pasted face before a picture is looked "
                        "at.",
                    },
                },
            }
        }
    },
}
LOGIN_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "title": "Login",
                "type": "object",
                "required": ["token"],
                "properties": {"token": {"type": "string"}},
            },
            "example": {"token": "the secret of BLURPRINT_TOKEN"},
        }
    },
}
VALUES_HEADERS: Final[dict[str, Any]] = {
    name: {"description": words, "schema": {"type": kind}}
    for name, kind, words in (
        ("X-Width", "integer", "Cells in a row."),
        ("X-Height", "integer", "Rows of cells."),
        ("X-Map-Width", "integer", "Width of the picture as measured, in pixels."),
        ("X-Map-Height", "integer", "Height of the picture as measured, in pixels."),
        ("X-Unit", "string", "Unit of sigma."),
        ("X-Scale", "number", "Pixels as measured for each native pixel."),
        ("X-Top", "number", "Sigma at the upper end of the colours of `map.png`."),
    )
}
