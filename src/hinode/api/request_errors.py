"""Errors of the HTTP layer, raised before any service is called.

Like a service's error, it carries a code and no HTTP status: each dialect maps all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RequestErrorCode(StrEnum):
    """Every way in which a request can fail to be a request that we can read."""

    NO_ROUTE = "no_route"
    WRONG_METHOD = "wrong_method"
    WRONG_CONTENT_TYPE = "wrong_content_type"
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
    """A request that cannot be served as it is; ``headers`` go out with the answer."""

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


def no_route(path: str) -> RequestError:
    """Return the error of a path that nothing is served at."""
    return RequestError(RequestErrorCode.NO_ROUTE, f"There is nothing at {path[:200]}.")
