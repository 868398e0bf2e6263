"""What an account sees of its callbacks and may send again, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.options import Callback
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job
from hinode.core.pagination import PageQuery
from hinode.core.webhooks.tables import deliveries
from hinode.core.webhooks.types import AttemptResult, DeliveryLogEntry, DeliveryState
from hinode.kit.ids import new_id
from tests.support.accounts import account_with, caller_of

URL = "https://receiver.example/hook"


def canceled(services: Services, caller: Caller) -> Job:
    """Make a job with a callback and cancel it, which is told."""
    params = GenerationParams(seconds="4")
    request = VideoRequest("a fox", params, callback=Callback(URL, "http://127.0.0.1/"))
    job = services.core.jobs.create_video(caller, request)
    return services.core.jobs.cancel(caller, job.id)


def sent(services: Services, caller: Caller) -> list[DeliveryLogEntry]:
    return services.core.callbacks.page(caller, PageQuery(10)).items


def arrive(services: Services) -> None:
    """Let the newest delivery arrive."""
    with services.db.read() as conn:
        newest = sa.select(deliveries.c.id).order_by(deliveries.c.id.desc()).limit(1)
        delivery_id = conn.execute(newest).scalar_one()
    prepared = services.core.deliveries.prepare(delivery_id, 1)
    assert prepared is not None
    services.core.deliveries.record_attempt(
        prepared, AttemptResult(services.clock.now(), 12, status=200, response="ok")
    )


def test_callbacks_are_told_newest_first_each_once(services: Services, caller: Caller) -> None:
    jobs = [canceled(services, caller).id for _ in range(3)]
    arrive(services)

    first, *others = sent(services, caller)
    page = services.core.callbacks.page(caller, PageQuery(2))
    rest = services.core.callbacks.page(caller, PageQuery(2, page.items[-1].event_id))

    assert [one.job_id for one in (first, *others)] == jobs[::-1]
    assert (first.state, first.status, first.response) == (DeliveryState.DELIVERED, 200, "ok")
    assert {one.state for one in others} == {DeliveryState.PENDING}
    assert (page.has_more, rest.has_more) == (True, False)
    assert [one.job_id for one in rest.items] == jobs[:1]


def test_what_is_sent_again_is_one_callback_still(services: Services, caller: Caller) -> None:
    canceled(services, caller)
    arrive(services)
    (before,) = sent(services, caller)

    again = services.core.callbacks.resend(caller, before.event_id)

    assert (again.event_id, again.state, again.attempt) == (
        before.event_id, DeliveryState.PENDING, None,
    )  # fmt: skip
    assert sent(services, caller) == [again]
    arrive(services)
    assert sent(services, caller)[0].state is DeliveryState.DELIVERED


def test_another_account_finds_none_of_it(services: Services, caller: Caller) -> None:
    canceled(services, caller)
    (own,) = sent(services, caller)
    stranger = caller_of(services, account_with(services))

    assert sent(services, stranger) == []
    for event_id in (own.event_id, new_id()):
        with pytest.raises(HinodeError) as caught:
            services.core.callbacks.resend(stranger, event_id)
        assert caught.value.code is ErrorCode.EVENT_NOT_FOUND
    assert sent(services, caller) == [own]
