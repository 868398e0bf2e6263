"""The context of the current request: its client's address and its rate-limit state."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from hinode.kit.addresses import Address


@dataclass(slots=True)
class RequestContext:
    """One request. ``address`` is the client's, None if unknown.

    ``counted`` is True once the request was counted against the rate limit of its key, so that a
    request which authenticates several times counts once.
    """

    address: Address | None
    counted: bool = False


present: ContextVar[RequestContext | None] = ContextVar("present_visit", default=None)
"""The current request; set by the middleware, None outside of requests."""
