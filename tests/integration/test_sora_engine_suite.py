"""The contract of engines, held by the one for the Sora dialect, with a pool that is no studio."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from hinode.engines.sora.engine import SoraEngine
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from hinode.upstream_accounts import (
    AccountInfo,
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    TokenSet,
)
from tests.support.upstreams.sora import SoraServer, sora_server
from tests.support.upstreams.wire import WireServer

ANN = UUID(int=1)


@dataclass(frozen=True)
class OneAccount:
    """Ann, who has room for everybody and whose token never ends."""

    async def acquire(
        self, job_id: UUID, request: LeaseRequest
    ) -> AccountLease | LeaseUnavailable | None:
        return AccountLease(job_id, ANN, request.kind, False, None)

    async def tokens(self, account_id: UUID) -> TokenSet | None:
        return TokenSet("at-ann-0") if account_id == ANN else None

    async def expires_soon(self, account_id: UUID) -> bool:
        return False

    async def claim_refresh(self, account_id: UUID) -> bool:
        return False

    async def list_due(self) -> list[UUID]:
        return []

    async def mark_sending(self, job_id: UUID) -> None: ...

    async def mark_sent(self, lease: AccountLease, remote_id: str) -> None: ...

    async def release(self, job_id: UUID) -> None: ...

    async def finish_refresh(self, account_id: UUID, tokens: TokenSet | None) -> None: ...

    async def record_failure(self, account_id: UUID, reason: str) -> None: ...

    async def cool_down(self, account_id: UUID, seconds: float, reason: str) -> None: ...

    async def quarantine(self, account_id: UUID, reason: str) -> None: ...

    async def update_info(self, account_id: UUID, info: AccountInfo) -> None: ...


def engine_at(url: str) -> SoraEngine:
    given = {
        "kind": "sora",
        "origin": "trained",
        "url": f"{url}/backend",
        "poll_interval_seconds": 0.05,
    }
    return SoraEngine("far", SoraEngineSettings.model_validate(given), OneAccount())


class TestSora(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self) -> Iterator[None]:
        server = SoraServer()
        server.add("ann")
        with sora_server(server) as wire:
            self.wire: WireServer = wire
            yield

    def factory(self) -> EngineFactory:
        return functools.partial(engine_at, self.wire.url)
