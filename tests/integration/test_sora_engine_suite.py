"""The contract of engines, held by the one for the Sora dialect, with a pool that is no studio."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.pool import Facts, Grants, Lease, Need, NoLease
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.testing.engine_suite import EngineSuite, Factory
from tests.support.upstreams.sora import SoraServer, sora_server
from tests.support.upstreams.wire import WireServer

ANN = UUID(int=1)


@dataclass(frozen=True)
class OneAccount:
    """Ann, who has room for everybody and whose token never ends."""

    async def acquire(self, job_id: UUID, need: Need) -> Lease | NoLease | None:
        return Lease(job_id, ANN, need.kind, False, None)

    async def grants(self, account_id: UUID) -> Grants | None:
        return Grants("at-ann-0") if account_id == ANN else None

    async def ends_soon(self, account_id: UUID) -> bool:
        return False

    async def claim_refresh(self, account_id: UUID) -> bool:
        return False

    async def due(self) -> list[UUID]:
        return []

    async def sending(self, job_id: UUID) -> None: ...

    async def sent(self, lease: Lease, remote_id: str) -> None: ...

    async def release(self, job_id: UUID) -> None: ...

    async def refreshed(self, account_id: UUID, tokens: Grants | None) -> None: ...

    async def failed(self, account_id: UUID, reason: str) -> None: ...

    async def pause(self, account_id: UUID, seconds: float, reason: str) -> None: ...

    async def set_aside(self, account_id: UUID, reason: str) -> None: ...

    async def learn(self, account_id: UUID, facts: Facts) -> None: ...


def engine_at(url: str) -> SoraEngine:
    given = {"kind": "sora", "url": f"{url}/backend", "poll_seconds": 0.05}
    return SoraEngine("far", SoraEngineSettings.model_validate(given), OneAccount())


class TestSora(EngineSuite):
    failing, stalling = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self) -> Iterator[None]:
        server = SoraServer()
        server.add("ann")
        with sora_server(server) as wire:
            self.wire: WireServer = wire
            yield

    def factory(self) -> Factory:
        return functools.partial(engine_at, self.wire.url)
