"""What limits of keys and accounts hold back, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth import request_context
from hinode.core.auth.key_admin import KeyCreate, disable, enable
from hinode.core.auth.key_limits import read_networks
from hinode.core.auth.request_context import RequestContext
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits import repository as ledger
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import JobError
from hinode.testing.clock import FakeClock
from tests.support.accounts import account_with, caller_of, key_of

FOX = VideoRequest("a fox", GenerationParams(seconds="4"))
COST = 100


def refusal(act: Callable[[], object]) -> HinodeError:
    with pytest.raises(HinodeError) as refused:
        act()
    return refused.value


def create(services: Services, caller: Caller) -> None:
    services.core.jobs.create_video(caller, FOX)


def refused(services: Services, caller: Caller) -> HinodeError:
    """Try to make a job; hold the refusal to leaving nothing behind."""

    def everything() -> tuple[object, ...]:
        with services.db.read() as conn:
            made = conn.scalar(sa.text("SELECT count(*) FROM jobs"))
            return ledger.entries(conn, caller.account_id), made

    before = everything()
    error = refusal(lambda: create(services, caller))
    assert everything() == before
    return error


@pytest.mark.parametrize(
    ("limit", "over"),
    [
        ("spend_hour", timedelta(hours=1)),
        ("spend_day", timedelta(days=1)),
        ("spend_total", None),
    ],
)
def test_spending_is_limited_by_the_hour_the_day_and_in_total(
    services: Services, clock: FakeClock, limit: str, over: timedelta | None
) -> None:
    account = account_with(services)
    caller = caller_of(services, account, **{limit: 2 * COST})
    create(services, caller)
    clock.advance(timedelta(minutes=10))
    create(services, caller)

    error = refused(services, caller)
    assert error.code is ErrorCode.SPEND_LIMIT
    assert error.retry_after == 120
    create(services, caller_of(services, account))

    # The minute of the first job counts whole.
    clock.advance((over or timedelta(days=400)) - timedelta(minutes=10))
    assert refused(services, caller).code is ErrorCode.SPEND_LIMIT
    clock.advance(timedelta(minutes=1))
    if over:
        create(services, caller)
    assert refused(services, caller).code is ErrorCode.SPEND_LIMIT


def test_what_was_given_back_can_be_spent_again(services: Services) -> None:
    caller = caller_of(services, account_with(services), spend_total=COST)
    job = services.core.jobs.create_video(caller, FOX)
    assert refused(services, caller).code is ErrorCode.SPEND_LIMIT

    services.core.jobs.cancel(caller, job.id)
    job = services.core.jobs.create_video(caller, FOX)
    services.core.execution.fail(job.id, JobError("render_crashed", "It crashed."))

    create(services, caller)


def test_concurrent_creates_never_pass_a_limit(services: Services) -> None:
    account = account_with(services)
    spender = caller_of(services, account, spend_day=3 * COST)
    limited = caller_of(services, account, max_unfinished=2)

    def attempt(caller: Caller) -> bool:
        try:
            create(services, caller)
        except HinodeError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        spent = sum(pool.map(attempt, [spender] * 16))
        unfinished = sum(pool.map(attempt, [limited] * 16))

    assert (spent, unfinished) == (3, 2)


def test_unfinished_jobs_of_a_key_are_limited(services: Services) -> None:
    account = account_with(services)
    caller = caller_of(services, account, max_unfinished=1)
    job = services.core.jobs.create_video(caller, FOX)

    error = refused(services, caller)
    assert error.code is ErrorCode.TOO_MANY_JOBS
    assert error.retry_after == 15
    services.core.execution.begin(job.id)
    assert refused(services, caller).code is ErrorCode.TOO_MANY_JOBS
    create(services, caller_of(services, account))

    services.core.jobs.cancel(caller, job.id)
    create(services, caller)


def test_a_key_may_be_held_to_models_by_any_of_their_names(services: Services) -> None:
    caller = caller_of(services, account_with(services), models=("sora-2", "sora_video2"))

    def make(model: str) -> None:
        services.core.jobs.create_video(
            caller, VideoRequest("a fox", GenerationParams(model=model))
        )

    make("sora-2")
    make("sora-2-2025-12-08")
    make("sora_video2-landscape-15s")
    error = refusal(lambda: make("sora-2-pro"))
    assert (error.code, error.param) == (ErrorCode.MODEL_NOT_ALLOWED, "model")
    assert refusal(lambda: make("nonsense")).code is ErrorCode.MODEL_NOT_FOUND


def test_requests_per_minute_are_counted_exactly(services: Services, clock: FakeClock) -> None:
    secret = key_of(services, account_with(services), per_minute=2)

    def ask() -> Caller:
        return services.core.auth.authenticate(secret, Scope.VIDEOS)

    ask()
    clock.advance(timedelta(seconds=40))
    ask()
    error = refusal(ask)
    assert (error.code, error.retry_after) == (ErrorCode.RATE_LIMITED, 20)
    clock.advance(timedelta(seconds=20))
    ask()
    assert refusal(ask).retry_after == 40


@pytest.mark.parametrize(
    ("place", "passes"),
    [
        ("203.0.113.7", True),
        ("10.1.2.3", True),
        ("2001:db8::5", True),
        ("203.0.113.8", False),
        ("2001:db9::1", False),
        (None, False),
    ],
)
def test_a_key_works_only_from_its_networks(
    services: Services, place: str | None, passes: bool
) -> None:
    from ipaddress import ip_address

    networks = read_networks(["203.0.113.7", "10.0.0.0/8", "2001:db8::/32"])
    secret = key_of(services, account_with(services), networks=networks)
    token = request_context.present.set(RequestContext(ip_address(place) if place else None))
    try:
        if passes:
            services.core.auth.authenticate(secret, Scope.VIDEOS)
        else:
            error = refusal(lambda: services.core.auth.authenticate(secret, Scope.VIDEOS))
            assert error.code is ErrorCode.IP_NOT_ALLOWED
    finally:
        request_context.present.reset(token)


def test_a_disabled_key_stops_until_it_is_enabled(services: Services) -> None:
    secret, keys = key_of(services, account_with(services)), services.core.keys

    keys.change(None, keys.find(secret).id, disable)
    error = refusal(lambda: services.core.auth.authenticate(secret, Scope.VIDEOS))
    keys.change(None, keys.find(secret).id, enable)

    assert error.code is ErrorCode.KEY_DISABLED
    services.core.auth.authenticate(secret, Scope.VIDEOS)


def test_a_key_that_is_disabled_again_keeps_its_time(services: Services, clock: FakeClock) -> None:
    keys = services.core.keys
    key = keys.find(key_of(services, account_with(services)))
    since = keys.change(None, key.id, disable).key.disabled_at

    clock.advance(timedelta(hours=1))

    assert since is not None
    assert keys.change(None, key.id, disable).key.disabled_at == since


def test_a_key_is_found_by_what_names_only_it(services: Services) -> None:
    keys, name = services.core.keys, account_with(services)
    one, other = (keys.create(KeyCreate(name, "twin")) for _ in range(2))
    key = one.view.key

    for reference in (str(key.id), key.id.hex, key.hint, one.secret):
        assert keys.find(reference).id == key.id
    assert "2 match 'twin'" in str(refusal(lambda: keys.find("twin")))
    keys.revoke(None, key.id)
    assert keys.find("twin").id == other.view.key.id
    error = refusal(lambda: keys.find(one.secret))
    assert error.code is ErrorCode.KEY_NOT_FOUND
    assert one.secret not in str(error)


@pytest.mark.parametrize(
    "limits",
    [
        {"spend_day": -1},
        {"per_minute": 0},
        {"max_unfinished": 0},
        {"spend_total": 10**12},
        {"models": ("a,b",)},
    ],
    ids=str,
)
def test_limits_that_make_no_sense_are_refused(
    services: Services, limits: dict[str, object]
) -> None:
    account = account_with(services)

    assert refusal(lambda: key_of(services, account, **limits)).code is ErrorCode.INVALID_VALUE


@pytest.mark.parametrize("text", ["10.0.0.1/8", "example.com", "", "1.2.3"])
def test_what_is_no_network_is_refused(text: str) -> None:
    assert refusal(lambda: read_networks([text])).code is ErrorCode.INVALID_VALUE
