"""Errors of the HTTP layer: routing, parsing and unhandled failures.

Like a service's error, they have a code and no HTTP status; each dialect maps codes to responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RequestErrorCode(StrEnum):
    """The code of an error of the HTTP layer."""

    NO_ROUTE = "no_route"
    WRONG_METHOD = "wrong_method"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    UNSUPPORTED_CODING = "unsupported_coding"
    BODY_EXPANDS = "body_expands"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    BROKEN_BODY = "broken_body"
    TOO_MANY_FIELDS = "too_many_fields"
    WRONG_TYPE = "wrong_type"
    LINK_BROKEN = "link_broken"
    LINK_EXPIRED = "link_expired"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"
    OUT_OF_SPACE = "out_of_space"


class RequestError(Exception):
    """An error of the HTTP layer; ``param`` is the field, ``headers`` are added to the response."""

    def __init__(
        self,
        code: RequestErrorCode,
        message: str,
        *,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.headers = dict(headers or {})


def no_route(path: str, near: str | None = None) -> RequestError:
    """Return the error for a path without a route or resource; ``near`` is the path to suggest."""
    hint = f" Did you mean {near}?" if near else ""
    return RequestError(RequestErrorCode.NO_ROUTE, f"There is nothing at {path[:200]}.{hint}")
