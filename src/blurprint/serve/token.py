"""Who may use the service: a token in a header, or a cookie that was given for it."""

from __future__ import annotations

import hmac
import secrets
import time
from hashlib import sha256
from typing import Final

from starlette.requests import HTTPConnection

from blurprint.serve.problem import Problem

COOKIE: Final = "blurprint_session"
SESSION_S: Final = 12 * 3600
"""For how long a cookie is valid, in seconds."""


def is_signed_in(connection: HTTPConnection, token: str) -> bool:
    """Whether a request brings the token or a valid cookie; true where there is no token."""
    if not token:
        return True
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and same(given.strip(), token):
        return True
    return is_session(connection.cookies.get(COOKIE, ""), token)


def require(connection: HTTPConnection, token: str) -> None:
    """Let only those in who are signed in.

    Raises:
        Problem: for others.
    """
    if not is_signed_in(connection, token):
        raise Problem(
            401,
            "unauthorized",
            "This service needs its token, as `Authorization: Bearer TOKEN`.",
            {"WWW-Authenticate": "Bearer"},
        )


def same(given: str, token: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogateescape"), token.encode("utf-8", "surrogateescape")
    )


def new_session(token: str, now: float | None = None) -> str:
    """A cookie's value, which proves that the token was known; it does not hold it.

    >>> is_session(new_session("s" * 16), "s" * 16), is_session(new_session("s" * 16), "t" * 16)
    (True, False)
    """
    ends = int((time.time() if now is None else now) + SESSION_S)
    text = f"{ends}.{secrets.token_urlsafe(12)}"
    return f"{text}.{_mark(text, token)}"


def is_session(value: str, token: str, now: float | None = None) -> bool:
    """Whether a cookie's value was made by :func:`new_session` and is still valid."""
    text, _, mark = value.rpartition(".")
    if not text or not same(mark, _mark(text, token)):
        return False
    ends = text.partition(".")[0]
    return ends.isdecimal() and int(ends) > (time.time() if now is None else now)


def _mark(text: str, token: str) -> str:
    return hmac.new(
        token.encode(), b"session:" + text.encode("utf-8", "replace"), sha256
    ).hexdigest()
