"""What every route asks first: which service, who asks, which result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Path as InPath
from fastapi import Request

from blurprint.serve.own_folder import ID
from blurprint.serve.problem import Problem
from blurprint.serve.service import Service
from blurprint.serve.states import EXAMPLE_ID
from blurprint.serve.store import Entry
from blurprint.serve.token import require

Id = Annotated[str, InPath(description="Of a result.", examples=[EXAMPLE_ID])]


def service_of(request: Request) -> Service:
    """The service behind a request."""
    service: Service = request.app.state.service
    return service


def signed_in(request: Request) -> Service:
    """The service, for those who may use it.

    Raises:
        Problem: for others.
    """
    service = service_of(request)
    require(request, service.settings.token)
    return service


def no_result() -> Problem:
    """That an id names nothing, whatever the reason."""
    return Problem(404, "no_result", "There is no such result, or it has expired.")


def entry_of(service: Service, result: str) -> Entry:
    """A result by its id.

    Raises:
        Problem: if there is none.
    """
    entry = service.entry(result) if ID.fullmatch(result) else None
    if entry is None:
        raise no_result()
    return entry


@contextmanager
def removed_meanwhile() -> Iterator[None]:
    """Within it, a file that is gone is one of a result that has expired since it was looked up."""
    try:
        yield
    except FileNotFoundError:
        raise no_result() from None
