"""The account that the database chooses is the one that the rule names, on both databases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from hinode import Services
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller
from hinode.core.jobs.tables import jobs
from hinode.core.upstreams.service import UpstreamService
from hinode.core.upstreams.tables import upstream_accounts
from hinode.core.upstreams.types import (
    UNLIMITED,
    Slots,
    UpstreamAccountCreate,
    UpstreamAccountState,
)
from hinode.kit.ids import new_id
from hinode.kit.named_keys import FixedKeys
from hinode.kit.secret_box import SecretBox
from hinode.media.types import MediaKind
from hinode.testing.clock import FakeClock
from hinode.upstream_accounts import (
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    TokenSet,
    UnavailableReason,
)
from tests.support.account_pools import BlockingPool
from tests.support.queued import new_jobs

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
VIDEO, IMAGE = MediaKind.VIDEO, MediaKind.IMAGE
MINUTE = timedelta(minutes=1)


@dataclass
class Account:
    """What the rule looks at; minutes from now for times."""

    id: UUID
    state: UpstreamAccountState
    plan: Plan | None
    slots: dict[MediaKind, int]
    rests: int | None
    left: int | None
    resets: int | None
    use_order: int
    busy: dict[MediaKind, int]

    def waits(self, kind: MediaKind) -> int:
        """Minutes until it can take jobs."""
        waits = [0, self.rests or 0]
        if kind is VIDEO and self.is_empty:
            waits.append(30 if self.resets is None else self.resets)
        return max(waits)

    @property
    def is_empty(self) -> bool:
        return self.left is not None and self.left <= 0 and (self.resets is None or self.resets > 0)


def rule(accounts: Sequence[Account], need: LeaseRequest) -> Account | LeaseUnavailable:
    """The rule in plain words: free capacity first, then fairness."""
    ready = [
        one for one in accounts if one.state is UpstreamAccountState.READY and one.slots[need.kind]
    ]
    ready = [one for one in ready if need.account_id in (None, one.id)]
    fit = [one for one in ready if not need.pro or one.plan in (Plan.PRO, Plan.TEAM)]
    able = [one for one in fit if one.waits(need.kind) == 0]
    free = [
        one
        for one in able
        if one.slots[need.kind] == UNLIMITED or one.busy[need.kind] < one.slots[need.kind]
    ]
    if free:
        return min(free, key=lambda one: (one.busy[need.kind], one.use_order, one.id))
    if able:
        return LeaseUnavailable(UnavailableReason.FULL)
    if not fit:
        return LeaseUnavailable(UnavailableReason.PLAN if ready else UnavailableReason.NOBODY)
    empty = need.kind is VIDEO and all(one.is_empty for one in fit)
    return LeaseUnavailable(
        UnavailableReason.QUOTA if empty else UnavailableReason.COOLDOWN,
        60.0 * min(one.waits(need.kind) for one in fit),
    )


def some_account(dice: random.Random) -> Account:
    slots = [UNLIMITED, 0, 1, 2, 3]
    return Account(
        id=new_id(),
        state=dice.choice([UpstreamAccountState.READY] * 4 + [UpstreamAccountState.QUARANTINED]),
        plan=dice.choice([None, *Plan]),
        slots={kind: dice.choice(slots) for kind in MediaKind},
        rests=dice.choice([None, None, -1, 0, 5]),
        left=dice.choice([None, None, 0, 4]),
        resets=dice.choice([None, -1, 0, 7]),
        use_order=dice.randrange(4),
        busy={VIDEO: 0, IMAGE: 0},
    )


@dataclass
class Pool:
    services: Services
    clock: FakeClock
    pool: BlockingPool
    near: BlockingPool
    jobs: list[UUID]

    def write(self, accounts: Sequence[Account]) -> None:
        now = self.clock.now()
        with self.services.db.write() as conn:
            for one in accounts:
                at = [None if m is None else now + m * MINUTE for m in (one.rests, one.resets)]
                conn.execute(
                    upstream_accounts.update()
                    .where(upstream_accounts.c.id == one.id)
                    .values(
                        state=one.state.value,
                        plan=one.plan.value if one.plan else None,
                        video_slots=one.slots[VIDEO],
                        image_slots=one.slots[IMAGE],
                        cooldown_until=at[0],
                        resets_at=at[1],
                        videos_left=one.left,
                        use_order=one.use_order,
                    )
                )

    def add(self, accounts: Sequence[Account], engine: str = "far") -> None:
        new = {"engine": engine, "label": "", "failures": 0, "videos_made": 0, "images_made": 0}
        with self.services.db.write() as conn:
            for one in accounts:
                row = {"id": one.id, "access_token": "x", "created_at": self.clock.now(), **new}
                row |= {"state": "ready", "video_slots": 1, "image_slots": 1, "use_order": 99}
                conn.execute(upstream_accounts.insert().values(**row))
        self.write(accounts)


@pytest.fixture
def pool(services: Services, caller: Caller, clock: FakeClock) -> Pool:
    upstreams = UpstreamService(services.db, SecretBox(FixedKeys.of(KEY)), clock, ("far", "near"))
    far, near = BlockingPool(upstreams), BlockingPool(upstreams, "near")
    return Pool(services, clock, far, near, new_jobs(services, caller, 200))


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_one_that_the_rule_names(pool: Pool, seed: int) -> None:
    dice = random.Random(seed)
    accounts = [some_account(dice) for _ in range(8)]
    elsewhere = [some_account(dice) for _ in range(3)]
    pool.add(accounts)
    pool.add(elsewhere, "near")
    seen = set[str]()
    for job_id in pool.jobs[:50]:
        if dice.random() < 0.2:
            fresh = some_account(dice)
            fresh.id, fresh.busy = (old := dice.choice(accounts)).id, old.busy
            accounts[accounts.index(old)] = fresh
            pool.write(accounts)
        named = dice.choice([*accounts, *elsewhere]).id if dice.random() < 0.15 else None
        need = LeaseRequest(dice.choice(list(MediaKind)), dice.random() < 0.3, named)
        expected = rule(accounts, need)
        found = pool.pool.acquire(job_id, need)
        if isinstance(expected, LeaseUnavailable):
            assert found == expected
            seen.add(expected.reason)
            continue
        assert found == AccountLease(job_id, expected.id, need.kind)
        expected.busy[need.kind] += 1
        expected.use_order = max(one.use_order for one in accounts) + 1
        seen.add("lease")
    assert len(seen) > 2


def test_accounts_of_ended_jobs_are_free_though_nobody_let_them_go(pool: Pool) -> None:
    (one,) = accounts = [some_account(random.Random(1))]
    one.state, one.slots, one.rests, one.left = (
        UpstreamAccountState.READY,
        {VIDEO: 2, IMAGE: 0},
        None,
        None,
    )
    pool.add(accounts)
    taken = [pool.pool.acquire(job_id, LeaseRequest(VIDEO)) for job_id in pool.jobs[:3]]
    assert taken[2] == LeaseUnavailable(UnavailableReason.FULL)
    with pool.services.db.write() as conn:
        conn.execute(jobs.update().where(jobs.c.id == pool.jobs[0]).values(state="failed"))
    assert isinstance(pool.pool.acquire(pool.jobs[2], LeaseRequest(VIDEO)), AccountLease)


def test_a_job_that_moved_takes_no_account_along_to_another_server(
    pool: Pool, services: Services
) -> None:
    """The tokens of one server's account must never be sent to another server."""
    desk = UpstreamService(
        services.db, SecretBox(FixedKeys.of(KEY)), services.clock, ("far", "near")
    )
    add = [
        desk.add(UpstreamAccountCreate(engine, TokenSet(access=engine), slots=Slots())).account.id
        for engine in ("far", "near")
    ]
    unsent, sent, known = pool.jobs[:3]
    for job_id in (unsent, sent, known):
        pool.pool.acquire(job_id, LeaseRequest(VIDEO))
    pool.pool.mark_sending(sent)
    pool.pool.mark_sending(known)
    pool.pool.mark_sent(AccountLease(known, add[0], VIDEO), "task_there")
    with services.db.write() as conn:
        conn.execute(jobs.update().where(jobs.c.id.in_(pool.jobs[:3])).values(engine="near"))

    assert pool.pool.acquire(unsent, LeaseRequest(VIDEO)) is None
    assert pool.near.acquire(unsent, LeaseRequest(VIDEO)) == AccountLease(unsent, add[1], VIDEO)
    # What may be at the other server is not sent again, and its id there is not looked for here.
    for job_id in (sent, known):
        assert pool.near.acquire(job_id, LeaseRequest(VIDEO)) == AccountLease(
            job_id, add[0], VIDEO, sent=True
        )
