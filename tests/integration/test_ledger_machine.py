"""The money holds whatever happens in whatever order, from several threads, on both databases.

A state machine makes, renders, fails, cancels, crashes and repeats; after every step the balance
is the sum of the ledger, no hold outlives its job, nothing is below zero, nothing is given twice.
`make chaos` takes 10,000 steps.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hinode import (
    EngineRegistry,
    ErrorCode,
    HinodeError,
    Services,
    load_settings,
    open_services,
)
from hinode.core.auth import repository as keys
from hinode.core.auth.types import Caller
from hinode.core.catalog.service import GenerationParams
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import LedgerEntryKind
from hinode.core.jobs import repository
from hinode.core.jobs.requests import IdempotencyKey, VideoRequest
from hinode.core.jobs.route_choice import TakenRoute
from hinode.core.jobs.route_plans import RoutePlan
from hinode.core.jobs.types import Job, JobError, JobState, RenderOrder
from hinode.kit.ids import new_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.workflows.queues import create_tables
from tests.support.accounts import account_with, caller_of
from tests.support.kept_sums import assert_sums_are_exact
from tests.support.overflow import Named

FULL = os.environ.get("HINODE_CHAOS") == "full"
EXAMPLES, STEPS = (100, 100) if FULL else (4, 25)
THREADS = 4
# No Bundle: which jobs there are depends on who of several threads is first.
PICKS = st.integers(0, 999)
CRASHED = JobError("render_crashed", "It crashed.")
SPEND_TOTAL = 2500
EXPECTED = {
    ErrorCode.INSUFFICIENT_CREDITS,
    ErrorCode.SPEND_LIMIT,
    ErrorCode.TOO_MANY_JOBS,
    ErrorCode.NOT_CANCELABLE,
    ErrorCode.JOB_NOT_FOUND,
}


def _route(job: Job, engine: str) -> TakenRoute:
    plan = RoutePlan(engine, None, job.plan, job.route_price, job.options)
    return TakenRoute(plan, None, 0.0, None)


class Crash(Exception):
    """Stands for a process that dies before its transaction commits."""


class LedgerMachine(RuleBasedStateMachine):
    """One account, its jobs, and a crowd that does several things to it at once."""

    services: Services
    folder: Path
    pool: ThreadPoolExecutor

    @initialize(credits=st.integers(0, 1200))
    def open_account(self, credits: int) -> None:
        self.account = account_with(self.services, credits)
        self.caller = caller_of(
            self.services, self.account, spend_total=SPEND_TOTAL, max_unfinished=8
        )
        self.granted = credits
        self.jobs: list[UUID] = []

    @rule(amount=st.integers(1, 500))
    def grant(self, amount: int) -> None:
        self.services.core.accounts.grant(None, self.account, amount)
        self.granted += amount

    @rule(seconds=st.sampled_from(("4", "8", "12")), at_once=st.integers(1, THREADS))
    def create(self, seconds: str, at_once: int) -> None:
        request = VideoRequest("a fox", GenerationParams(seconds=seconds))
        made = self._together([lambda: self._create(request)] * at_once)
        self.jobs += [job.id for job in made if job is not None]

    @rule(repeats=st.integers(2, THREADS))
    def create_with_retries(self, repeats: int) -> None:
        key = IdempotencyKey(new_id().hex, "f" * 64)
        request = VideoRequest("a fox", GenerationParams(seconds="4"), idempotency=key)
        made = self._together([lambda: self._create(request)] * repeats)
        ids = {job.id for job in made if job is not None}
        assert len(ids) <= 1
        self.jobs += ids

    @rule()
    def crash_while_creating(self) -> None:
        services, caller = self.services, self.caller
        with suppress(Crash, HinodeError), services.db.write() as conn:
            new = services.core.jobs.planner.plan_video(
                caller, "a fox", VideoRequest("a fox", GenerationParams(seconds="4"))
            )
            services.core.jobs.lifecycle.create(conn, caller, new)
            raise Crash

    @rule(pick=PICKS)
    def crash_while_settling(self, pick: int) -> None:
        job = self._picked(pick)
        services = self.services
        order = self._begin(job)
        if order is None:
            return
        with suppress(Crash), services.db.write() as conn:
            assert services.core.jobs.lifecycle.complete(
                conn, order.job, [], order.job.price, order.job.plan
            )
            raise Crash

    @rule(pick=PICKS, share=st.sampled_from((0.0, 0.5, 1.0)), repeats=st.integers(1, THREADS))
    def complete(self, pick: int, share: float, repeats: int) -> None:
        job = self._picked(pick)
        order = self._begin(job)
        if order is None:
            return
        rendered = self._rendered(order.job, share)
        moved = self._together(
            [lambda: self.services.core.execution.complete(order.job, rendered)] * repeats
        )
        assert sum(bool(one) for one in moved) == 1

    @rule(pick=PICKS, repeats=st.integers(1, THREADS))
    def fail(self, pick: int, repeats: int) -> None:
        job = self._picked(pick)
        moved = self._together([lambda: self.services.core.execution.fail(job, CRASHED)] * repeats)
        assert sum(bool(one) for one in moved) <= 1

    @rule(pick=PICKS)
    def cancel(self, pick: int) -> None:
        job = self._picked(pick)
        self._expecting(lambda: self.services.core.jobs.cancel(self.caller, job))

    @rule(pick=PICKS, engine=st.sampled_from(("preview", "other")))
    def requeue(self, pick: int, engine: str) -> None:
        order = self._begin(self._picked(pick))
        if order is None:
            return
        with self.services.db.write() as conn:
            self.services.core.jobs.lifecycle.requeue(
                conn, order.job, _route(order.job, engine), submit_failed=True, reason="busy"
            )

    @rule(pick=PICKS)
    def crash_while_requeueing(self, pick: int) -> None:
        order = self._begin(self._picked(pick))
        if order is None:
            return
        with suppress(Crash), self.services.db.write() as conn:
            self.services.core.jobs.lifecycle.requeue(
                conn, order.job, _route(order.job, "other"), submit_failed=True, reason="busy"
            )
            raise Crash

    @rule(repeats=st.integers(1, THREADS))
    def add_up(self, repeats: int) -> None:
        self._together([self.services.core.reports.add_up] * repeats)

    @rule(pick=PICKS)
    def delete(self, pick: int) -> None:
        job = self._picked(pick)
        with suppress(HinodeError):
            self.services.core.jobs.delete(self.caller, job)

    @rule(pick=PICKS)
    def end_in_every_way_at_once(self, pick: int) -> None:
        job = self._picked(pick)
        services = self.services
        order = self._begin(job)
        if order is None:
            return
        rendered = self._rendered(order.job, 1.0)
        self._together(
            [
                lambda: services.core.execution.complete(order.job, rendered),
                lambda: services.core.execution.fail(job, CRASHED),
                lambda: self._expecting(lambda: services.core.jobs.cancel(self.caller, job)),
                lambda: self._create(VideoRequest("a dog", GenerationParams(seconds="4"))),
            ]
        )
        assert self._begin(job) is None

    @invariant()
    def the_money_holds(self) -> None:
        if not hasattr(self, "account"):
            return
        with self.services.db.read() as conn:
            entries = ledger.entries(conn, self.caller.account_id)
            balance = ledger.balance(conn, self.caller.account_id).amount
            assert self.caller.key_id is not None
            spent = keys.spent(conn, self.caller.key_id)
            query = sa.text("SELECT id, state, price, charged FROM jobs WHERE account_id = :a")
            rows = conn.execute(
                query.bindparams(sa.bindparam("a", type_=sa.Uuid)).columns(id=sa.Uuid),
                {"a": self.caller.account_id},
            ).all()
        assert balance == sum(entry.amount for entry in entries)
        assert balance >= 0
        given = [entry.amount for entry in entries if entry.kind is LedgerEntryKind.GRANT]
        assert sum(given) == self.granted
        assert {entry.job_id for entry in entries} - {None} == {row.id for row in rows}
        for row in rows:
            own = {entry.kind: entry.amount for entry in entries if entry.job_id == row.id}
            assert len(own) == sum(entry.job_id == row.id for entry in entries), "given twice"
            assert own[LedgerEntryKind.HOLD] == -row.price
            assert -sum(own.values()) == row.charged
            assert set(own) == {LedgerEntryKind.HOLD, *ENDINGS[JobState(row.state)]}
            if row.state in (JobState.FAILED, JobState.CANCELED):
                assert row.charged == 0
        assert spent == sum(row.charged for row in rows) <= SPEND_TOTAL
        assert_sums_are_exact(self.services.db)
        assert sum(not JobState(row.state).ended for row in rows) <= 8

    def _picked(self, pick: int) -> UUID:
        """Return one of the jobs; an unknown one when there is none."""
        return self.jobs[pick % len(self.jobs)] if self.jobs else UUID(int=pick)

    def _begin(self, job_id: UUID) -> RenderOrder | None:
        """Start or resume a job, whatever its dispatch number."""
        with self.services.db.read() as conn:
            job = repository.find(conn, job_id)
        number = job.dispatch_no if job else 0
        return self.services.core.execution.begin(job_id, dispatch_no=number)

    def _create(self, request: VideoRequest) -> Job | None:
        return self._expecting(lambda: self.services.core.jobs.create_video(self.caller, request))

    def _expecting(self, act: Callable[[], Job]) -> Job | None:
        try:
            return act()
        except HinodeError as error:
            if error.code not in EXPECTED:
                raise
            return None

    def _together(self, acts: list[Callable[[], Any]]) -> list[Any]:
        return [done.result() for done in [self.pool.submit(act) for act in acts]]

    def _rendered(self, job: Job, share: float) -> list[Artifact]:
        path = self.folder / f"{job.id.hex}.mp4"
        path.write_bytes(b"film")
        frames = int(job.plan.frames * share)
        return [Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 2, 2, frames, 1.0)]


ENDINGS: dict[JobState, set[LedgerEntryKind]] = {
    JobState.QUEUED: set(),
    JobState.RUNNING: set(),
    JobState.COMPLETED: {LedgerEntryKind.SETTLE},
    JobState.FAILED: {LedgerEntryKind.REFUND},
    JobState.CANCELED: {LedgerEntryKind.REFUND},
}


@pytest.fixture
def limited(database_url: str, tmp_path: Path) -> Iterator[Services]:
    """A studio whose first route has credits for some of the jobs of a day."""
    routes = [{"engine": "preview", "credits_per_day": 800}, {"engine": "other"}]
    opened = open_services(
        load_settings(data=tmp_path, database=database_url, models={"sora-2": {"engines": routes}}),
        engines=EngineRegistry([Named("preview"), Named("other")]),
    )
    create_tables(opened.db)
    yield opened
    opened.close()


@pytest.mark.chaos
def test_the_money_holds_whatever_happens(limited: Services, tmp_path: Path) -> None:
    with ThreadPoolExecutor(THREADS) as pool:

        class Machine(LedgerMachine):
            pass

        Machine.services, Machine.folder, Machine.pool = limited, tmp_path, pool
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_thirty_two_clients_and_credits_for_ten(services: Services) -> None:
    account = account_with(services, 1000)
    callers = [caller_of(services, account) for _ in range(32)]

    def attempt(caller: Caller) -> ErrorCode | None:
        try:
            services.core.jobs.create_video(
                caller, VideoRequest("a fox", GenerationParams(seconds="4"))
            )
        except HinodeError as error:
            return error.code
        return None

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(attempt, callers))

    assert answers.count(None) == 10
    assert answers.count(ErrorCode.INSUFFICIENT_CREDITS) == 22
    with services.db.read() as conn:
        assert ledger.balance(conn, callers[0].account_id).amount == 0
