"""Names, invites, sessions and quotas on both databases, also when many come at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.accounts import usernames
from hinode.core.accounts.types import Plan, UsernameKind, UsernameOwner
from hinode.core.auth.signup import SignupRequest
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.params import GenerationParams
from hinode.core.jobs.account_admin import AccountUpdate
from hinode.core.jobs.quota import UNLIMITED_CREDITS, UNLIMITED_VIDEOS
from hinode.core.jobs.requests import ImageRequest, VideoRequest
from hinode.core.jobs.types import Job, JobError
from hinode.kit.ids import new_id
from hinode.testing.clock import FakeClock
from hinode.workflows.queues import create_tables
from tests.support.people import admitted, new_account

CALLERS = 8
PER_DAY, INVITES = 3, 3


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    """A studio where everybody may sign up, and the free plan is small."""
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        signup="open",
        plans={"free": {"videos_per_day": PER_DAY, "invites": INVITES}},
    )
    opened = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(opened.db)
    yield opened
    opened.close()


def person(services: Services, plan: Plan = Plan.FREE, credits: int | None = None) -> Caller:
    token = admitted(services, new_account(services, plan, credits)).access.secret
    return services.core.auth.authenticate(token, Scope.SORA)


def guest(services: Services) -> Caller:
    """Somebody who signed up without an invite."""
    signup = SignupRequest(f"{new_id().hex}@example.com", "correct horse")
    return services.core.auth.authenticate(
        services.core.sessions.sign_up(signup).access.secret, Scope.SORA
    )


def video(services: Services, caller: Caller) -> Job:
    return services.core.jobs.create_video(
        caller, VideoRequest("a fox", GenerationParams(seconds="4"))
    )


def at_once(verbs: list[Callable[[], object]]) -> list[object]:
    """Run all of them at the same time; return what each returned, or the code it raised."""
    gate = threading.Barrier(len(verbs))

    def run(verb: Callable[[], object]) -> object:
        gate.wait()
        try:
            return verb()
        except HinodeError as error:
            return error.code

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def claim(services: Services, name: str, kind: UsernameKind) -> str:
    owner = new_id()
    with services.db.write() as conn:
        usernames.claim(conn, name, kind, owner)
    return owner.hex


def test_of_many_who_want_a_name_one_has_it(services: Services) -> None:
    spellings = ["one.name", "One.Name", "ONE.NAME", "oNe.nAmE"]
    kinds = [UsernameKind.ACCOUNT, UsernameKind.CHARACTER]
    wanted = [(spellings[i % 4], kinds[i % 2]) for i in range(CALLERS)]

    results = at_once([partial(claim, services, *one) for one in wanted])

    winners = [one for one in results if one is not ErrorCode.NAME_TAKEN]
    assert len(winners) == 1
    with services.db.read() as conn:
        owner = usernames.owner_of(conn, "one.name")
    assert owner is not None
    assert owner.owner_id.hex == winners[0]
    assert owner.shown == wanted[results.index(winners[0])][0]


def test_a_refused_name_leaves_the_old_one(services: Services) -> None:
    mine, other = person(services), person(services)
    services.core.profiles.set_username(mine, "mine.first")
    services.core.profiles.set_username(other, "taken")

    with pytest.raises(HinodeError) as refusal:
        services.core.profiles.set_username(mine, "Taken")

    assert refusal.value.code is ErrorCode.NAME_TAKEN
    assert services.core.profiles.profile(mine.account_id).username == "mine.first"
    with services.db.read() as conn:
        owner = usernames.owner_of(conn, "MINE.first")
    assert owner == UsernameOwner(UsernameKind.ACCOUNT, mine.account_id, "mine.first")


def test_an_invite_is_redeemed_no_more_often_than_it_may_be(services: Services) -> None:
    host = person(services)
    code = services.core.profiles.invites(host).code
    guests = [guest(services) for _ in range(CALLERS)]

    results = at_once([partial(services.core.profiles.accept_invite, one, code) for one in guests])

    assert results.count(True) == INVITES
    assert results.count(ErrorCode.INVITE_INVALID) == CALLERS - INVITES
    assert services.core.profiles.invites(host).redeemed == INVITES
    active = [services.core.profiles.profile(one.account_id).activated_at for one in guests]
    assert sum(at is not None for at in active) == INVITES


def test_one_guest_counts_once(services: Services) -> None:
    host, comer = person(services), guest(services)
    code = services.core.profiles.invites(host).code

    results = at_once([partial(services.core.profiles.accept_invite, comer, code)] * CALLERS)

    assert sorted(map(str, results)) == ["False"] * (CALLERS - 1) + ["True"]
    assert services.core.profiles.invites(host).redeemed == 1


def test_nobody_invites_themselves(services: Services) -> None:
    comer = guest(services)
    (code,) = [
        services.core.accounts.invites(one.account.name).code
        for one in services.core.accounts.every()
        if one.account.id == comer.account_id
    ]

    with pytest.raises(HinodeError) as refusal:
        services.core.profiles.accept_invite(comer, code)

    assert refusal.value.code is ErrorCode.INVITE_INVALID
    assert services.core.profiles.profile(comer.account_id).activated_at is None


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "", " ", "日本", "x" * 5_000])
def test_no_text_is_too_odd_to_be_refused(services: Services, text: str) -> None:
    comer = guest(services)
    refusals = []
    for verb in (
        partial(services.core.profiles.accept_invite, comer, text),
        partial(services.core.profiles.set_username, comer, text),
        partial(services.core.sessions.log_in, text, text),
        partial(services.core.sessions.refresh, text),
        partial(services.core.sessions.renew, text),
        partial(services.core.auth.authenticate, text, Scope.SORA),
        partial(services.core.sessions.sign_up, SignupRequest(f"{text} @example.com", text * 9)),
    ):
        with pytest.raises(HinodeError) as refusal:
            verb()
        refusals.append(refusal.value.code)

    assert refusals[:2] == [ErrorCode.INVITE_INVALID, ErrorCode.INVALID_VALUE]
    with services.db.read() as conn:
        assert usernames.owner_of(conn, text) is None
    assert not services.core.profiles.username_is_free(comer, text)


def test_of_many_with_an_address_one_signs_up(services: Services) -> None:
    signup = SignupRequest("Same@example.com", "correct horse", "same.name")

    results = at_once([partial(services.core.sessions.sign_up, signup)] * CALLERS)

    assert sum(not isinstance(one, ErrorCode) for one in results) == 1
    assert len(services.core.accounts.every()) == 1


def test_of_many_who_refresh_with_one_token_one_may_and_all_are_out(services: Services) -> None:
    opened = admitted(services, new_account(services))
    assert opened.refresh is not None

    results = at_once([partial(services.core.sessions.refresh, opened.refresh)] * CALLERS)

    assert sum(not isinstance(one, ErrorCode) for one in results) == 1
    assert results.count(ErrorCode.INVALID_GRANT) == CALLERS - 1
    with pytest.raises(HinodeError) as refusal:
        services.core.auth.authenticate(opened.access.secret, Scope.SORA)
    assert refusal.value.code is ErrorCode.ACCESS_REVOKED


def test_sessions_that_ended_are_forgotten_when_the_next_begins(
    services: Services, clock: FakeClock
) -> None:
    name = new_account(services)
    for _ in range(3):
        admitted(services, name)
    clock.advance(timedelta(days=91))
    admitted(services, name)

    with services.db.read() as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM sessions").scalar() == 1
    assert services.core.sessions.end_all(name) == 1
    assert services.core.sessions.end_all(name) == 0


def test_an_account_is_changed_whole_or_not_at_all(services: Services) -> None:
    accounts, name = services.core.accounts, new_account(services)
    profile = admitted(services, name).profile
    other = AccountUpdate(email="taken@example.com")
    accounts.change(None, new_account(services), other)

    with pytest.raises(HinodeError):
        accounts.change(None, name, replace(other, plan=Plan.PRO, username="somebody"))

    after = admitted(services, name).profile
    assert (after.plan, after.username, after.email) == (Plan.FREE, None, profile.email)


def test_an_account_gets_another_address_by_its_address(services: Services) -> None:
    accounts, name = services.core.accounts, new_account(services)
    accounts.change(None, name, AccountUpdate(email="old@example.com"))

    view = accounts.change(None, "old@example.com", AccountUpdate(email="new@example.com"))

    assert view.account.name == name
    assert accounts.view("new@example.com") == view


def test_videos_count_for_a_day_and_are_told_when_one_leaves(
    services: Services, clock: FakeClock
) -> None:
    caller = person(services)
    fresh = services.core.profiles.quota(caller)
    assert (fresh.remaining, fresh.is_exhausted, fresh.resets_in_s) == (PER_DAY, False, 0)
    for _ in range(PER_DAY):
        video(services, caller)
        clock.advance(timedelta(hours=2))

    with pytest.raises(HinodeError) as refusal:
        services.core.profiles.check_quota(caller)

    eighteen_hours = 18 * 3600
    assert refusal.value.code is ErrorCode.QUOTA_EXHAUSTED
    assert refusal.value.details == {
        "rate_limit_reached": True,
        "access_resets_in_seconds": eighteen_hours,
        "credit_remaining": UNLIMITED_CREDITS,
        "estimated_num_videos_remaining": 0,
        "estimated_num_purchased_videos_remaining": 0,
    }
    assert services.core.profiles.quota(caller).rate_limit_fields() == refusal.value.details
    clock.advance(timedelta(seconds=eighteen_hours - 1))
    assert services.core.profiles.quota(caller).is_exhausted
    clock.advance(timedelta(seconds=1))
    assert services.core.profiles.check_quota(caller).remaining == 1


def test_pictures_failures_and_other_peoples_videos_do_not_count(services: Services) -> None:
    caller, other = person(services), person(services)
    services.core.jobs.create_image(caller, ImageRequest("a fox", GenerationParams()))
    failed, canceled = video(services, caller), video(services, caller)
    services.core.execution.fail(failed.id, JobError("broken", "It broke."))
    services.core.jobs.cancel(caller, canceled.id)
    video(services, other)

    assert services.core.profiles.quota(caller).remaining == PER_DAY

    deleted = video(services, caller)
    with services.db.write() as conn:
        conn.exec_driver_sql(
            f"UPDATE jobs SET state = 'completed', ended_at = 1 WHERE prompt = '{deleted.prompt}'"
            " AND state = 'queued'"
        )
    services.core.jobs.delete(caller, deleted.id)
    assert services.core.profiles.quota(caller).remaining == PER_DAY - 1


def test_a_better_plan_counts_at_once(services: Services) -> None:
    caller = person(services)
    name = services.core.profiles.profile(caller.account_id).account_name
    for _ in range(PER_DAY):
        video(services, caller)
    assert services.core.profiles.quota(caller).is_exhausted

    services.core.accounts.change(None, name, AccountUpdate(plan=Plan.PLUS))
    assert services.core.profiles.quota(caller).remaining == 60 - PER_DAY
    services.core.accounts.change(None, name, AccountUpdate(plan=Plan.TEAM))
    assert services.core.profiles.quota(caller).remaining == UNLIMITED_VIDEOS
    assert services.core.profiles.plan_of(caller) is Plan.TEAM


@pytest.mark.parametrize(
    ("credits", "remaining", "reached"), [(1, 0, False), (250, 1, False), (600, 2, False)]
)
def test_credits_bound_what_is_left(
    services: Services, credits: int, remaining: int, reached: bool
) -> None:
    quota = services.core.profiles.quota(person(services, credits=credits))

    assert (quota.remaining, quota.is_exhausted) == (remaining, reached)


def test_spent_credits_are_a_reason_to_refuse(services: Services) -> None:
    caller = person(services, credits=100)
    video(services, caller)

    with pytest.raises(HinodeError) as refusal:
        services.core.profiles.check_quota(caller)

    assert refusal.value.details["credit_remaining"] == 0


def test_profiles_of_many_accounts_come_together(services: Services) -> None:
    callers = [person(services) for _ in range(3)]
    services.core.profiles.set_username(callers[0], "the.first")
    ids = [one.account_id for one in callers]

    found = services.core.profiles.profiles([*ids, new_id()])

    assert set(found) == set(ids)
    assert [found[one].username for one in ids] == ["the.first", None, None]
    with pytest.raises(HinodeError) as refusal:
        services.core.profiles.profile(new_id())
    assert refusal.value.code is ErrorCode.PROFILE_NOT_FOUND
