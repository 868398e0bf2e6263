"""Wait for an upstream's job by polling; tolerate errors that may pass.

The caller polls once; this module decides when to poll again, which errors to ignore and when to
give up. The deadline of the job itself is kept by the workflow.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog

from hinode.engines.remote.errors import FailureKind, UpstreamError

log = structlog.get_logger("hinode.upstream")


class RemoteStatus(StrEnum):
    """The status of an upstream's job."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    LOST = "lost"

    @property
    def ended(self) -> bool:
        """Return whether the status is final."""
        return self not in (RemoteStatus.QUEUED, RemoteStatus.RUNNING)


_STATUS_WORDS = {
    RemoteStatus.QUEUED: "queued pending submitted waiting created accepted scheduled "
    "preprocessing not_start not_started new validating in_queue queueing preparing throttled "
    "suspended",
    RemoteStatus.RUNNING: "in_progress running processing rendering generating started active "
    "working postprocessing encoding saving uploading finalizing starting dreaming",
    RemoteStatus.COMPLETED: "completed complete succeeded succeed success successful done "
    "finished ready",
    RemoteStatus.FAILED: "failed failure fail error errored rejected expired timeout timed_out",
    RemoteStatus.CANCELED: "cancelled canceled cancelling canceling stopped aborted deleted",
    RemoteStatus.LOST: "unknown",
}
_STATUS_BY_WORD = {
    word: status for status, words in _STATUS_WORDS.items() for word in words.split()
}


def parse_status(word: object) -> RemoteStatus | None:
    """Return the status that a word of any known server means; None for an unknown word."""
    if not isinstance(word, str):
        return None
    return _STATUS_BY_WORD.get(word.strip().lower().replace("-", "_").replace(" ", "_"))


def parse_progress(progress: object) -> float:
    """Read progress in percent (``40``, ``"40"``, ``"40%"``) as 0.0 to 1.0; 0.0 for no number."""
    text = progress.strip().removesuffix("%") if isinstance(progress, str) else progress
    try:
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(1.0, max(0.0, number / 100)) if math.isfinite(number) else 0.0


@dataclass(frozen=True, slots=True)
class PollResult:
    """The result of one poll.

    ``progress`` is 0.0 to 1.0; ``retry_after`` the seconds that the upstream requests to wait, or
    None; ``failure`` why it failed; ``details`` what the caller needs for the results.
    """

    status: RemoteStatus
    progress: float = 0.0
    retry_after: float | None = None
    failure: UpstreamError | None = None
    details: dict[str, Any] = field(default_factory=dict)


class PollError(Exception):
    """A poll failed in a way that may pass: a broken connection, 5xx, 429, half a response.

    ``serious`` ones (404, 401, a body that is no job) end the wait after a few in a row.
    """

    def __init__(self, error: UpstreamError, *, serious: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.serious = serious


class PollThrottle:
    """A limit on the polls of one upstream by all its jobs together.

    A poll costs this process about half a millisecond. Without a limit a thousand jobs near their
    ends would take all of a core, and the end of each would be noticed later, not sooner.
    """

    def __init__(self, polls_per_second: float = 800.0) -> None:
        self._rate = polls_per_second
        self._jobs = 0

    @contextmanager
    def tracked(self) -> Iterator[None]:
        """Count a job while the block runs."""
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1

    @property
    def interval(self) -> float:
        """Seconds between two polls of a job that keep the limit."""
        return self._jobs / self._rate


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The timing of polls.

    Seconds: ``min_interval`` and ``max_interval`` between two polls, ``max_retry_after`` for the
    pause that an upstream requests, ``unreachable_timeout`` without a successful poll.
    ``max_serious_errors`` in a row end the wait. ``throttle`` counts the jobs of this policy.
    """

    min_interval: float = 0.5
    max_interval: float = 1.5
    max_retry_after: float = 30.0
    unreachable_timeout: float = 900.0
    max_serious_errors: int = 4
    throttle: PollThrottle = field(default_factory=PollThrottle)


_REMAINING_SHARE = 0.1
_BACKOFF_FACTOR = 1.5


async def wait_for(
    poll: Callable[[], Awaitable[PollResult]],
    report: Callable[[float], None],
    policy: PollPolicy | None = None,
) -> PollResult:
    """Poll until the job is done; return the last result.

    ``poll`` raises :class:`PollError` for trouble that may pass; any other exception ends the wait.
    Raises :class:`UpstreamError` when the job failed or was stopped, or cannot be polled.
    """
    policy = policy or PollPolicy()
    state = _PollState(policy)
    with policy.throttle.tracked():
        while True:
            try:
                result = await poll()
            except PollError as error:
                await asyncio.sleep(state.poll_failed(error))
                continue
            if result.status.ended:
                return _result_or_raise(result)
            report(state.record(result))
            await asyncio.sleep(_with_jitter(max(policy.throttle.interval, state.pause(result))))


def _result_or_raise(result: PollResult) -> PollResult:
    if result.status is RemoteStatus.COMPLETED:
        return result
    if result.status is RemoteStatus.CANCELED:
        raise UpstreamError(FailureKind.RENDER_FAILED, "The job was stopped there.")
    if result.status is RemoteStatus.LOST:
        raise UpstreamError(FailureKind.LOST)
    raise result.failure or UpstreamError(FailureKind.RENDER_FAILED)


class _PollState:
    """The last result of one job, and the time of its next poll."""

    def __init__(self, policy: PollPolicy) -> None:
        self._policy = policy
        self._clock = asyncio.get_running_loop().time
        self._begun = self._last = self._clock()
        self._progress = 0.0
        self._pause = policy.min_interval
        self._serious = 0

    def record(self, result: PollResult) -> float:
        """Record a result; return the progress, which never decreases."""
        self._last, self._serious = self._clock(), 0
        self._progress = max(self._progress, result.progress)
        return self._progress

    def pause(self, result: PollResult) -> float:
        """Seconds until the next poll: a tenth of the estimated rest, or growing slowly."""
        policy = self._policy
        if result.retry_after is not None:
            return min(policy.max_retry_after, max(policy.min_interval, result.retry_after))
        if self._progress > 0.0:
            passed = self._clock() - self._begun
            rest = passed * (1.0 - self._progress) / self._progress
            return min(policy.max_interval, max(policy.min_interval, rest * _REMAINING_SHARE))
        pause, self._pause = self._pause, min(policy.max_interval, self._pause * _BACKOFF_FACTOR)
        return pause

    def poll_failed(self, error: PollError) -> float:
        """Seconds until the next attempt. Raises the failure when it is final."""
        self._serious = self._serious + 1 if error.serious else 0
        patience = self._clock() - self._last > self._policy.unreachable_timeout
        if patience or self._serious >= self._policy.max_serious_errors:
            raise error.error
        log.info("upstream poll failed", reason=str(error.error), serious=self._serious)
        self._pause = min(self._policy.max_interval, self._pause * _BACKOFF_FACTOR)
        retry_after = error.error.retry_after
        if retry_after is None:
            return _with_jitter(self._pause)
        return _with_jitter(min(self._policy.max_retry_after, max(self._pause, retry_after)))


def _with_jitter(seconds: float) -> float:
    """Add up to a tenth, so that many jobs do not poll in the same moment."""
    return seconds * random.uniform(1.0, 1.1)
