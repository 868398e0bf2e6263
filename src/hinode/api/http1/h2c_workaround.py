"""HTTP/1.1 as uvicorn speaks it, deaf to offers of HTTP/2 on plain connections.

curl and what is built on it add ``Upgrade: h2c`` to requests without TLS. RFC 9110 §7.8 lets a
server ignore that; uvicorn's parser instead takes the rest of the connection, the request's own
body first, for another protocol and drops it.
"""

from __future__ import annotations

import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFER = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*(?=\r\n|\Z)", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


class H2cWorkaroundProtocol(HttpToolsProtocol):
    """The protocol of one connection; ``_in_body`` tells whether a body is what comes next."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_body = False

    def data_received(self, data: bytes) -> None:
        """Take what came in, without the offer where a head may hold one."""
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
