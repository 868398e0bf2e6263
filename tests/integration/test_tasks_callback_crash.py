"""A callback that was written and not sent when its server died, on both databases."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from standardwebhooks import Webhook

from hinode import EngineRegistry, Services, load_settings, open_services
from hinode.core.auth.bootstrap import ensure_admin, first_key
from hinode.core.auth.types import Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.options import Callback
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobError
from hinode.core.webhooks.types import DeliveryState
from hinode.kit.ids import decode_id
from hinode.worker import build_worker
from hinode.workflows.queues import create_tables
from tests.support.receiver import receiving

BROKEN = JobError("broken", "It broke.")


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.02)


def job_with_callback(services: Services, url: str) -> Job:
    ensure_admin(services.db, services.clock)
    key = first_key(services.db, services.clock)
    assert key is not None
    caller = services.core.auth.authenticate(key.secret, Scope.TASKS)
    request = VideoRequest(
        "a fox", GenerationParams(seconds="4"), callback=Callback(url, "http://here/")
    )
    return services.core.jobs.create_video(caller, request)


def test_a_callback_outlives_the_process_that_ended_its_task(
    database_url: str, tmp_path: Path
) -> None:
    """Nothing but the database survives between the settlement and the sending."""
    with receiving() as receiver:
        settings = load_settings(
            data=tmp_path, database=database_url, allow_hosts=(receiver.place,)
        )
        gone = open_services(settings, engines=EngineRegistry([]))
        create_tables(gone.db)
        job = job_with_callback(gone, receiver.url)
        assert gone.core.execution.fail(job.id, BROKEN)
        (pending,) = gone.core.deliveries.newest(5)
        gone.close()

        services = open_services(settings, engines=EngineRegistry([]))
        worker = build_worker(services)
        worker.start()
        try:
            until(lambda: services.core.deliveries.newest(1)[0].state is DeliveryState.DELIVERED)
        finally:
            worker.stop(timedelta(0))
        secret = services.core.callbacks.secret_of("admin")
        services.close()

    (received,) = receiver.requests
    Webhook(secret).verify(received.body.decode(), dict(received.headers))
    task = json.loads(received.body)
    assert (task["id"], task["status"]) == (str(job.id), "failed")
    assert decode_id("evt_", received.headers["webhook-id"]) == pending.event_id
