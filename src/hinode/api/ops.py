"""Operations: liveness, readiness and metrics.

These routes need no key and say nothing of any tenant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.metrics import CONTENT_TYPE, Metrics
from hinode.api.routing import RouteDocs, RouteTable

_DOCS = RouteDocs("Operations", {503: "A part that jobs need fails: the body says which."})

CHECK_SECONDS = 5.0
"""How long a part may take to answer before it counts as failed."""

log = structlog.get_logger("hinode.ready")


@dataclass(frozen=True, slots=True)
class OpsRoutes:
    """One method per route."""

    context: ApiContext
    metrics: Metrics

    async def healthz(self, _request: Request) -> Response:
        """Answer: the process lives and serves."""
        return _json({"status": "ok"})

    async def readyz(self, _request: Request) -> Response:
        """Try every part that jobs need; 503 names those that fail, the log says why."""
        names = list(self.context.checks)
        passed = await asyncio.gather(*(self._try(name) for name in names))
        checks = {name: "ok" if ok else "failed" for name, ok in zip(names, passed, strict=True)}
        ready = all(passed)
        body = {"status": "ready" if ready else "unready", "checks": checks}
        return _json(body, 200 if ready else 503)

    async def scrape(self, _request: Request) -> Response:
        """Return the metrics for Prometheus."""
        unfinished = await self.context.call(self.context.core.jobs.unfinished_jobs)
        return Response(self.metrics.render(unfinished), headers={"content-type": CONTENT_TYPE})

    async def _try(self, name: str) -> bool:
        check: Callable[[], None] = self.context.checks[name]
        try:
            await asyncio.wait_for(self.context.call(check), CHECK_SECONDS)
        except Exception as error:
            log.warning("a part is not ready", part=name, reason=str(error) or repr(error))
            return False
        return True


def add_routes(table: RouteTable, context: ApiContext, metrics: Metrics) -> None:
    """Serve ``/healthz``, ``/readyz`` and ``/metrics``."""
    ops = OpsRoutes(context, metrics)
    table.add(_DOCS, "GET", "/healthz", ops.healthz, "healthz", None, public=True)
    table.add(_DOCS, "GET", "/readyz", ops.readyz, "readyz", None, 503, public=True)
    table.add(_DOCS, "GET", "/metrics", ops.scrape, "metrics", None, public=True)


def _json(value: object, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")
