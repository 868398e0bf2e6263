"""Waiting for an upstream's job: patient with trouble on the way, sure of the end.

Whoever polls says how to look once; this module decides when to look again, what may be ignored
and when to give up. The deadline of the job itself is kept by the workflow around.
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

from hinode.engines.remote.failures import Fault, UpstreamError

log = structlog.get_logger("hinode.upstream")


class Stage(StrEnum):
    """Where an upstream's job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in (Stage.DONE, Stage.FAILED, Stage.STOPPED)


_WORDS = {
    Stage.WAITING: "queued pending submitted waiting created accepted scheduled preprocessing "
    "not_start not_started new validating in_queue",
    Stage.RUNNING: "in_progress running processing rendering generating started active working "
    "postprocessing encoding saving uploading finalizing starting",
    Stage.DONE: "completed complete succeeded success successful done finished ready",
    Stage.FAILED: "failed failure fail error errored rejected expired timeout timed_out",
    Stage.STOPPED: "cancelled canceled cancelling canceling stopped aborted deleted",
}
_STAGES = {word: stage for stage, words in _WORDS.items() for word in words.split()}


def stage_of(word: object) -> Stage | None:
    """Return the stage that a status means, in any of the words in use; None for none of them."""
    if not isinstance(word, str):
        return None
    return _STAGES.get(word.strip().lower().replace("-", "_").replace(" ", "_"))


def fraction_of(progress: object) -> float:
    """Read progress in percent (``40``, ``"40"``, ``"40%"``) as 0.0 to 1.0; 0.0 for no number."""
    text = progress.strip().removesuffix("%") if isinstance(progress, str) else progress
    try:
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(1.0, max(0.0, number / 100)) if math.isfinite(number) else 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a job has shown.

    ``progress`` is 0.0 to 1.0; ``look_after`` the seconds that the upstream asks to wait, or
    None; ``failure`` why it failed; ``facts`` what the looker wants to keep for the results.
    """

    stage: Stage
    progress: float = 0.0
    look_after: float | None = None
    failure: UpstreamError | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class NotSeen(Exception):
    """A look failed in a way that may pass: broken connections, 5xx, 429, half an answer.

    ``grave`` ones (404, 401, a body that is no job) are believed after a few in a row.
    """

    def __init__(self, error: UpstreamError, *, grave: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.grave = grave


class Crowd:
    """The jobs of one upstream that are waited for: together they look only so often.

    A look costs this process about half a millisecond. Without a bound a thousand jobs near
    their ends would take all of a core, and each would be seen later, not sooner.
    """

    def __init__(self, looks_per_second: float = 800.0) -> None:
        self._rate = looks_per_second
        self._jobs = 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count a job while the block runs."""
        self._jobs += 1
        try:
            yield
        finally:
            self._jobs -= 1

    @property
    def share(self) -> float:
        """Seconds between two looks at a job that are fair to the others."""
        return self._jobs / self._rate


@dataclass(frozen=True, slots=True)
class Pace:
    """How to poll. Seconds: ``fastest`` and ``slowest`` between two looks, ``longest_ask`` that an
    upstream's own wish is followed, ``patience`` without any sight of the job.

    ``grave_looks`` grave failures in a row are believed. ``crowd`` counts the jobs at this pace.
    """

    fastest: float = 0.5
    slowest: float = 1.5
    longest_ask: float = 30.0
    patience: float = 900.0
    grave_looks: int = 4
    crowd: Crowd = field(default_factory=Crowd)


_SHARE_OF_REST = 0.1
_GROWTH = 1.5


async def wait_for(
    look: Callable[[], Awaitable[Sight]], report: Callable[[float], None], pace: Pace | None = None
) -> Sight:
    """Look until the job is done; return the last sight.

    ``look`` raises :class:`NotSeen` for trouble that may pass; any other exception ends the wait.
    Raises :class:`UpstreamError` when the job failed or was stopped, or is not to be seen.
    """
    pace = pace or Pace()
    watch = _Watch(pace)
    with pace.crowd.joined():
        while True:
            try:
                sight = await look()
            except NotSeen as trouble:
                await asyncio.sleep(watch.missed(trouble))
                continue
            if sight.stage.ended:
                return _judged(sight)
            report(watch.seen(sight))
            await asyncio.sleep(_scattered(max(pace.crowd.share, watch.pause(sight))))


def _judged(sight: Sight) -> Sight:
    if sight.stage is Stage.DONE:
        return sight
    if sight.stage is Stage.STOPPED:
        raise UpstreamError(Fault.RENDER, "The job was stopped there.")
    raise sight.failure or UpstreamError(Fault.RENDER)


class _Watch:
    """What was seen of one job so far, and when to look again."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._clock = asyncio.get_running_loop().time
        self._begun = self._last = self._clock()
        self._progress = 0.0
        self._pause = pace.fastest
        self._grave = 0

    def seen(self, sight: Sight) -> float:
        """Note a sight; return the progress, which never goes back."""
        self._last, self._grave = self._clock(), 0
        self._progress = max(self._progress, sight.progress)
        return self._progress

    def pause(self, sight: Sight) -> float:
        """Seconds until the next look: a tenth of what seems to be left, or growing slowly."""
        pace = self._pace
        if sight.look_after is not None:
            return min(pace.longest_ask, max(pace.fastest, sight.look_after))
        if self._progress > 0.0:
            passed = self._clock() - self._begun
            rest = passed * (1.0 - self._progress) / self._progress
            return min(pace.slowest, max(pace.fastest, rest * _SHARE_OF_REST))
        pause, self._pause = self._pause, min(pace.slowest, self._pause * _GROWTH)
        return pause

    def missed(self, trouble: NotSeen) -> float:
        """Seconds until the next try. Raises the failure when it is time to believe it."""
        self._grave = self._grave + 1 if trouble.grave else 0
        patience = self._clock() - self._last > self._pace.patience
        if patience or self._grave >= self._pace.grave_looks:
            raise trouble.error
        log.info("upstream not seen", reason=str(trouble.error), grave=self._grave)
        self._pause = min(self._pace.slowest, self._pause * _GROWTH)
        asked = trouble.error.retry_after
        if asked is None:
            return _scattered(self._pause)
        return _scattered(min(self._pace.longest_ask, max(self._pause, asked)))


def _scattered(seconds: float) -> float:
    """Add up to a tenth, so that many jobs do not ask in the same moment."""
    return seconds * random.uniform(1.0, 1.1)
