"""Routes for operations: liveness, readiness, metrics.

They need no API key and expose no data of accounts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.metrics import CONTENT_TYPE, Metrics, Observed
from hinode.api.routing import RouteDocs, RouteTable

_DOCS = RouteDocs(
    "Operations",
    {503: "Not ready; `checks` and `creates` name the failing part."},
)

CHECK_SECONDS = 5.0
"""Timeout of one check."""

log = structlog.get_logger("hinode.ready")


@dataclass(frozen=True, slots=True)
class OpsRoutes:
    """Handlers of liveness, readiness and metrics.

    ``strict``: always ready for creates or not at all, which is what a worker's readiness means.
    """

    context: ApiContext
    metrics: Metrics
    strict: bool

    async def healthz(self, _request: Request) -> Response:
        """Check liveness: the process serves requests."""
        return _json({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """Check readiness of the database, the object store, workers and engines.

        The status is 503 when reads fail, and with `?for=create` also when a create would fail or
        no worker is alive. The server's log has the reasons.
        """
        readiness = self.context.readiness
        reading = readiness.reads()
        parts = {**reading, "workers": readiness.workers}
        passed = await asyncio.gather(*(self._try(*part) for part in parts.items()))
        works = dict(zip(parts, passed, strict=True))
        reads = all(works[name] for name in reading)
        reason = await self._why_creates_are_refused() if reads else "reads fail"
        strict = self.strict or request.query_params.get("for") == "create"
        engines = await self._engines() if reads else {}
        # One absent engine is no reason to turn clients of the others away.
        renders = works["workers"] and set(engines.values()) != {"absent"}
        ready = reads and not (strict and (reason or not renders))
        body = {
            "status": "ready" if ready else "unready",
            "checks": {name: "ok" if ok else "failed" for name, ok in works.items()},
            "creates": f"refused({reason})" if reason else "ok",
            "engines": engines,
            "clock": await self._clock() if reads else "unknown",
        }
        return _json(body, 200 if ready else 503)

    async def scrape(self, _request: Request) -> Response:
        """Retrieve metrics in the Prometheus text format."""
        text = await self.context.call(self._metrics)
        return Response(text, headers={"content-type": CONTENT_TYPE})

    def _metrics(self) -> bytes:
        core, readiness = self.context.core, self.context.readiness
        observed = Observed(
            core.jobs.unfinished_jobs(),
            readiness.engines(),
            readiness.slots(),
            readiness.free_bytes(),
            core.clocks.status().doubt is None,
        )
        return self.metrics.render(observed)

    async def _why_creates_are_refused(self) -> str | None:
        try:
            return await asyncio.wait_for(
                self.context.call(self.context.readiness.creates), CHECK_SECONDS
            )
        except TimeoutError:
            return "no answer"

    async def _engines(self) -> Mapping[str, str]:
        try:
            return await self.context.call(self.context.readiness.engines)
        except Exception:
            log.warning("the states of the engines cannot be read")
            return {}

    async def _clock(self) -> str:
        try:
            return await self.context.call(self.context.readiness.clock)
        except Exception:
            log.warning("the stored time cannot be read")
            return "unknown"

    async def _try(self, name: str, check: Callable[[], None]) -> bool:
        try:
            await asyncio.wait_for(self.context.call(check), CHECK_SECONDS)
        except Exception as error:
            log.warning("a readiness check failed", check=name, reason=str(error) or repr(error))
            return False
        return True


def add_routes(
    table: RouteTable, context: ApiContext, metrics: Metrics, *, strict: bool = False
) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``."""
    ops = OpsRoutes(context, metrics, strict)
    table.add(_DOCS, "GET", "/healthz", ops.healthz, "healthz", None, public=True)
    table.add(_DOCS, "GET", "/readyz", ops.readyz, "readyz", None, 503, public=True)
    table.add(_DOCS, "GET", "/metrics", ops.scrape, "metrics", None, public=True)


def _json(value: object, status: int = 200) -> Response:
    return Response(dump(value), status, media_type="application/json")
