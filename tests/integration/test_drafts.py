"""What the studio promises of drafts, on both databases: their order, their pages, their marks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from hinode import ErrorCode, HinodeError, Services
from hinode.core.accounts.types import Plan
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.drafts.queries import drafts_at
from hinode.core.drafts.types import Draft, OutputPosition
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.types import JobError, JobState
from hinode.kit.ids import new_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.testing.clock import FakeClock


def member(services: Services, plan: Plan = Plan.PLUS) -> Caller:
    name = f"a{new_id().hex}"
    services.core.accounts.create(AccountCreate(name, plan, unlimited=True))
    key = services.core.keys.create(KeyCreate(name, "k", frozenset({Scope.SORA})))
    return services.core.auth.authenticate(key.secret, Scope.SORA)


def queue(services: Services, caller: Caller, **fields: int | bool) -> UUID:
    request = VideoRequest("a fox", GenerationParams(seconds="4", **fields))  # type: ignore[arg-type]
    return services.core.jobs.create_video(caller, request).id


def finish(
    services: Services, job_id: UUID, folder: Path, *roles: ArtifactRole, outputs: int = 1
) -> None:
    """Do what a worker does with a job; the files hold the names of their roles."""
    order = services.core.execution.begin(job_id)
    assert order is not None
    files = []
    for output in range(outputs):
        for role in (ArtifactRole.VIDEO, *roles):
            path = folder / f"{role.value}-{output}.mp4"
            path.write_text(role.value)
            files.append(Artifact(output, role, path, "video/mp4", 2, 2, 120, 4.0))
    assert services.core.execution.complete(order.job, files)


def listed(services: Services, caller: Caller) -> list[OutputPosition]:
    return [one.place for one in services.core.drafts.page(caller, 50, None).drafts]


def test_drafts_come_in_the_order_in_which_they_were_finished(
    services: Services, clock: FakeClock, tmp_path: Path
) -> None:
    caller = member(services)
    first, second, third, fourth = (queue(services, caller) for _ in range(4))
    for job_id in (second, fourth, first):
        clock.advance(timedelta(seconds=1))
        finish(services, job_id, tmp_path)
    clock.advance(timedelta(seconds=1))
    services.core.execution.fail(third, JobError("render_failed", "It did not work."))

    page = services.core.drafts.page(caller, 50, None)

    assert [one.job.id for one in page.drafts] == [third, first, fourth, second]
    assert page.drafts[0].job.state is JobState.FAILED
    assert page.next is None


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_every_draft_is_on_one_page_whatever_the_size(
    services: Services, tmp_path: Path, limit: int
) -> None:
    caller = member(services)
    # All end at the same moment, as the clock stands still.
    for outputs in (1, 3, 1, 2):
        job_id = queue(services, caller, outputs=outputs)
        finish(services, job_id, tmp_path, outputs=outputs)
    seen, after = list[OutputPosition](), None
    while (page := services.core.drafts.page(caller, limit, after)).drafts:
        seen += [one.place for one in page.drafts]
        assert len(page.drafts) <= limit
        if page.next is None:
            break
        after = page.next

    assert seen == listed(services, caller)
    assert len(set(seen)) == 7


def test_a_page_goes_on_after_a_draft_that_was_forgotten(
    services: Services, clock: FakeClock, tmp_path: Path
) -> None:
    caller = member(services)
    jobs = [queue(services, caller) for _ in range(3)]
    for job_id in jobs:
        clock.advance(timedelta(seconds=1))
        finish(services, job_id, tmp_path)
    edge = services.core.drafts.page(caller, 1, None).next
    assert edge is not None
    services.core.jobs.delete(caller, edge.job_id)

    page = services.core.drafts.page(caller, 5, edge)

    assert [one.job.id for one in page.drafts] == [jobs[1], jobs[0]]
    assert listed(services, caller) == [OutputPosition(jobs[1], 0), OutputPosition(jobs[0], 0)]


def test_a_job_is_pending_or_a_draft_and_never_both(services: Services, tmp_path: Path) -> None:
    caller = member(services)
    job_id = queue(services, caller)
    others = queue(services, member(services))

    (task,) = services.core.drafts.pending(caller)
    assert (task.job.id, task.ahead, task.drafts) == (job_id, 0, ())
    assert listed(services, caller) == []
    assert services.core.execution.begin(job_id) is not None
    (task,) = services.core.drafts.pending(caller)
    assert (task.job.state, task.ahead) == (JobState.RUNNING, None)

    finish(services, job_id, tmp_path)

    assert services.core.drafts.pending(caller) == []
    assert listed(services, caller) == [OutputPosition(job_id, 0)]
    with pytest.raises(HinodeError) as refused:
        services.core.drafts.get(caller, OutputPosition(others, 0))
    assert refused.value.code is ErrorCode.JOB_NOT_FOUND


def test_what_was_opened_is_remembered_for_each_output(services: Services, tmp_path: Path) -> None:
    caller, stranger = member(services), member(services)
    job_id = queue(services, caller, outputs=3)
    finish(services, job_id, tmp_path, outputs=3)

    for place in (OutputPosition(job_id, 2), OutputPosition(job_id, 0), OutputPosition(job_id, 0)):
        assert services.core.drafts.mark_reviewed(caller, place).reviewed
    with pytest.raises(HinodeError):
        services.core.drafts.mark_reviewed(stranger, OutputPosition(job_id, 1))
    with pytest.raises(HinodeError):
        services.core.drafts.mark_reviewed(caller, OutputPosition(job_id, 3))

    found = services.core.drafts.page(caller, 5, None).drafts
    assert [one.reviewed for one in found] == [True, False, True]


def files_of(draft: Draft) -> list[ArtifactRole | None]:
    chosen = (draft.marked, draft.unmarked, draft.shown)
    return [one.role if one else None for one in chosen]


VIDEO, MARKED = ArtifactRole.VIDEO, ArtifactRole.WATERMARKED


@pytest.mark.parametrize(
    ("plan", "roles", "drawn", "marked", "unmarked", "shown"),
    [
        (Plan.FREE, [MARKED], False, MARKED, None, MARKED),
        (Plan.PLUS, [MARKED], False, MARKED, VIDEO, VIDEO),
        (Plan.PRO, [MARKED], False, MARKED, VIDEO, VIDEO),
        (Plan.TEAM, [MARKED], False, MARKED, VIDEO, VIDEO),
        # What another service rendered has no twin and stays as it came.
        (Plan.FREE, [], False, None, VIDEO, VIDEO),
        # Who asked for the mark in another dialect has one file, and it is marked.
        (Plan.PRO, [], True, VIDEO, None, VIDEO),
    ],
    ids=["free", "plus", "pro", "team", "foreign", "asked"],
)
def test_a_plan_decides_which_file_is_shown(
    services: Services,
    tmp_path: Path,
    plan: Plan,
    roles: list[ArtifactRole],
    drawn: bool,
    marked: ArtifactRole | None,
    unmarked: ArtifactRole | None,
    shown: ArtifactRole,
) -> None:
    caller = member(services, plan)
    job_id = queue(services, caller, watermark=drawn)
    finish(services, job_id, tmp_path, *roles)

    draft = services.core.drafts.get(caller, OutputPosition(job_id, 0))

    assert files_of(draft) == [marked, unmarked, shown]
    with services.db.read() as conn:
        assert drafts_at(conn, [draft.place], services.clock.now()) == [draft]


def test_files_that_are_due_to_go_are_not_shown(
    services: Services, clock: FakeClock, tmp_path: Path
) -> None:
    caller = member(services)
    job_id = queue(services, caller)
    finish(services, job_id, tmp_path)
    retention = services.settings.retention_hours
    assert services.core.drafts.get(caller, OutputPosition(job_id, 0)).shown is not None

    clock.advance(timedelta(hours=retention))

    assert services.core.drafts.get(caller, OutputPosition(job_id, 0)).shown is None
    (task,) = services.core.drafts.tasks(caller, 5, None).items
    assert task.drafts == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_costs_the_same_queries_whatever_is_on_it(
    services: Services, tmp_path: Path
) -> None:
    caller = member(services)
    requests: list[str] = []

    def watch(connection: object, *_rest: object) -> None:
        connection.set_trace_callback(requests.append)  # type: ignore[attr-defined]

    event.listen(services.db.engine, "checkout", watch)

    def cost() -> tuple[int, ...]:
        found = []
        for look in (services.core.drafts.page, services.core.drafts.tasks):
            requests.clear()
            look(caller, 15, None)
            found.append(len(requests))
        requests.clear()
        services.core.drafts.pending(caller)
        return (*found, len(requests))

    finish(services, queue(services, caller), tmp_path)
    queue(services, caller)
    few = cost()
    for _ in range(14):
        finish(services, queue(services, caller), tmp_path, MARKED)
        queue(services, caller)

    assert cost() == few
    assert max(few) <= 3


def test_the_order_of_the_list_is_that_of_an_index(services: Services) -> None:
    with services.db.read() as conn:
        rows = conn.execute(
            sa.text(
                ("EXPLAIN QUERY PLAN " if services.db.is_sqlite else "EXPLAIN ")
                + "SELECT id FROM jobs WHERE account_id = :account AND kind = 'video'"
                " AND ended_at IS NOT NULL AND deleted_at IS NULL"
                " ORDER BY ended_at DESC, id DESC LIMIT 15"
            ),
            {"account": new_id().hex if services.db.is_sqlite else new_id()},
        )
        plan = "\n".join(str(row) for row in rows)

    assert "ix_jobs_ended" in plan
