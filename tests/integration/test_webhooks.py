"""Webhooks from a job's end to a real receiver, on both databases, through real DBOS."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from openai import InvalidWebhookSignatureError, OpenAI

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobError
from hinode.core.pagination import PageQuery
from hinode.core.webhooks.endpoint_lifecycle import EndpointUpdate
from hinode.core.webhooks.retry_schedule import RetrySchedule
from hinode.core.webhooks.types import (
    AttemptResult,
    DeliveryLogEntry,
    DeliveryState,
    DeliveryTarget,
    EndpointWithSecret,
    Event,
)
from hinode.kit.ids import decode_id, new_id, to_video_id
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from tests.support.clock import suite_clock
from tests.support.receiver import Answer, Received, Receiver, receiving

BROKEN = JobError("broken", "It broke.")
AT_ONCE = RetrySchedule((0.0, 0.0, 0.0, 0.0))
OpenStudio = Callable[..., Services]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def open_studio(database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[OpenStudio]:
    """Open a studio whose tries come in quick succession and may reach the receiver."""
    opened: list[Services] = []

    def open_(
        schedule: RetrySchedule = AT_ONCE, allow: tuple[str, ...] = (receiver.place,)
    ) -> Services:
        settings = load_settings(data=tmp_path, database=database_url, allow_hosts=allow)
        services = open_services(settings, engines=EngineRegistry([]), retry_schedule=schedule)
        opened.append(services)
        create_tables(services.db)
        ensure_admin(services.db, services.clock)
        return services

    yield open_
    for one in opened:
        one.close()


@pytest.fixture
def services(open_studio: OpenStudio) -> Services:
    return open_studio()


@pytest.fixture
def caller(services: Services) -> Caller:
    return caller_of(services)


@pytest.fixture
def working(services: Services) -> Iterator[None]:
    with_worker = build_worker(services)
    with_worker.start()
    yield
    with_worker.stop(timedelta(0))


def caller_of(services: Services) -> Caller:
    made = first_key(services.db, services.clock)
    assert made is not None
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


def listen(
    services: Services, caller: Caller, url: str, *events: str, name: str = "n8n"
) -> EndpointWithSecret:
    wanted = events or ("video.completed", "video.failed")
    return services.core.webhooks.create(caller, EndpointUpdate(name, url, wanted))


def failed_job(services: Services, caller: Caller) -> Job:
    job = services.core.jobs.create_video(
        caller, VideoRequest("a fox", GenerationParams(seconds="4"))
    )
    assert services.core.execution.fail(job.id, BROKEN)
    return job


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.02)


def deliveries(services: Services) -> list[DeliveryLogEntry]:
    return services.core.deliveries.newest(50)


def states(services: Services) -> list[DeliveryState]:
    return [one.state for one in deliveries(services)]


def all_ended(services: Services) -> bool:
    found = states(services)
    return bool(found) and DeliveryState.PENDING not in found


def unwrapped(secret: str, request: Received) -> str:
    """Let the official SDK verify a request; return the type that it read."""
    client = OpenAI(api_key="unused", webhook_secret=secret)
    return str(client.webhooks.unwrap(request.body, dict(request.headers)).type)


@pytest.mark.usefixtures("working")
def test_a_jobs_end_arrives_signed_as_the_official_sdk_wants_it(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    secret = listen(services, caller, receiver.url).secret

    job = failed_job(services, caller)

    until(lambda: all_ended(services))
    (request,) = receiver.requests
    body = json.loads(request.body)
    assert list(body) == ["id", "object", "created_at", "type", "data"]
    assert body["object"] == "event"
    assert body["type"] == "video.failed"
    assert body["data"] == {"id": to_video_id(job.id)}
    assert body["created_at"] == pytest.approx(time.time(), abs=60)
    assert body["id"] == request.headers["webhook-id"]
    assert body["id"].startswith("evt_")
    assert request.headers["content-type"] == "application/json"
    assert unwrapped(secret, request) == "video.failed"
    with pytest.raises(InvalidWebhookSignatureError):
        unwrapped("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==", request)
    (entry,) = deliveries(services)
    assert (entry.state, entry.status, entry.attempt) == (DeliveryState.DELIVERED, 200, 1)
    assert entry.response == "thanks"


@pytest.mark.usefixtures("working")
def test_every_try_sends_the_same_bytes_under_the_same_id_until_one_arrives(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    receiver.answer = lambda number, _: Answer(503 if number < 3 else 204)
    secret = listen(services, caller, receiver.url).secret

    failed_job(services, caller)

    until(lambda: all_ended(services))
    assert len({request.body for request in receiver.requests}) == 1
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert [unwrapped(secret, one) for one in receiver.requests] == ["video.failed"] * 3
    history = services.core.deliveries.history(deliveries(services)[0].event_id)
    assert [(one.attempt, one.status) for one in history] == [(1, 503), (2, 503), (3, 204)]
    assert all(one.latency_ms is not None and one.at is not None for one in history)


@pytest.mark.usefixtures("working")
def test_the_schedule_ends(services: Services, caller: Caller, receiver: Receiver) -> None:
    receiver.answer = lambda *_: Answer(500)
    listen(services, caller, receiver.url)

    failed_job(services, caller)

    until(lambda: all_ended(services))
    assert states(services) == [DeliveryState.FAILED]
    assert len(receiver.requests) == len(AT_ONCE.delays)


def test_waiting_tries_outlive_the_worker_that_decided_on_them(
    open_studio: OpenStudio, receiver: Receiver
) -> None:
    services = open_studio(RetrySchedule((0.0, 2.0)))
    caller = caller_of(services)
    receiver.answer = lambda number, _: Answer(500 if number == 1 else 200)
    listen(services, caller, receiver.url)
    first = build_worker(services)
    first.start()
    failed_job(services, caller)
    until(lambda: deliveries(services)[0].attempt == 1)
    first.stop(timedelta(0))
    assert states(services) == [DeliveryState.PENDING]

    second = build_worker(services)
    second.start()
    try:
        until(lambda: all_ended(services))
    finally:
        second.stop(timedelta(0))

    assert states(services) == [DeliveryState.DELIVERED]
    assert len(receiver.requests) == 2


def test_a_try_that_was_cut_off_is_made_again_by_the_next_worker(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    receiver.answer = lambda number, _: Answer() if receiver.released.wait(120) else Answer(500)
    listen(services, caller, receiver.url)
    failed_job(services, caller)
    first = build_worker(services)
    first.start()
    until(lambda: len(receiver.requests) == 1)
    first.stop(timedelta(0))
    receiver.released.set()

    second = build_worker(services)
    second.start()
    try:
        until(lambda: all_ended(services))
    finally:
        second.stop(timedelta(0))

    assert states(services) == [DeliveryState.DELIVERED]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1


@pytest.mark.usefixtures("working")
def test_a_slow_receiver_delays_nobody_else(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    def answer(_number: int, request: Received) -> Answer:
        if request.path == "/slow":
            receiver.released.wait(120)
        return Answer()

    receiver.answer = answer
    listen(services, caller, f"http://{receiver.place}/slow", name="slow")
    listen(services, caller, receiver.url, name="quick")

    for _ in range(20):  # more than one receiver may have on the wire
        failed_job(services, caller)

    def arrived() -> bool:
        return sum(one.path == "/hook" for one in receiver.requests) == 20

    until(arrived)
    until(lambda: states(services).count(DeliveryState.PENDING) == 20)
    receiver.released.set()
    until(lambda: all_ended(services))


@pytest.mark.usefixtures("working")
def test_410_disables_the_endpoint_until_its_url_is_named_again(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    receiver.answer = lambda *_: Answer(410)
    endpoint = listen(services, caller, receiver.url).endpoint

    failed_job(services, caller)
    until(lambda: all_ended(services))
    failed_job(services, caller)

    assert states(services) == [DeliveryState.FAILED]
    assert len(receiver.requests) == 1
    assert "410" in (services.core.webhooks.get(caller, endpoint.id).disabled_reason or "")
    event_id = deliveries(services)[0].event_id
    with pytest.raises(HinodeError):
        services.core.deliveries.resend(event_id)

    receiver.answer = lambda *_: Answer()
    services.core.webhooks.update(caller, endpoint.id, EndpointUpdate(url=receiver.url))
    assert services.core.deliveries.resend(event_id) == 1
    until(lambda: all_ended(services))
    assert states(services) == [DeliveryState.DELIVERED, DeliveryState.FAILED]
    first, second = receiver.requests
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)


@pytest.mark.usefixtures("working")
def test_redirects_are_not_followed(services: Services, caller: Caller, receiver: Receiver) -> None:
    receiver.answer = lambda *_: Answer(307, {"location": f"http://{receiver.place}/elsewhere"})
    listen(services, caller, receiver.url)

    failed_job(services, caller)

    until(lambda: all_ended(services))
    assert {request.path for request in receiver.requests} == {"/hook"}
    assert "redirect" in (deliveries(services)[0].error or "")


def test_a_private_address_is_refused_by_number_at_once_and_by_name_when_sending(
    open_studio: OpenStudio, receiver: Receiver
) -> None:
    services = open_studio(RetrySchedule((0.0,)), allow=())
    caller = caller_of(services)
    for url in (receiver.url, "http://2130706433/", "https://[::ffff:10.0.0.1]/x", "ftp://a.de/"):
        with pytest.raises(HinodeError) as refused:
            listen(services, caller, url)
        assert (refused.value.code, refused.value.param) == (ErrorCode.INVALID_VALUE, "url")

    port = receiver.place.rpartition(":")[2]
    listen(services, caller, f"http://localhost:{port}/hook")
    worker = build_worker(services)
    worker.start()
    try:
        failed_job(services, caller)
        until(lambda: all_ended(services))
    finally:
        worker.stop(timedelta(0))

    assert receiver.requests == []
    assert "public Internet" in (deliveries(services)[0].error or "")


@pytest.mark.usefixtures("working")
def test_after_a_rotation_either_secret_verifies_when_the_old_one_is_kept(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    made = listen(services, caller, receiver.url)
    kept = services.core.webhooks.rotate(caller, made.endpoint.id, keep_old=True)

    failed_job(services, caller)
    until(lambda: len(receiver.requests) == 1)
    (request,) = receiver.requests
    assert len(request.headers["webhook-signature"].split()) == 2
    for secret in (made.secret, kept.secret):
        assert unwrapped(secret, request) == "video.failed"

    dropped = services.core.webhooks.rotate(caller, made.endpoint.id, keep_old=False)
    failed_job(services, caller)
    until(lambda: len(receiver.requests) == 2)
    assert unwrapped(dropped.secret, receiver.requests[1]) == "video.failed"
    with pytest.raises(InvalidWebhookSignatureError):
        unwrapped(kept.secret, receiver.requests[1])


@pytest.mark.usefixtures("working")
def test_a_url_is_a_target_like_an_endpoint_and_signed_by_its_account(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    sender, secret = services.core.deliveries, services.core.callbacks.secret(caller)
    event = Event(
        new_id(), caller.account_id, "task.completed", None, '{"code":200}', services.clock.now()
    )
    target = DeliveryTarget(url=receiver.url)

    with services.db.write() as conn:
        sender.send(conn, event, [target])

    until(lambda: all_ended(services))
    (request,) = receiver.requests
    assert request.body == b'{"code":200}'
    assert request.headers["webhook-id"] == event.public_id
    assert unwrapped(secret, request)


def test_only_who_listens_is_told_and_deleting_tells_nobody(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    listen(services, caller, receiver.url, "video.completed")
    stranger = stranger_to(services)

    failed_job(services, caller)
    failed_job(services, stranger)
    assert deliveries(services) == []

    endpoint = listen(services, caller, receiver.url, "video.failed").endpoint
    gone = services.core.jobs.create_video(caller, VideoRequest("a", GenerationParams(seconds="4")))
    services.core.jobs.delete(caller, gone.id)
    assert deliveries(services) == []

    canceled = services.core.jobs.create_video(
        caller, VideoRequest("a", GenerationParams(seconds="4"))
    )
    services.core.jobs.cancel(caller, canceled.id)
    (entry,) = deliveries(services)
    assert (entry.event_type, entry.state) == ("video.failed", DeliveryState.PENDING)

    services.core.webhooks.delete(caller, endpoint.id)
    assert states(services) == [DeliveryState.DROPPED]


def stranger_to(services: Services) -> Caller:
    services.core.accounts.create(AccountCreate("stranger", unlimited=True))
    made = services.core.keys.create(KeyCreate("stranger", "k", frozenset({Scope.VIDEOS})))
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


def test_tenants_do_not_see_each_others_endpoints(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    mine = listen(services, caller, receiver.url).endpoint.id
    stranger, desk = stranger_to(services), services.core.webhooks

    assert desk.page(stranger, PageQuery(20)).items == []
    for attempt in (
        lambda: desk.get(stranger, mine),
        lambda: desk.update(stranger, mine, EndpointUpdate(name="mine")),
        lambda: desk.delete(stranger, mine),
        lambda: desk.rotate(stranger, mine, keep_old=False),
        lambda: desk.prepare_test(stranger, mine, "video.failed"),
    ):
        with pytest.raises(HinodeError) as refused:
            attempt()
        assert refused.value.code is ErrorCode.WEBHOOK_NOT_FOUND


def test_a_try_settles_once_whoever_made_it(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    listen(services, caller, receiver.url)
    failed_job(services, caller)
    delivery_id = only_delivery(services)
    first = services.core.deliveries.prepare(delivery_id, 1)
    second = services.core.deliveries.prepare(delivery_id, 1)
    assert first is not None
    assert second == first

    outcome = AttemptResult(services.clock.now(), 3, status=500)
    assert services.core.deliveries.record_attempt(first, outcome) is DeliveryState.PENDING
    assert services.core.deliveries.record_attempt(first, outcome) is None
    assert services.core.deliveries.prepare(delivery_id, 1) is None

    again = services.core.deliveries.prepare(delivery_id, 2)
    assert again is not None
    busy = AttemptResult(services.clock.now(), 3, status=503, retry_after=100.0)
    assert services.core.deliveries.record_attempt(again, busy) is DeliveryState.PENDING
    assert services.core.deliveries.prepare(delivery_id, 3) is not None
    (entry,) = deliveries(services)
    assert entry.next_attempt_at is not None
    assert 90 < (entry.next_attempt_at - services.clock.now()).total_seconds() <= 100


def only_delivery(services: Services) -> UUID:
    from hinode.core.webhooks.tables import deliveries as table

    with services.db.read() as conn:
        found: UUID = conn.execute(table.select()).one().id
    return found


def test_secrets_lie_sealed_under_a_key_that_only_the_owner_reads(
    services: Services, caller: Caller, receiver: Receiver
) -> None:
    secret = listen(services, caller, receiver.url).secret

    key = services.settings.secret_file
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    (stored,) = services.core.webhooks.page(caller, PageQuery(1)).items
    assert secret not in repr(stored)
    assert services.core.webhooks.secret_box.decrypt(stored.secret) == secret


def test_old_events_are_forgotten_with_all_that_was_sent_of_them(
    database_url: str, tmp_path: Path
) -> None:
    clock = suite_clock()
    settings = load_settings(data=tmp_path, database=database_url)
    services = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(services.db)
    ensure_admin(services.db, clock)
    caller = caller_of(services)
    listen(services, caller, "https://example.com/hook")
    failed_job(services, caller)
    prepared = services.core.deliveries.prepare(only_delivery(services), 1)
    assert prepared is not None
    services.core.deliveries.record_attempt(prepared, AttemptResult(clock.now(), 3, status=200))
    assert services.core.deliveries.delete_old_events() == 0

    clock.advance(timedelta(days=31))

    assert services.core.deliveries.delete_old_events() == 1
    assert deliveries(services) == []
    event_id = decode_id("evt_", prepared.event_id)
    assert event_id is not None
    with pytest.raises(HinodeError) as refused:
        services.core.deliveries.resend(event_id)
    assert refused.value.code is ErrorCode.EVENT_NOT_FOUND
    services.close()
