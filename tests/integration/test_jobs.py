"""What the studio promises of jobs and their money, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from hinode import ErrorCode, HinodeError, Services
from hinode.core.assets.orphans import MIN_ORPHAN_AGE
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import LedgerEntryKind
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import IdempotencyKey, VideoRequest
from hinode.core.jobs.types import JobError, JobState, ProgressReport
from hinode.kit.ids import new_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock
from tests.support.clock import date_files
from tests.support.pictures import input_image, png_bytes
from tests.support.uptime import pass_uptime

FOX = VideoRequest("a fox", GenerationParams(seconds="4"))


def kinds(services: Services, caller: Caller) -> list[LedgerEntryKind]:
    with services.db.read() as conn:
        return [entry.kind for entry in ledger.entries(conn, caller.account_id)]


def balance_is_sum(services: Services, account_id: UUID) -> int:
    with services.db.read() as conn:
        entries = ledger.entries(conn, account_id)
        amount = ledger.balance(conn, account_id).amount
    assert amount == sum(entry.amount for entry in entries)
    return amount


def enqueued(services: Services) -> int:
    table = "workflow_status" if services.db.is_sqlite else "dbos.workflow_status"
    with services.db.read() as conn:
        return conn.scalar(sa.text(f"SELECT count(*) FROM {table}")) or 0


def limited_caller(services: Services, amount: int) -> Caller:
    """An account with so many credits and no more."""
    name = f"a{new_id().hex}"
    services.core.accounts.create(AccountCreate(name, credits=amount))
    made = services.core.keys.create(KeyCreate(name, "k", frozenset({Scope.VIDEOS})))
    return services.core.auth.authenticate(made.secret, Scope.VIDEOS)


def render(services: Services, job_id: UUID, folder: Path) -> bool:
    """Do what a worker does with a job."""
    order = services.core.execution.begin(job_id)
    assert order is not None
    path = folder / "video.mp4"
    path.write_bytes(b"film")
    plan = order.job.plan
    video = Artifact(
        0, ArtifactRole.VIDEO, path, "video/mp4", plan.width, plan.height, plan.frames, 4.0
    )
    return services.core.execution.complete(order.job, [video])


def test_a_job_its_hold_and_its_workflow_are_made_together(
    services: Services, caller: Caller
) -> None:
    job = services.core.jobs.create_video(caller, FOX)

    assert services.core.jobs.job(caller, job.id).queue_position == 0
    assert kinds(services, caller) == [LedgerEntryKind.HOLD]
    assert balance_is_sum(services, caller.account_id) == -100
    assert enqueued(services) == 1


def test_without_credits_nothing_is_made(services: Services, tmp_path: Path) -> None:
    poor = limited_caller(services, 99)
    image = input_image(tmp_path, png_bytes(64, 64))

    with pytest.raises(HinodeError) as refused:
        services.core.jobs.create_video(poor, VideoRequest("a fox", GenerationParams(), image))

    assert refused.value.code is ErrorCode.INSUFFICIENT_CREDITS
    assert services.core.jobs.list_videos(poor, limit=9, after=None, ascending=True).items == []
    assert kinds(services, poor) == [LedgerEntryKind.GRANT]
    assert enqueued(services) == 0
    assert list(services.store.list("")) == []


def test_concurrent_creates_never_overspend(services: Services) -> None:
    poor = limited_caller(services, 500)

    def attempt(_: int) -> bool:
        try:
            services.core.jobs.create_video(poor, FOX)
        except HinodeError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        made = sum(pool.map(attempt, range(16)))

    assert made == 5
    assert balance_is_sum(services, poor.account_id) == 0


def test_completion_settles_once_and_serves_the_file(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = services.core.jobs.create_video(caller, FOX)

    assert render(services, job.id, tmp_path)

    done = services.core.jobs.job(caller, job.id).job
    assert (done.state, done.progress, done.error) == (JobState.COMPLETED, 100, None)
    assert done.expires_at is not None
    asset = services.core.jobs.content(caller, job.id, ArtifactRole.VIDEO)
    assert asset.bytes == 4
    assert kinds(services, caller) == [LedgerEntryKind.HOLD, LedgerEntryKind.SETTLE]
    assert services.core.execution.begin(job.id) is None
    assert not services.core.execution.fail(job.id, JobError("late", "too late"))
    assert balance_is_sum(services, caller.account_id) == -100


def test_a_second_completion_changes_nothing(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    order = services.core.execution.begin(job.id)
    assert order is not None
    assert render(services, job.id, tmp_path)
    path = tmp_path / "again.mp4"
    path.write_bytes(b"film")
    again = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 2, 2, 120, 4.0)

    assert not services.core.execution.complete(order.job, [again])

    asset = services.core.jobs.content(caller, job.id, ArtifactRole.VIDEO)
    assert services.store.head(asset.key).size == 4
    assert kinds(services, caller) == [LedgerEntryKind.HOLD, LedgerEntryKind.SETTLE]


def test_only_what_was_rendered_is_charged(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    order = services.core.execution.begin(job.id)
    assert order is not None
    path = tmp_path / "half.mp4"
    path.write_bytes(b"film")
    half = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 720, 1280, 60, 2.0)

    services.core.execution.complete(order.job, [half])

    assert balance_is_sum(services, caller.account_id) == -50


def test_what_an_engine_says_is_charged_at_most_the_price(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    film = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 720, 1280, 120, 4.0)
    with capture_logs() as lines:
        for credits in (7, 0, 1000):
            job = services.core.jobs.create_video(caller, FOX)
            order = services.core.execution.begin(job.id)
            assert order is not None
            assert services.core.execution.complete(order.job, [replace(film, credits=credits)])

    assert balance_is_sum(services, caller.account_id) == -(7 + 0 + 100)
    losses = [one for one in lines if one["event"] == "a job cost more than its price"]
    assert [(one["cost"], one["price"]) for one in losses] == [(1000, 100)]


def test_a_job_that_keeps_taking_its_worker_down_ends(services: Services, caller: Caller) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    starts = 0
    while services.core.execution.begin(job.id) is not None:
        starts += 1
        assert starts < 100

    ended = services.core.jobs.job(caller, job.id).job
    assert starts > 10
    assert ended.state is JobState.FAILED
    assert ended.error is not None
    assert ended.error.code == "abandoned"
    assert balance_is_sum(services, caller.account_id) == 0


def test_failure_and_cancel_refund_once(services: Services, caller: Caller) -> None:
    failing = services.core.jobs.create_video(caller, FOX)
    services.core.execution.begin(failing.id)
    assert services.core.execution.fail(failing.id, JobError("render_crashed", "It crashed."))
    assert not services.core.execution.fail(failing.id, JobError("render_crashed", "It crashed."))

    waiting = services.core.jobs.create_video(caller, FOX)
    assert services.core.jobs.cancel(caller, waiting.id).state is JobState.CANCELED
    assert services.core.jobs.cancel(caller, waiting.id).state is JobState.CANCELED

    assert services.core.execution.begin(waiting.id) is None
    assert balance_is_sum(services, caller.account_id) == 0
    assert kinds(services, caller).count(LedgerEntryKind.REFUND) == 2
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.cancel(caller, failing.id)
    assert refused.value.code is ErrorCode.NOT_CANCELABLE


def test_completion_after_cancel_leaves_no_file(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    order = services.core.execution.begin(job.id)
    assert order is not None
    services.core.jobs.cancel(caller, job.id)
    path = tmp_path / "late.mp4"
    path.write_bytes(b"film")
    late = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 720, 1280, 120, 4.0)

    assert not services.core.execution.complete(order.job, [late])

    assert list(services.store.list("")) == []
    assert balance_is_sum(services, caller.account_id) == 0


def test_progress_only_goes_up_and_stops_with_the_job(services: Services, caller: Caller) -> None:
    job, other = (services.core.jobs.create_video(caller, FOX) for _ in range(2))
    report_progress = services.core.execution.report_progress
    assert not report_progress({job.id: ProgressReport(5), other.id: None})
    services.core.execution.begin(job.id)
    services.core.execution.begin(other.id)

    assert report_progress({job.id: ProgressReport(40, 90.0), other.id: None}) == {job.id, other.id}
    assert services.core.jobs.job(caller, job.id).remaining_seconds in (89, 90)
    assert services.core.jobs.job(caller, other.id).remaining_seconds is None
    assert report_progress({job.id: ProgressReport(30, -1.0)}) == {job.id}
    assert services.core.jobs.job(caller, job.id).job.progress == 40
    assert services.core.jobs.job(caller, job.id).remaining_seconds == 0
    assert services.core.jobs.job(caller, other.id).job.progress == 0
    assert report_progress({job.id: ProgressReport(100)}) == {job.id}
    assert services.core.jobs.job(caller, job.id).job.progress == 99

    services.core.jobs.cancel(caller, job.id)
    assert report_progress({job.id: ProgressReport(99), other.id: ProgressReport(7)}) == {other.id}


@pytest.mark.parametrize(
    ("seconds", "charged"), [(97 / 24, 100), (2.0, 50)], ids=["longer", "shorter"]
)
def test_what_another_server_rendered_is_what_is_reported_and_charged(
    services: Services, caller: Caller, tmp_path: Path, seconds: float, charged: int
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    order = services.core.execution.begin(job.id)
    assert order is not None
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    frames = round(seconds * 24)
    film = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 704, 1280, frames, seconds)

    assert services.core.execution.complete(order.job, [film], exact=False)

    plan = services.core.jobs.job(caller, job.id).job.plan
    assert (str(plan.size), plan.fps, plan.frames) == ("704x1280", 24, frames)
    assert plan.seconds == round(seconds)
    assert balance_is_sum(services, caller.account_id) == -charged


def test_the_same_idempotency_key_gives_the_same_job(services: Services, caller: Caller) -> None:
    once = VideoRequest("a fox", GenerationParams(), idempotency=IdempotencyKey("k1", "f" * 64))
    other = VideoRequest("a dog", GenerationParams(), idempotency=IdempotencyKey("k1", "0" * 64))

    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: services.core.jobs.create_video(caller, once), range(8)))

    assert len({job.id for job in jobs}) == 1
    assert kinds(services, caller) == [LedgerEntryKind.HOLD]
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.create_video(caller, other)
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


def test_idempotency_keys_are_forgotten_after_a_day(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    once = VideoRequest("a fox", GenerationParams(), idempotency=IdempotencyKey("k1", "f" * 64))
    first = services.core.jobs.create_video(caller, once)

    clock.advance(timedelta(hours=23))
    services.core.job_cleanup.sweep()
    assert services.core.jobs.create_video(caller, once).id == first.id

    clock.advance(timedelta(hours=2))
    services.core.job_cleanup.sweep()
    assert services.core.jobs.create_video(caller, once).id != first.id


def test_queue_position_counts_earlier_jobs(services: Services, caller: Caller) -> None:
    first, second, third = (services.core.jobs.create_video(caller, FOX) for _ in range(3))
    services.core.execution.begin(first.id)

    places = [
        services.core.jobs.job(caller, job.id).queue_position for job in (first, second, third)
    ]

    assert places == [None, 0, 1]


def test_pages_follow_the_order_of_creation(services: Services, caller: Caller) -> None:
    made = [services.core.jobs.create_video(caller, FOX).id for _ in range(5)]

    newest = services.core.jobs.list_videos(caller, limit=2, after=None, ascending=False)
    older = services.core.jobs.list_videos(
        caller, limit=9, after=newest.items[-1].job.id, ascending=False
    )
    oldest = services.core.jobs.list_videos(caller, limit=9, after=made[3], ascending=True)

    assert [one.job.id for one in newest.items] == made[:2:-1]
    assert newest.has_more
    assert [one.job.id for one in older.items] == made[2::-1]
    assert not older.has_more
    assert [one.job.id for one in oldest.items] == made[4:]


def test_late_jobs_fail_and_are_refunded(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    waiting = services.core.jobs.create_video(caller, FOX)
    running = services.core.jobs.create_video(caller, FOX)
    services.core.execution.begin(running.id)

    clock.advance(timedelta(hours=2))
    assert services.core.job_cleanup.sweep().overdue_jobs == 1
    clock.advance(timedelta(hours=24))
    assert services.core.job_cleanup.sweep().overdue_jobs == 1

    for job in (waiting, running):
        failed = services.core.jobs.job(caller, job.id).job
        assert failed.state is JobState.FAILED
        assert failed.error is not None
        assert failed.error.code == "deadline_exceeded"
    assert balance_is_sum(services, caller.account_id) == 0


def test_expired_files_are_swept_and_say_so(
    services: Services, caller: Caller, tmp_path: Path, clock: FakeClock
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    render(services, job.id, tmp_path)

    clock.advance(timedelta(days=31))
    assert services.core.job_cleanup.sweep().expired_jobs == 1
    assert services.core.job_cleanup.sweep().expired_jobs == 0
    pass_uptime(services.db, timedelta(hours=24))
    services.core.job_cleanup.sweep()

    assert list(services.store.list("")) == []
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.content(caller, job.id, ArtifactRole.VIDEO)
    assert refused.value.code is ErrorCode.EXPIRED
    assert services.core.jobs.job(caller, job.id).job.state is JobState.COMPLETED


def test_delete_forgets_the_job_and_its_files(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    render(services, job.id, tmp_path)

    services.core.jobs.delete(caller, job.id)

    assert list(services.store.list("")) == []
    for verb in (services.core.jobs.job, services.core.jobs.delete, services.core.jobs.cancel):
        with pytest.raises(HinodeError) as refused:
            verb(caller, job.id)
        assert refused.value.code is ErrorCode.JOB_NOT_FOUND
    assert kinds(services, caller) == [LedgerEntryKind.HOLD, LedgerEntryKind.SETTLE]


def test_deleting_a_running_job_cancels_and_refunds_it(services: Services, caller: Caller) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    services.core.execution.begin(job.id)

    services.core.jobs.delete(caller, job.id)

    assert not services.core.execution.report_progress({job.id: None})
    assert balance_is_sum(services, caller.account_id) == 0


def test_orphans_of_a_crash_are_removed_when_old(
    services: Services, caller: Caller, tmp_path: Path, clock: FakeClock
) -> None:
    job = services.core.jobs.create_video(caller, FOX)
    render(services, job.id, tmp_path)
    services.store.put_bytes("uploads/lost/first-frame.png", b"x", "image/png")

    date_files(services.settings.data / "objects", clock)
    clock.advance(MIN_ORPHAN_AGE)
    assert services.core.orphan_cleanup.run() == 0
    clock.advance(timedelta(seconds=1))
    assert services.core.orphan_cleanup.run() == 1

    assert [found.key for found in services.store.list("")] == [f"outputs/{job.id.hex}/0/video.mp4"]


def test_an_uploaded_picture_waits_for_the_render(
    services: Services, caller: Caller, tmp_path: Path
) -> None:
    image = input_image(tmp_path, png_bytes(640, 360))
    job = services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams(), image))

    order = services.core.execution.begin(job.id)

    assert order is not None
    (first,) = order.inputs
    assert (first.role, first.width, first.height) == (ArtifactRole.UPLOAD, 640, 360)
    assert services.store.head(first.key).size == first.bytes


def test_accounts_do_not_see_each_other(services: Services, caller: Caller, tmp_path: Path) -> None:
    stranger = limited_caller(services, 1000)
    job = services.core.jobs.create_video(caller, FOX)
    render(services, job.id, tmp_path)

    assert services.core.jobs.list_videos(stranger, limit=9, after=None, ascending=True).items == []
    for verb in (services.core.jobs.job, services.core.jobs.delete, services.core.jobs.cancel):
        with pytest.raises(HinodeError) as refused:
            verb(stranger, job.id)
        assert refused.value.code is ErrorCode.JOB_NOT_FOUND
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.content(stranger, job.id, ArtifactRole.VIDEO)
    assert refused.value.code is ErrorCode.JOB_NOT_FOUND
