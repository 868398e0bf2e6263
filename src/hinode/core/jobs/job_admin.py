"""Administer jobs of all accounts: list, read, cancel and retry them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.accounts import service as account_service
from hinode.core.accounts.types import Account
from hinode.core.assets import repository as assets
from hinode.core.assets.input_copies import copied_inputs
from hinode.core.assets.types import Asset
from hinode.core.auth import repository as keys
from hinode.core.auth.types import Caller, KeyLimits, Priority
from hinode.core.catalog.capabilities import parameter_support
from hinode.core.catalog.post_steps import check_kept
from hinode.core.catalog.service import price
from hinode.core.catalog.types import Model, ResolvedRequest
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import (
    admin_queries,
    callback_credentials,
    job_log,
    repository,
    reviews,
    tries,
)
from hinode.core.jobs import moves_repository as moves
from hinode.core.jobs.admin_queries import JobFilter
from hinode.core.jobs.forecast import Forecast
from hinode.core.jobs.job_log import JobLogLine
from hinode.core.jobs.lifecycle import DuplicateRequest, NewJob
from hinode.core.jobs.requests import IdempotencyKey
from hinode.core.jobs.reviews import JobReview
from hinode.core.jobs.route_plans import RoutePlan, load_routes
from hinode.core.jobs.service import JobService
from hinode.core.jobs.tries import JobTry
from hinode.core.jobs.types import Job, JobState
from hinode.core.pagination import Page, PageQuery
from hinode.kit.ids import new_id
from hinode.media.types import ArtifactRole
from hinode.storage.errors import ObjectMissing


@dataclass(frozen=True, slots=True)
class JobSelection:
    """The jobs to list; None and empty: of any account, state, model, engine and time."""

    account: str | None = None
    states: Sequence[JobState] = ()
    model: str | None = None
    engine: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, its account, and its place in the queue of its engine: 0 is next, None: not queued.

    ``remaining_seconds`` is the estimate of the time until its end, None if nothing tells;
    ``reviews`` are those of moderation and ``tries`` those before the present one, in the view of
    one job.
    """

    job: Job
    account: Account
    queue_position: int | None = None
    remaining_seconds: int | None = field(default=None, compare=False)
    reviews: Sequence[JobReview] = ()
    tries: Sequence[JobTry] = ()


@dataclass(frozen=True, slots=True)
class JobAdmin:
    """Administration of jobs by their id; all methods raise :class:`HinodeError`."""

    jobs: JobService

    def page(self, query: JobSelection, wanted: PageQuery) -> Page[JobView]:
        """Return a page of jobs, newest first; deleted ones are left out."""
        with self.jobs.db.read() as conn:
            owner = account_service.get(conn, query.account).id if query.account else None
            chosen = JobFilter(
                owner, query.states, query.model, query.engine, query.since, query.until
            )
            found = admin_queries.page(conn, chosen, wanted)
            owners = accounts.by_ids(conn, {one.account_id for one in found.items})
            details = Forecast(conn, self.jobs.clock.now()).details(found.items)
        views = [
            JobView(one.job, owners[one.job.account_id], one.queue_position, one.remaining_seconds)
            for one in details
        ]
        return found.of(views)

    def view(self, job_id: UUID) -> JobView:
        """Return a job of any account."""
        with self.jobs.db.read() as conn:
            return _view(conn, job_id, self.jobs.clock.now())

    def log(self, job_id: UUID) -> list[JobLogLine]:
        """Return what the logs of workers say of a job of any account, as it was written."""
        with self.jobs.db.read() as conn:
            if repository.find(conn, job_id) is None:
                raise job_not_found()
            return job_log.of_job(conn, job_id)

    def cancel(self, job_id: UUID) -> JobView:
        """Cancel a job that has not ended and refund its hold; a canceled one is unchanged."""
        with self.jobs.db.write() as conn:
            self.jobs.lifecycle.cancel(conn, job_id)
            view = _view(conn, job_id, self.jobs.clock.now())
        if view.job.state is not JobState.CANCELED:
            raise HinodeError(
                ErrorCode.NOT_CANCELABLE,
                f"This job has {view.job.state.value} already and cannot be canceled.",
                param="id",
                hint="Retry it to have it rendered again.",
            )
        return view

    def retry(self, job_id: UUID, key: str | None = None) -> JobView:
        """Create a job with the request of one that has ended, at today's price.

        The new job belongs to the same account and to no API key: of the limits of a key only that
        it is local only holds; those of the account and the engine do. ``key`` is an idempotency
        key, or None. Raises :class:`HinodeError` also when the job has not ended or a file that it
        needs has gone, or a step after the render is no longer offered.
        """
        view = self.view(job_id)
        limits = KeyLimits(max_priority=Priority.HIGH, local_only=self._is_local_only(view))
        caller = Caller(view.account.id, key_id=None, scopes=frozenset(), limits=limits)
        claim = None if key is None else IdempotencyKey(key, _fingerprint(job_id))
        if claim is not None and (earlier := self.jobs.find_idempotent(caller, claim)):
            return self.view(earlier.id)
        inputs, job = self._inputs(view.job)
        new = self._repeat(caller, job, inputs, claim)
        try:
            with (
                copied_inputs(self.jobs.store, inputs, new.id, self.jobs.clock) as copies,
                self.jobs.db.write() as conn,
            ):
                self.jobs.lifecycle.create(conn, caller, replace(new, inputs=copies))
        except DuplicateRequest:
            return self.retry(job_id, key)
        except ObjectMissing:
            raise _files_gone() from None
        return self.view(new.id)

    def _is_local_only(self, view: JobView) -> bool:
        key_id = view.job.key_id
        with self.jobs.db.read() as conn:
            key = keys.by_id(conn, key_id) if key_id else None
        by_key = key is not None and key.limits.local_only
        return view.account.local_only or view.job.options.local_only or by_key

    def _repeat(
        self, caller: Caller, job: Job, inputs: Sequence[Asset], claim: IdempotencyKey | None
    ) -> NewJob:
        """Return the new job: the plans of the old one, with the catalog's prices of now."""
        model = self.jobs.catalog.get(job.model, job.kind)
        with self.jobs.db.read() as conn:
            plans = load_routes(moves.routes_of(conn, job.id), job)
            parent = repository.find(conn, job.parent_id) if job.parent_id else None

        def make(own: Model) -> NewJob:
            route = _plan_for(plans, own)
            support = parameter_support(self.jobs.capabilities, own)
            check_kept(own, route.options.parameters, support.parameters)
            return _again(job, own, route, claim)

        roles = frozenset(one.role for one in inputs)
        planner = self.jobs.planner.route_planner(caller, parent, job.options.characters)
        return planner.over_routes(_still_possible(model, plans), make, roles)

    def _inputs(self, job: Job) -> tuple[Sequence[Asset], Job]:
        """Return the inputs of an ended job, and the job with its callback's credentials.

        Raises :class:`HinodeError` when files have gone.
        """
        if not job.state.ended:
            raise HinodeError(
                ErrorCode.NOT_READY,
                f"This job is {job.state.value}; only jobs that have ended can be retried.",
                param="id",
                hint="Wait for its end, or cancel it first.",
            )
        with self.jobs.db.read() as conn:
            files = assets.of_job(conn, job.id)
            is_whole = bool(files) or job.state is not JobState.COMPLETED
            if not is_whole or not _has_parent(conn, job):
                raise _files_gone()
            return assets.inputs_of(conn, job.id), _with_credentials(conn, job)


