"""A Sora server that says odd things: no job is lost by them, and no account for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.upstreams.pool import EngineAccountPool
from hinode.core.upstreams.service import UpstreamService
from hinode.core.upstreams.types import Slots, UpstreamAccountCreate, UpstreamAccountState
from hinode.engines.base import JobAction, Ticket
from hinode.engines.remote.errors import FailureKind
from hinode.kit.named_keys import FixedKeys
from hinode.kit.secret_box import SecretBox
from hinode.testing.clock import FakeClock
from hinode.upstream_accounts import AccountInfo, TokenSet
from tests.integration.test_sora_engine import Ground, refusal
from tests.support.account_pools import BlockingPool
from tests.support.upstreams.sora import Person, SoraServer, error, sora_server
from tests.support.upstreams.wire import Reply, WireRequest

OTHER_KEY = b"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="


class OddServer(SoraServer):
    """Answers to calls by the end of their path, in place of the usual ones."""

    odd: dict[str, Callable[[Person], Reply]]

    def _answer(self, person: Person, request: WireRequest, path: str) -> Reply:
        usual = super()._answer(person, request, path)
        return self.odd[path](person) if path in self.odd else usual


@pytest.fixture
def server() -> OddServer:
    made = OddServer()
    made.odd = {}
    return made


@pytest.fixture
def ground(
    services: Services, caller: Caller, tmp_path: Path, server: OddServer
) -> Iterator[Ground]:
    with sora_server(server) as wire:
        yield Ground(services, caller, server, wire, tmp_path)


def created(**balance: Any) -> Callable[[Person], Reply]:
    """A create that is taken, with a quota beside it."""

    def answer(person: Person) -> Reply:
        task_id = list(person.tasks)[-1]
        return Reply(200, {"id": task_id, "rate_limit_and_credit_balance": balance})

    return answer


ODD_QUOTAS: dict[str, dict[str, Any]] = {
    "text": {"estimated_num_videos_remaining": "12"},
    "no flag": {"rate_limit_reached": "no"},
    "more than a column": {"estimated_num_videos_remaining": 10**12},
    "more than a float": {"estimated_num_videos_remaining": 10**400},
    "for ever": {"estimated_num_videos_remaining": 0, "access_resets_in_seconds": 1e300},
    "long ago": {"estimated_num_videos_remaining": 0, "access_resets_in_seconds": -1e300},
    "less than nothing": {"estimated_num_videos_remaining": -(10**12)},
}


@pytest.mark.parametrize("name", sorted(ODD_QUOTAS))
def test_a_job_that_was_taken_is_not_lost_by_the_quota_beside_it(
    ground: Ground, server: OddServer, name: str
) -> None:
    ann = ground.person("ann")
    server.odd["/nf/create"] = created(**ODD_QUOTAS[name])
    assert ground.submit(ground.specs(1)[0]).data["task"] == next(iter(ann.tasks))


@pytest.mark.parametrize("resets_in", [0, 1e-9])
def test_a_quota_that_is_back_at_once_is_not_asked_for_without_a_pause(
    ground: Ground, resets_in: float
) -> None:
    ann = ground.person("ann")
    balance = {"access_resets_in_seconds": resets_in}
    gone = {"type": "rate_limit_exhausted", "rate_limit_and_credit_balance": balance}
    ann.faults = [error(429, "rate_limit_exhausted", "No more videos.", **gone)] * 1000
    spec = ground.specs(1)[0]

    async def some_time() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await ground.engine().submit(spec)

    asyncio.run(some_time())
    assert ground.wire.count("POST", "/backend/nf/create") == 1


@pytest.mark.parametrize("odd", ["t" * 201, "task\x00"], ids=["long", "nul"])
def test_an_id_that_cannot_be_kept_is_an_answer_without_one(
    ground: Ground, server: OddServer, odd: str
) -> None:
    ground.person("ann")
    server.odd["/nf/create"] = lambda _: Reply(200, {"id": odd})
    assert refusal(ground, ground.specs(1)[0]).failure_kind is FailureKind.UNCERTAIN


@pytest.mark.parametrize(
    "email",
    ["a" * 300 + "@example.com", "a\x00@example.com", "nobody"],
    ids=["long", "nul", "no address"],
)
def test_one_odd_account_does_not_keep_the_others_from_being_looked_after(
    ground: Ground, server: OddServer, email: str
) -> None:
    ground.person("ann")
    ben = ground.person("ben")
    server.odd["/me"] = lambda person: Reply(
        200, {"email": "ben@example.com" if person is ben else email}
    )
    assert asyncio.run(ground.engine().maintenance()) == 2
    assert asyncio.run(ground.engine().maintenance()) == 0
    assert (ground.view("ann").account.email, ground.view("ben").account.videos_left) == (
        "ann@example.com",
        100,
    )


def test_a_reason_that_no_database_keeps_is_kept_without_its_odd_parts(ground: Ground) -> None:
    ann = ground.person("ann")
    ann.faults = [Reply(500, b'{"error": {"message": "It \\ud800 broke \\u0000 down."}}')]
    assert refusal(ground, ground.specs(1)[0]).failure_kind is FailureKind.UNCERTAIN
    assert ground.view("ann").account.reason == "It broke down."


def test_new_tokens_that_come_while_the_old_ones_are_refused_are_tried(
    ground: Ground, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator mends an account in the moment in which it would be set aside."""
    ann = ground.person("ann")
    ann.access, ann.refresh = "revoked-there", "rt-new"
    usual = server.refresh_tokens

    def refresh(token: str) -> Reply:
        if token != "rt-new":
            mended = TokenSet(refresh="rt-new")
            ground.desk.add(UpstreamAccountCreate("far", mended, email="ann@example.com"))
        return usual(token)

    monkeypatch.setattr(server, "refresh_tokens", refresh)
    ground.submit(ground.specs(1)[0])
    assert (ground.view("ann").state, len(ann.tasks)) == (UpstreamAccountState.READY, 1)


