"""The pool of accounts at upstream servers: who gets a job, what rests, and what is kept secret."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
import sqlalchemy as sa

from hinode import HinodeError, Services
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller
from hinode.core.upstreams.service import UpstreamAccountUpdate, UpstreamService
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
    AccountInfo,
    AccountLease,
    LeaseRequest,
    LeaseUnavailable,
    TokenSet,
    UnavailableReason,
)
from tests.support.account_pools import BlockingPool
from tests.support.queued import new_jobs

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
VIDEO = LeaseRequest(MediaKind.VIDEO)
USUAL = Slots()


@pytest.fixture
def pool(services: Services) -> BlockingPool:
    return BlockingPool(
        UpstreamService(services.db, SecretBox(FixedKeys.of(KEY)), services.clock, ("far",))
    )


@pytest.fixture
def desk(services: Services) -> UpstreamService:
    return UpstreamService(services.db, SecretBox(FixedKeys.of(KEY)), services.clock, ("far",))


def add(desk: UpstreamService, number: int = 0, slots: Slots = USUAL) -> UUID:
    tokens = TokenSet(access=f"at-{number}", refresh=f"rt-{number}")
    new = UpstreamAccountCreate("far", tokens, email=f"p{number}@example.com", slots=slots)
    return desk.add(new).account.id


def lease(pool: BlockingPool, job_id: UUID, need: LeaseRequest = VIDEO) -> AccountLease:
    found = pool.acquire(job_id, need)
    assert isinstance(found, AccountLease), found
    return found


def shortage(pool: BlockingPool, job_id: UUID, need: LeaseRequest = VIDEO) -> LeaseUnavailable:
    found = pool.acquire(job_id, need)
    assert isinstance(found, LeaseUnavailable), found
    return found


@pytest.mark.full
def test_fifty_accounts_share_a_thousand_jobs_evenly(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    for number in range(50):
        add(desk, number, Slots(videos=UNLIMITED if number % 2 else 30))
    each = 20 if services.db.is_sqlite else 5
    made = new_jobs(services, caller, 50 * each)
    with ThreadPoolExecutor(4) as threads:
        leases = list(threads.map(lambda job_id: lease(pool, job_id), made))
    shares = Counter(one.account_id for one in leases)
    assert len(shares) == 50
    assert all(abs(count - each) <= each / 10 for count in shares.values()), shares


def test_no_account_has_more_jobs_than_it_may_however_many_ask_at_once(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    small, large = add(desk, 1, Slots(videos=2)), add(desk, 2, Slots(videos=5))
    made = new_jobs(services, caller, 20)
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda job_id: pool.acquire(job_id, VIDEO), made))
    given = [one for one in found if isinstance(one, AccountLease)]
    assert Counter(one.account_id for one in given) == {small: 2, large: 5}
    assert {one.reason for one in found if isinstance(one, LeaseUnavailable)} == {
        UnavailableReason.FULL
    }
    pictures = lease(pool, new_jobs(services, caller)[0], LeaseRequest(MediaKind.IMAGE))
    assert pictures.account_id in (small, large)


def test_a_job_stays_with_its_account_and_its_end_frees_the_slot(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    account = add(desk, 1, Slots(videos=1))
    first, second = new_jobs(services, caller, 2)
    held = lease(pool, first)
    pool.mark_sending(first)
    pool.mark_sent(held, "task_there")
    add(desk, 2)
    assert lease(pool, first) == AccountLease(first, account, MediaKind.VIDEO, True, "task_there")
    desk.change(desk.all()[1].account.id, UpstreamAccountUpdate(enabled=False))
    assert shortage(pool, second).reason is UnavailableReason.FULL

    services.core.jobs.delete(caller, first)  # nobody is told of this end

    assert lease(pool, second).account_id == account
    assert pool.acquire(first, VIDEO) is None
    assert (desk.delete_ended_leases(), desk.delete_ended_leases()) == (1, 0)
    assert desk.view(account).videos == 1


def test_a_job_that_was_not_sent_lets_its_account_go(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    add(desk, 1, Slots(videos=1))
    first, second = new_jobs(services, caller, 2)
    lease(pool, first)
    pool.release(first)
    assert not lease(pool, second).sent


def test_a_job_whose_time_is_up_gets_no_account(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller, clock: FakeClock
) -> None:
    add(desk)
    job = new_jobs(services, caller)[0]
    clock.advance(timedelta(days=2))
    assert services.core.job_cleanup.sweep().overdue_jobs == 1
    assert pool.acquire(job, VIDEO) is None


def test_pro_jobs_go_to_accounts_with_the_plan(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    plain, paid = add(desk, 1), add(desk, 2)
    job, need = new_jobs(services, caller)[0], LeaseRequest(MediaKind.VIDEO, pro=True)
    pool.update_info(plain, AccountInfo(plan=Plan.PLUS))
    assert shortage(pool, job, need).reason is UnavailableReason.PLAN
    pool.update_info(paid, AccountInfo(plan=Plan.PRO))
    assert lease(pool, job, need).account_id == paid


def test_an_account_without_quota_rests_until_it_gets_more(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller, clock: FakeClock
) -> None:
    account = add(desk)
    job = new_jobs(services, caller)[0]
    pool.update_info(account, AccountInfo(videos_left=0, resets_in=600))
    assert shortage(pool, job) == LeaseUnavailable(UnavailableReason.QUOTA, 600)
    assert lease(pool, new_jobs(services, caller)[0], LeaseRequest(MediaKind.IMAGE))
    clock.advance(timedelta(seconds=601))
    assert lease(pool, job).account_id == account


def test_errors_in_a_row_make_longer_rests_and_a_success_ends_them(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller, clock: FakeClock
) -> None:
    account = add(desk)
    rests = []
    for job in new_jobs(services, caller, 3):
        pool.record_failure(account, "The server answered with status 500.")
        short = shortage(pool, job)
        assert (short.reason, desk.view(account).state) == (
            UnavailableReason.COOLDOWN,
            UpstreamAccountState.COOLDOWN,
        )
        rests.append(short.seconds or 0)
        clock.advance(timedelta(seconds=rests[-1]))
        held = lease(pool, job)
    assert rests == [5, 10, 20]
    pool.mark_sent(held, "task_1")
    view = desk.view(account)
    assert (view.account.failures, view.state, view.account.reason) == (
        0,
        UpstreamAccountState.READY,
        None,
    )


def test_an_account_set_aside_gets_nothing_until_it_is_mended(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    account = add(desk, 7)
    job = new_jobs(services, caller)[0]
    pool.quarantine(account, "Its token is refused.")
    assert shortage(pool, job).reason is UnavailableReason.NOBODY
    assert desk.view(account).account.reason == "Its token is refused."
    again = desk.add(UpstreamAccountCreate("far", TokenSet(access="new"), email="P7@example.com"))
    assert (again.account.id, again.state) == (account, UpstreamAccountState.READY)
    assert pool.tokens(account) == TokenSet("new", None, "rt-7")
    assert lease(pool, job).account_id == account


def test_one_process_at_a_time_renews_a_token_and_a_dead_one_is_followed(
    pool: BlockingPool, desk: UpstreamService, clock: FakeClock
) -> None:
    account = add(desk)
    assert pool.claim_refresh(account)
    assert not pool.claim_refresh(account)
    clock.advance(timedelta(seconds=91))  # whoever claimed it was killed before it kept anything
    assert pool.claim_refresh(account)
    assert pool.tokens(account) == TokenSet("at-0", None, "rt-0")
    pool.finish_refresh(account, TokenSet(access="at-1", refresh="rt-1"))
    assert pool.tokens(account) == TokenSet("at-1", None, "rt-1")
    assert pool.claim_refresh(account)


def test_tokens_lie_sealed_in_the_database_and_show_nowhere(
    services: Services, pool: BlockingPool, desk: UpstreamService
) -> None:
    secret = "eyJsecret-of-the-account"
    view = desk.add(UpstreamAccountCreate("far", TokenSet(secret, secret, secret)))
    with services.db.read() as conn:
        row = conn.execute(sa.text("SELECT * FROM upstream_accounts")).one()
    assert secret not in str(tuple(row))
    assert secret not in repr((view, pool.tokens(view.account.id)))
    assert desk.export("far")[0][1].session == secret


def test_an_error_of_the_database_names_nothing_that_was_written(
    services: Services, desk: UpstreamService
) -> None:
    """Such errors end in the log: with prompts, addresses and sealed tokens, they would be read."""
    desk.add(UpstreamAccountCreate("far", TokenSet(access="at"), email="somebody@example.com"))
    with services.db.read() as conn:
        row = conn.execute(upstream_accounts.select()).mappings().one()
    with pytest.raises(sa.exc.IntegrityError) as error, services.db.write() as conn:
        conn.execute(upstream_accounts.insert().values(**row))
    assert "somebody" not in str(error.value)
    assert row["access_token"] not in str(error.value)


def test_what_makes_no_sense_is_refused(desk: UpstreamService) -> None:
    fine = TokenSet(access="at")
    for new, param in (
        (UpstreamAccountCreate("near", fine), "engine"),
        (UpstreamAccountCreate("far", TokenSet()), "access_token"),
        (UpstreamAccountCreate("far", TokenSet(session="a b")), "session_token"),
        (UpstreamAccountCreate("far", fine, email="nobody"), "email"),
        (UpstreamAccountCreate("far", fine, slots=Slots(-2)), "video_concurrency"),
        (UpstreamAccountCreate("far", fine, label="a\x00b"), "label"),
        (UpstreamAccountCreate("far", TokenSet(access="at", client_id="c" * 121)), "client_id"),
        (UpstreamAccountCreate("far", TokenSet(access="at", client_id="c\x00")), "client_id"),
    ):
        with pytest.raises(HinodeError) as refusal:
            desk.add(new)
        assert refusal.value.param == param
    for verb in (desk.view, desk.remove):
        with pytest.raises(HinodeError, match="no account of an engine"):
            verb(new_id())


def test_an_odd_address_in_a_token_is_none(desk: UpstreamService) -> None:
    for email in ("a" * 300 + "@example.com", "a\x00@example.com"):
        claims = {"https://api.openai.com/profile": {"email": email}}
        token = jwt.encode(claims, "k" * 32, "HS256")
        assert desk.add(UpstreamAccountCreate("far", TokenSet(access=token))).account.email is None


def test_an_account_with_jobs_is_not_removed(
    services: Services, pool: BlockingPool, desk: UpstreamService, caller: Caller
) -> None:
    account = add(desk)
    job = new_jobs(services, caller)[0]
    lease(pool, job)
    with pytest.raises(HinodeError, match="1 unfinished job"):
        desk.remove(account)
    services.core.jobs.cancel(caller, job)
    desk.remove(account)
    assert desk.all() == []
