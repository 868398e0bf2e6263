"""Estimate a video before its create: the price, what is rendered, what stands against it."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.core.auth.priorities import granted_priority
from hinode.core.auth.types import Caller
from hinode.core.errors import HinodeError
from hinode.core.jobs import accounting
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.service import JobService
from hinode.core.text_checks import check_prompt
from hinode.media.types import ArtifactRole


@dataclass(frozen=True, slots=True)
class Estimate:
    """A job as it would be created now.

    ``engine`` would render it, beside ``queued`` and ``running`` jobs. ``refusal`` is the error
    that the create would raise, None: it would be accepted.
    """

    job: NewJob
    engine: str
    queued: int
    running: int
    credits: CreditSummary
    refusal: HinodeError | None

    @property
    def is_affordable(self) -> bool:
        """True when the balance covers the price."""
        balance = self.credits.balance
        return balance is None or balance >= self.job.resolved.price


@dataclass(frozen=True, slots=True)
class EstimateService:
    """Estimates videos of callers; writes nothing."""

    jobs: JobService

    def video(
        self, caller: Caller, request: VideoRequest, images: frozenset[ArtifactRole]
    ) -> Estimate:
        """Return the estimate of a video with input images of these roles.

        Raises :class:`HinodeError` for a request that is invalid by itself, as a create does.
        """
        prompt, planner = check_prompt(request.prompt), self.jobs.planner
        granted_priority(caller, request.priority)
        request = planner.with_characters(caller, prompt, request)
        new = planner.plan_video(caller, prompt, request, images)
        try:
            self.jobs.check(caller, new)
            refusal = None
        except HinodeError as error:
            refusal = error
        return self._estimate(caller, new, refusal)

    def _estimate(self, caller: Caller, new: NewJob, refusal: HinodeError | None) -> Estimate:
        engine = new.plans[0].engine
        with self.jobs.db.read() as conn:
            queued, running = accounting.unfinished_by_engine(conn).get(engine, (0, 0))
            credits = accounting.credit_summary(conn, caller.account_id)
        return Estimate(new, engine, queued, running, credits, refusal)
