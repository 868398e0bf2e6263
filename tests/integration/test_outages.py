"""An outage that many jobs meet, and a connection that breaks, are what they are and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.engines.service import MIN_COOLDOWN
from hinode.core.host_failures import HostFailure, host_failure
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job
from hinode.db.database import Database
from hinode.testing.clock import FakeClock
from tests.support.clock import suite_clock
from tests.support.databases import Postgres

APART = timedelta(seconds=60)


def begun(services: Services, caller: Caller) -> Job:
    """A job that renders since now."""
    job = services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams()))
    order = services.core.execution.begin(job.id, None, dispatch_no=job.dispatch_no)
    assert order is not None
    return order.job


def test_one_outage_is_one_failure_of_the_engine(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    jobs = [begun(services, caller) for _ in range(3)]
    clock.advance(timedelta(seconds=1))
    for _ in range(4):
        for job in jobs:
            services.core.router.host_failed(job, HostFailure.STORAGE)

    (engine,) = services.core.engines.engines()

    assert engine.state.failures == 1
    assert engine.cooldown_s <= MIN_COOLDOWN.total_seconds()


@pytest.mark.parametrize("apart", [APART, -APART])
def test_a_host_whose_clock_differs_begins_the_same_cooldown(
    services: Services, caller: Caller, clock: FakeClock, apart: timedelta
) -> None:
    other = suite_clock()
    other.advance(apart)
    there = replace(services.core.router, clock=other)
    job = begun(services, caller)
    job = replace(job, started_at=clock.now() + apart)
    there.host_failed(job, HostFailure.STORAGE)
    there.host_failed(job, HostFailure.STORAGE)

    (engine,) = services.core.engines.engines()

    assert engine.state.failures == 1
    assert engine.cooldown_s == MIN_COOLDOWN.total_seconds()


def break_in_transaction(db: Database, other: Database) -> None:
    with db.write() as conn:
        backend = conn.scalar(sa.text("SELECT pg_backend_pid()"))
        with other.read() as killer:
            killer.execute(sa.select(sa.func.pg_terminate_backend(backend)))
        conn.execute(sa.text("SELECT 1"))


def test_a_connection_that_breaks_in_a_transaction_is_the_databases_failure(
    postgres: Postgres,
) -> None:
    with postgres.fresh() as url:
        db, other = Database(url), Database(url)
        with pytest.raises(sa.exc.OperationalError) as caught:
            break_in_transaction(db, other)
        db.dispose()
        other.dispose()

    assert host_failure(caught.value) is HostFailure.DATABASE
