"""What goes wrong with a request: one form for every answer that is an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import JSONResponse

_NO_HEADERS: Final[Mapping[str, str]] = {}


class Problem(Exception):
    """A request that cannot be served, and what its client is told.

    Attributes:
        status: of HTTP.
        code: what is wrong, for programs.
        message: what is wrong, for people, in a sentence.
        headers: that the answer has besides.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> None:
        """See the class."""
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers)


def slow_body() -> Problem:
    """That a body comes too slowly; what may still come of it is not waited for."""
    return Problem(408, "slow_body", "The body came too slowly.", {"Connection": "close"})


def problem_body(code: str, message: str) -> dict[str, Any]:
    """The content of an answer that is an error."""
    return {"error": {"code": code, "message": message}}


def problem_response(problem: Problem) -> JSONResponse:
    """The answer to a request that cannot be served."""
    body = problem_body(problem.code, problem.message)
    return JSONResponse(body, problem.status, headers=problem.headers)
