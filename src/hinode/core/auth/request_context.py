"""The request that is being served: its client's address."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from hinode.kit.addresses import Address


@dataclass(slots=True)
class RequestContext:
    """One request. ``address`` is the client's, None when unknown.

    ``counted`` is set when its key's rate has been charged for it: once, however often the key is
    looked at.
    """

    address: Address | None
    counted: bool = False


present: ContextVar[RequestContext | None] = ContextVar("present_visit", default=None)
"""The request being served; set where requests come in, None outside of any."""
