"""Expired files are hidden, and removed after a grace: what a wrong clock hides comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from hinode import Services
from hinode.core.assets.tables import assets
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.types import File, NewFile
from hinode.core.jobs import expiry_repository
from hinode.core.jobs.cleanup import CleanupResult
from hinode.core.jobs.expiry import SWEEP_BATCH, RestoredFiles, restore_hidden
from hinode.core.jobs.tables import jobs
from hinode.kit.ids import new_id
from hinode.kit.spool import Spooled
from hinode.media.types import ArtifactRole
from hinode.testing.clock import FakeClock
from hinode.worker import sweep_task
from tests.integration.test_files import PNG
from tests.integration.test_jobs import FOX, render
from tests.support.hinode_process import hinode
from tests.support.many_jobs import add_jobs
from tests.support.uptime import pass_uptime

AHEAD = timedelta(days=40)
GRACE = timedelta(hours=24)


@pytest.fixture
def video(services: Services, caller: Caller, tmp_path: Path) -> UUID:
    """A rendered video that expires after 30 days."""
    job = services.core.jobs.create_video(caller, FOX)
    render(services, job.id, tmp_path)
    return job.id


@pytest.fixture
def upload(services: Services, caller: Caller) -> File:
    return services.core.files.create(caller, NewFile(Spooled.of(PNG), "b.png", "batch"))


def sweep(services: Services) -> CleanupResult:
    return services.core.job_cleanup.sweep()


def is_served(services: Services, caller: Caller, video: UUID, upload: File) -> bool:
    """Return whether both are served; else both are refused as expired files are."""
    page = services.core.files.page(caller, purpose=None, limit=9, after=None, ascending=True)
    if page.items:
        asset = services.core.jobs.content(caller, video, ArtifactRole.VIDEO)
        assert services.store.get_bytes(asset.key)
        assert services.core.files.read(caller, upload.id).read() == PNG
        return True
    with pytest.raises(HinodeError) as refused:
        services.core.jobs.content(caller, video, ArtifactRole.VIDEO)
    assert refused.value.code is ErrorCode.EXPIRED
    with pytest.raises(HinodeError):
        services.core.files.read(caller, upload.id)
    return False


def objects(services: Services) -> int:
    return len(list(services.store.list("")))


def test_expired_files_are_hidden_first_and_removed_after_the_grace(
    services: Services, caller: Caller, clock: FakeClock, video: UUID, upload: File
) -> None:
    stored = objects(services)
    clock.advance(AHEAD)

    first = sweep(services)
    assert (first.expired_jobs, first.expired_files, first.removed_files) == (1, 1, 0)
    assert not is_served(services, caller, video, upload)
    # The clock does not count, only uptime does.
    clock.advance(timedelta(days=400))
    pass_uptime(services.db, GRACE - timedelta(seconds=1))
    second = sweep(services)
    assert (second.expired_jobs, second.expired_files, second.removed_files) == (0, 0, 0)
    assert objects(services) == stored

    pass_uptime(services.db, timedelta(seconds=1))
    assert sweep(services).removed_files == stored
    assert objects(services) == 0
    assert sweep(services).removed_files == 0
    assert restore_hidden(services.db, clock.now()) == RestoredFiles(0, 0)


def test_what_a_wrong_clock_has_hidden_is_back_when_the_clock_is(
    services: Services, caller: Caller, clock: FakeClock, video: UUID, upload: File
) -> None:
    expires_at = services.core.jobs.job(caller, video).job.expires_at
    clock.advance(AHEAD)
    sweep(services)
    pass_uptime(services.db, GRACE / 2)
    assert not is_served(services, caller, video, upload)

    clock.advance(-AHEAD)
    assert sweep(services).restored == 2

    assert is_served(services, caller, video, upload)
    assert services.core.jobs.job(caller, video).job.expires_at == expires_at
    pass_uptime(services.db, GRACE)
    assert sweep(services).removed_files == 0
    assert is_served(services, caller, video, upload)


def test_the_operator_restores_what_is_hidden(
    services: Services, caller: Caller, clock: FakeClock, video: UUID, upload: File
) -> None:
    clock.advance(AHEAD)
    sweep(services)
    until = clock.now() + timedelta(hours=2)

    assert restore_hidden(services.db, until) == RestoredFiles(1, 1)

    assert is_served(services, caller, video, upload)
    assert services.core.jobs.job(caller, video).job.expires_at == until
    assert sweep(services).expired_jobs == 0
    clock.advance(timedelta(hours=3))
    assert (sweep(services).expired_jobs, objects(services) > 0) == (1, True)


def test_the_operator_restores_by_command(
    services: Services, caller: Caller, clock: FakeClock, video: UUID, upload: File
) -> None:
    clock.advance(AHEAD)
    sweep(services)
    settings = services.settings
    where = ("--data", str(settings.data), "--database", settings.database_url)

    done = hinode("clock", "restore", "--keep-hours", "5", *where)

    assert done.returncode == 0, done.stderr
    assert "1 jobs and 1 uploads" in done.stderr
    assert is_served(services, caller, video, upload)


def test_a_deleted_video_is_not_restored(
    services: Services, caller: Caller, clock: FakeClock, video: UUID
) -> None:
    clock.advance(AHEAD)
    sweep(services)
    services.core.jobs.delete(caller, video)

    assert objects(services) == 0
    assert restore_hidden(services.db, clock.now() + GRACE) == RestoredFiles(0, 0)


def test_a_file_that_is_hidden_twice_keeps_its_expiry_and_its_due(
    services: Services, caller: Caller, clock: FakeClock, video: UUID, upload: File
) -> None:
    """Two workers may sweep at once."""
    clock.advance(AHEAD)
    sweep(services)
    with services.db.write() as conn:
        expiry_repository.hide(conn, [video], 10**12)

    pass_uptime(services.db, GRACE)
    assert sweep(services).removed_files > 1
    assert objects(services) == 0


def add_expiring(services: Services, caller: Caller, video: UUID, count: int) -> None:
    """Make ``count`` jobs in each state, and of each ended one a file that expires."""
    add_jobs(services, caller, count)
    with services.db.write() as conn:
        asset = conn.execute(assets.select().where(assets.c.job_id == video)).mappings().first()
        ended = conn.scalars(sa.select(jobs.c.id).where(jobs.c.ended_at.is_not(None)))
        copies = [
            {**asset, "id": new_id(), "job_id": one, "key": f"outputs/{one.hex}/0.mp4"}
            for one in ended
            if asset and one != video
        ]
        conn.execute(assets.insert(), copies)


def rows(services: Services, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    with services.db.read() as conn:
        return conn.scalar(sa.select(sa.func.count()).select_from(table).where(condition)) or 0


def test_one_run_of_the_worker_hides_and_removes_all_that_is_due(
    services: Services, caller: Caller, clock: FakeClock, video: UUID
) -> None:
    add_expiring(services, caller, video, SWEEP_BATCH)
    with services.db.write() as conn:  # they are overdue, too, which is not the matter here
        conn.execute(jobs.delete().where(jobs.c.ended_at.is_(None)))
    due = rows(services, jobs, jobs.c.expires_at.is_not(None))
    assert due > 3 * SWEEP_BATCH
    clock.advance(AHEAD)

    assert sweep_task(services).run_to_end() == due
    assert not rows(services, jobs, jobs.c.expires_at.is_not(None))
    files = rows(services, assets, assets.c.removal_due.is_not(None))
    assert files >= due

    pass_uptime(services.db, GRACE)
    assert sweep_task(services).run_to_end() == files
    assert not rows(services, assets, sa.true())
