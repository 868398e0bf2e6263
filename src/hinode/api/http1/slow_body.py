"""Reading a request's body, until the connection finds that it comes too slowly.

The connection knows how fast a body arrives, and the route in which form its client is told. The
one leaves word for the other in the request's state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from hinode.api.request_errors import RequestError, RequestErrorCode

_TOO_SLOW = "body_is_too_slow"


def mark_too_slow(state: MutableMapping[str, Any]) -> None:
    """Note in the state of a request that its body comes too slowly."""
    state[_TOO_SLOW] = True


def is_too_slow(state: Mapping[str, Any]) -> bool:
    """Return whether a request's body was found to come too slowly."""
    return _TOO_SLOW in state


async def stream_body(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises :class:`RequestError` when it comes too slowly, ``ClientDisconnect`` when it breaks off.
    """
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        more = message.get("more_body", False)
        if more and is_too_slow(request.scope.get("state", {})):
            raise _too_slow()
        yield message.get("body", b"")


def _too_slow() -> RequestError:
    return RequestError(
        RequestErrorCode.BODY_TOO_SLOW,
        "The request body comes too slowly; nothing was made.",
        headers={"connection": "close"},
    )