def test_a_failure_nobody_thought_of_stops_only_its_own_account(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.person("ann")
    ground.person("ben")
    bad = ground.view("ann").account.id
    usual = EngineAccountPool.update_info

    async def update_info(pool: EngineAccountPool, account_id: UUID, info: AccountInfo) -> None:
        if account_id == bad:
            raise RuntimeError("unthought of")
        await usual(pool, account_id, info)

    monkeypatch.setattr(EngineAccountPool, "update_info", update_info)
    assert asyncio.run(ground.engine().maintenance()) == 2
    assert ground.view("ben").account.videos_left == 100


@pytest.mark.parametrize(
    "token",
    ["at\r\nx: y", "ключ", "a b", "", "t" * 20_000],
    ids=["lines", "letters", "blank", "none", "long"],
)
def test_a_new_token_that_cannot_be_sent_is_not_kept(
    ground: Ground, server: OddServer, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = ground.person("ann")
    ann.access = "revoked-there"
    monkeypatch.setattr(server, "refresh_tokens", lambda _: Reply(200, {"access_token": token}))
    failure = refusal(ground, ground.specs(1)[0])
    assert (failure.failure_kind, failure.not_accepted) == (FailureKind.UNREACHABLE, True)
    assert ground.tokens("ann") == TokenSet("at-ann-0", None, "rt-ann-0")
    assert ground.view("ann").state is UpstreamAccountState.READY


def test_tokens_sealed_with_another_key_are_told_as_such_and_work_again_with_theirs(
    ground: Ground, services: Services, clock: FakeClock
) -> None:
    ann = ground.person("ann")
    right, spec = ground.pool, ground.specs(1)[0]
    ground.pool = BlockingPool(
        UpstreamService(services.db, SecretBox(FixedKeys.of(OTHER_KEY)), services.clock, ("far",))
    )
    assert asyncio.run(ground.engine().maintenance()) == 1
    for _ in range(4):  # it rests longer than a job waits
        ground.pool.record_failure(
            ground.view("ann").account.id, ground.view("ann").account.reason or ""
        )
    failure = refusal(ground, spec)
    assert (failure.failure_kind, failure.not_accepted) == (FailureKind.BUSY, True)
    assert "another key" in (ground.view("ann").account.reason or "")
    ground.pool = right
    clock.advance(timedelta(minutes=31))
    ground.submit(spec)
    assert len(ann.tasks) == 1


def test_a_ticket_of_another_kind_of_engine_is_no_parent(ground: Ground) -> None:
    ground.person("ann")
    for data in ({"id": "video_1"}, {"task": "task_1", "account": "nonsense"}):
        spec = replace(ground.specs(1)[0], action=JobAction.REMIX, parent=Ticket(dict(data)))
        assert refusal(ground, spec).failure_kind is FailureKind.INVALID_REQUEST


def test_a_short_pause_does_not_shorten_a_long_rest(ground: Ground, clock: FakeClock) -> None:
    ground.person("ann", Slots())
    account = ground.view("ann").account.id
    for _ in range(6):
        ground.pool.record_failure(account, "It broke.")
    rest = ground.view("ann").account.cooldown_until
    ground.pool.cool_down(account, 5, "It is full.")
    assert rest == clock.now() + timedelta(seconds=160)
    assert ground.view("ann").account.cooldown_until == rest
    ground.pool.cool_down(account, 600, "Too often.")
    ground.pool.record_failure(account, "It broke.")
    assert ground.view("ann").account.cooldown_until == clock.now() + timedelta(seconds=600)
