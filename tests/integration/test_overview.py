"""What accounts see of themselves, on both databases."""

from __future__ import annotations

from datetime import timedelta

from hinode import Services
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.accounting import CreditSummary, Period
from hinode.core.jobs.job_lists import JobQuery
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import Job, JobError, JobState
from hinode.testing.clock import FakeClock


def make(services: Services, caller: Caller, seconds: str = "4", model: str = "sora-2") -> Job:
    params = GenerationParams(model=model, seconds=seconds)
    return services.core.jobs.create_video(caller, VideoRequest("a fox", params))


def test_credits_are_held_until_a_job_ends_and_come_back_when_it_fails(
    services: Services, caller: Caller
) -> None:
    job = make(services, caller, "8")
    assert services.core.overview.credits(caller) == CreditSummary(None, held=200, spent=0)

    services.core.execution.fail(job.id, JobError("broken", "It broke."))

    assert services.core.overview.credits(caller) == CreditSummary(None, held=0, spent=0)


def test_usage_is_by_day_and_model_and_deleted_jobs_count(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    first = clock.now().date()
    second = first + timedelta(days=1)
    yesterday = make(services, caller)
    services.core.jobs.delete(caller, yesterday.id)
    clock.advance(timedelta(days=1))
    for model in ("sora-2", "sora-2", "sora-2-pro"):
        make(services, caller, model=model)

    rows = services.core.overview.usage(caller, Period(first, second))

    assert [(row.day, row.model, row.jobs, row.failed, row.credits) for row in rows] == [
        (second, "sora-2", 2, 0, 200),
        (second, "sora-2-pro", 1, 0, 300),
        (first, "sora-2", 1, 1, 0),
    ]
    assert {(row.key_id, row.key_name) for row in rows} == {(caller.key_id, "first key")}
    assert services.core.overview.usage(caller, Period(first, first)) == rows[2:]


def test_videos_are_found_by_state(services: Services, caller: Caller) -> None:
    first, second = make(services, caller), make(services, caller)
    services.core.jobs.cancel(caller, first.id)

    queued = services.core.overview.videos(caller, JobQuery(10, states=[JobState.QUEUED]))
    page = services.core.overview.videos(caller, JobQuery(1))

    assert [one.job.id for one in queued.items] == [second.id]
    assert ([one.job.id for one in page.items], page.has_more) == ([second.id], True)
