"""Old jobs are archived: gone for clients, with their files; usage, credits and ledger stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hinode import EngineRegistry, ErrorCode, HinodeError, Services, load_settings, open_services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits import repository as ledger
from hinode.core.jobs.accounting import Period
from hinode.core.jobs.job_log import JobLogLine
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import job_logs
from hinode.core.jobs.types import Job
from hinode.core.jobs.usage_report import UsageGroup
from hinode.kit.captured_lines import CapturedLine
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock
from hinode.workflows.queues import create_tables
from tests.support.accounts import account_with, caller_of

FOX = VideoRequest("a fox", GenerationParams(seconds="4"))
RETENTION = timedelta(days=30)


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Services]:
    settings = load_settings(
        data=tmp_path,
        database=database_url,
        job_retention_days=RETENTION.days,
        retention_hours=0,
        queue_timeout_hours=24.0 * 365,
    )
    opened = open_services(settings, engines=EngineRegistry([]), clock=clock)
    create_tables(opened.db)
    yield opened
    opened.close()


def completed(services: Services, caller: Caller, folder: Path) -> Job:
    order = services.core.execution.begin(services.core.jobs.create_video(caller, FOX).id)
    assert order is not None
    path = folder / "film.mp4"
    path.write_bytes(b"film")
    film = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 2, 2, 96, 4.0)
    assert services.core.execution.complete(order.job, [film])
    return order.job


def kept(services: Services, caller: Caller, clock: FakeClock) -> list[Any]:
    today = clock.now().date()
    period = Period(today - timedelta(days=365), today)
    with services.db.read() as conn:
        entries = ledger.entries(conn, caller.account_id)
    overview = services.core.overview
    by_engine = services.core.reports.usage(period, [UsageGroup.ENGINE])
    return [overview.usage(caller, period), overview.credits(caller), entries, by_engine]


def test_an_archived_job_leaves_its_usage_and_its_ledger(
    services: Services, clock: FakeClock, tmp_path: Path
) -> None:
    # Ids carry the time of the machine, by which the oldest jobs are found.
    clock.advance(datetime.now(UTC) - clock.now())
    caller = caller_of(services, account_with(services))
    old = completed(services, caller, tmp_path)
    waiting = services.core.jobs.create_video(caller, FOX)
    line = JobLogLine("w-1", CapturedLine(clock.now(), "info", "render ended", {}))
    services.core.execution.append_log(old.id, [line])
    before = kept(services, caller, clock)

    clock.advance(RETENTION - timedelta(minutes=1))
    assert services.core.job_cleanup.sweep().archived_jobs == 0
    assert services.core.job_admin.log(old.id) == [line]
    assert list(services.store.list(f"outputs/{old.id.hex}"))

    clock.advance(timedelta(minutes=2))
    assert services.core.job_cleanup.sweep().archived_jobs == 1
    with pytest.raises(HinodeError) as raised:
        services.core.jobs.job(caller, old.id)
    assert raised.value.code is ErrorCode.JOB_NOT_FOUND
    assert not list(services.store.list(f"outputs/{old.id.hex}"))
    services.core.execution.append_log(old.id, [line])
    with services.db.read() as conn:
        assert conn.execute(job_logs.select()).all() == []
    assert services.core.jobs.job(caller, waiting.id).job.id == waiting.id
    assert kept(services, caller, clock) == before
