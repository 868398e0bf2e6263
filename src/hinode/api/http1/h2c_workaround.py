"""A workaround for uvicorn: ignore ``Upgrade: h2c``.

curl can send ``Upgrade: h2c`` without TLS. RFC 9110 §7.8 lets a server ignore it, but uvicorn's
parser then treats the rest of the connection, starting with the request body, as another protocol
and drops it.
"""

from __future__ import annotations

import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFER = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


class H2cWorkaroundProtocol(HttpToolsProtocol):
    """The protocol of one connection, with ``Upgrade: h2c`` removed from request heads.

    ``_in_body`` is True between a head and the end of its body.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_body = False

    def data_received(self, data: bytes) -> None:
        """Parse ``data`` without the header, unless it belongs to a request body."""
        if not self._in_body and b"h2c" in data:
            head, end, rest = data.partition(_END_OF_HEAD)
            data = _OFFER.sub(b"", head) + end + rest
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """End a head: its body comes next, be it empty."""
        super().on_headers_complete()
        self._in_body = True

    def on_message_complete(self) -> None:
        """End a request: what comes next is a head."""
        self._in_body = False
        super().on_message_complete()
