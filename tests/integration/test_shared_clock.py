"""Accounts at upstream servers go by one clock, and are not lost to one that was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hinode import Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.engines import service as engines
from hinode.core.engines.types import EngineFailure
from hinode.core.upstreams.service import UpstreamService
from hinode.core.upstreams.types import UpstreamAccountCreate, UpstreamAccountState
from hinode.kit.clock import SystemClock
from hinode.kit.named_keys import FixedKeys
from hinode.kit.secret_box import SecretBox
from hinode.media.types import MediaKind
from hinode.testing.clock import FakeClock
from hinode.upstream_accounts import AccountInfo, AccountLease, LeaseRequest, TokenSet
from tests.support.account_pools import BlockingPool
from tests.support.queued import new_jobs

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
AHEAD = timedelta(days=40)


@pytest.fixture
def shared(tmp_path: Path, database_url: str) -> Iterator[Services]:
    """A machine with a clock of its own."""
    far = {"kind": "sora", "origin": "trained", "url": "http://127.0.0.1:9/backend"}
    opened = open_services(
        load_settings(data=tmp_path, database=database_url, engines={"far": far}, engine="far")
    )
    yield opened
    opened.close()


@pytest.fixture
def desk(services: Services) -> UpstreamService:
    return UpstreamService(services.db, SecretBox(FixedKeys.of(KEY)), services.clock, ("far",))


@pytest.fixture
def account(desk: UpstreamService) -> UUID:
    return add(desk)


def add(desk: UpstreamService) -> UUID:
    return desk.add(UpstreamAccountCreate("far", TokenSet("at", refresh="rt"))).account.id


def test_a_machine_that_is_ahead_takes_no_claim_of_another(
    shared: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, pool = add(shared.core.upstreams), BlockingPool(shared.core.upstreams)
    assert pool.claim_refresh(account)
    assert not pool.claim_refresh(account)

    ahead = timedelta(minutes=2)
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + ahead)

    # With SQLite all processes are on one machine: its clock is theirs.
    assert pool.claim_refresh(account) is shared.db.is_sqlite


def test_what_a_wrong_clock_did_to_an_account_is_over_when_the_clock_is_back(
    services: Services, desk: UpstreamService, account: UUID, caller: Caller, clock: FakeClock
) -> None:
    pool, job = BlockingPool(desk), new_jobs(services, caller)[0]
    clock.advance(AHEAD)
    assert pool.claim_refresh(account)
    pool.update_info(account, AccountInfo(plan="plus"))
    pool.record_failure(account, "It does not answer.")
    assert desk.view(account).state is UpstreamAccountState.COOLDOWN

    clock.advance(-AHEAD)

    assert desk.view(account).state is UpstreamAccountState.READY
    assert pool.claim_refresh(account)
    assert pool.list_due() == [account]
    pool.record_failure(account, "It does not answer.")
    assert desk.view(account).state is UpstreamAccountState.COOLDOWN
    clock.advance(timedelta(minutes=1))
    lease = pool.acquire(job, LeaseRequest(MediaKind.VIDEO))
    assert isinstance(lease, AccountLease)


def test_an_account_that_cools_down_by_a_wrong_clock_gets_jobs(
    services: Services, desk: UpstreamService, account: UUID, caller: Caller, clock: FakeClock
) -> None:
    pool, job = BlockingPool(desk), new_jobs(services, caller)[0]
    clock.advance(AHEAD)
    pool.record_failure(account, "It does not answer.")
    clock.advance(-AHEAD)

    assert isinstance(pool.acquire(job, LeaseRequest(MediaKind.VIDEO)), AccountLease)


def test_an_engine_that_cools_down_by_a_wrong_clock_gets_jobs(
    services: Services, clock: FakeClock
) -> None:
    def fail() -> None:
        now = clock.now()
        failure = EngineFailure(now, "It does not answer.", 600.0)
        with services.db.write() as conn:
            engines.record_failure(conn, "far", failure, now)

    def may_start() -> bool:
        with services.db.write() as conn:
            return engines.may_start(conn, "far", clock.now())

    clock.advance(AHEAD)
    fail()
    assert not may_start()

    clock.advance(-AHEAD)
    assert may_start()
    fail()
    assert not may_start()
    clock.advance(timedelta(hours=1))
    assert may_start()
