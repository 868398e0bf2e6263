"""HTTP/1.1 with bounds on open connections."""

from __future__ import annotations

import asyncio
from typing import Any

from hinode.api.http1.bodies import BoundedBodiesProtocol


class BoundedHttpProtocol(BoundedBodiesProtocol):
    """The protocol of one connection, with all bounds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection; close it beyond the bounds."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not self._limits.connections.opened(self._address, len(self.connections)):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the end."""
        self._limits.connections.closed(self._address)
        super().connection_lost(exc)