def _still_possible(model: Model, plans: Sequence[RoutePlan]) -> Model:
    """Return the model with the routes that the job had; with all if it has none of them now."""
    had = {one.engine for one in plans}
    routes = tuple(one for one in model.routes if one.engine in had)
    return replace(model, routes=routes or model.routes)


def _plan_for(plans: Sequence[RoutePlan], model: Model) -> RoutePlan:
    return next((one for one in plans if one.engine == model.engine), plans[0])


def _again(job: Job, model: Model, route: RoutePlan, claim: IdempotencyKey | None) -> NewJob:
    """Return a new job with the plan of a route, at the price of now."""
    kept = route.options.kept_frames
    # Of an extension only the added frames cost, as when it was created.
    billed = replace(route.plan, frames=route.plan.frames - kept)
    return NewJob(
        new_id(),
        job.prompt,
        ResolvedRequest(model, route.plan, price(model, billed, route.options.parameters)),
        action=job.action,
        parent_id=job.parent_id,
        # A simulated failure was asked for by the request's header, not by the job.
        options=replace(route.options, retry_of=job.id, simulate=None),
        idempotency_key=claim,
        priority=job.priority,
    )


def _has_parent(conn: sa.Connection, job: Job) -> bool:
    """Return whether the video that a derived job starts from is still there."""
    if job.parent_id is None:
        return True
    output = job.options.source_output
    return assets.find(conn, job.parent_id, output, ArtifactRole.VIDEO) is not None


def _with_credentials(conn: sa.Connection, job: Job) -> Job:
    callback = job.options.callback
    if callback is None:
        return job
    callback = replace(callback, authorization=callback_credentials.find(conn, job.id))
    return replace(job, options=replace(job.options, callback=callback))


def _view(conn: sa.Connection, job_id: UUID, now: datetime) -> JobView:
    job = repository.find(conn, job_id)
    if job is None:
        raise job_not_found()
    found = Forecast(conn, now).detail(job)
    owner = accounts.by_ids(conn, {job.account_id})[job.account_id]
    told = reviews.of_job(conn, job_id), tries.of_job(conn, job)
    return JobView(job, owner, found.queue_position, found.remaining_seconds, *told)


def job_not_found() -> HinodeError:
    """Return the error for a job that is unknown or was deleted."""
    return HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no job with this id.", param="id")


def _files_gone() -> HinodeError:
    return HinodeError(
        ErrorCode.EXPIRED,
        "This job's files have expired, those that it was rendered from too.",
        param="id",
        hint="Send the request again with its files.",
    )


def _fingerprint(job_id: UUID) -> str:
    # "retry" is in it, so that a key of another kind of request conflicts.
    return hashlib.sha256(f"retry\0{job_id}".encode()).hexdigest()
