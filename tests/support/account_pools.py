"""Account pools for tests without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hinode.core.upstreams.service import UpstreamService


@dataclass(frozen=True)
class BlockingPool:
    """The pool of an engine, whose methods return when they are done; from any thread."""

    upstreams: UpstreamService
    engine: str = "far"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.upstreams.pool(self.engine), name)

        def call(*args: object) -> Any:
            return asyncio.run(method(*args))

        return call
