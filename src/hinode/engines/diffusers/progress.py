"""The progress of a job by the time that its phases took in earlier jobs of the same kind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from hinode.engines.diffusers.process.protocol import Phase, PhaseProgress

_USUAL: dict[Phase, float] = {
    Phase.LOADING: 20.0,
    Phase.ENCODING: 2.0,
    Phase.STEPS: 60.0,
    Phase.DECODING: 8.0,
    Phase.WRITING: 3.0,
}
"""Seconds of phases that were never measured: only their proportions count."""

_ORDER = tuple(Phase)
_KEPT = 256
_ALMOST = 0.95
"""The most of a phase that passes by time alone."""

Clock = Callable[[], float]


class PhaseTimes:
    """The seconds of phases, learned from jobs of the same model, size, length and steps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[Hashable, dict[Phase, float]] = {}

    def expected(self, kind: Hashable) -> dict[Phase, float]:
        """Return the expected seconds of each phase of one clip."""
        with self._lock:
            return {**_USUAL, **self._seconds.get(kind, {})}

    def knows(self, kind: Hashable) -> bool:
        """Return whether a job of this kind has been measured."""
        with self._lock:
            return kind in self._seconds

    def learn(self, kind: Hashable, measured: dict[Phase, float]) -> None:
        """Learn the seconds of a job that has ended: its own count half."""
        with self._lock:
            known = self._seconds.pop(kind, {})
            self._seconds[kind] = known | {
                phase: (seconds + known.get(phase, seconds)) / 2
                for phase, seconds in measured.items()
            }
            while len(self._seconds) > _KEPT:
                del self._seconds[next(iter(self._seconds))]


@dataclass(slots=True)
class JobProgress:
    """The progress of one job; told by its process on one thread, read by its engine on another.

    ``is_loaded``: its model is in memory already. ``is_measured``: the expected seconds are those
    of earlier jobs; else they are in proportion only, until steps of this job tell their scale.
    """

    expected: dict[Phase, float]
    is_loaded: bool = False
    clock: Clock = time.monotonic
    is_measured: bool = False
    measured: dict[Phase, float] = field(default_factory=dict)
    loaded_at: float | None = None
    _now: PhaseProgress = field(default_factory=lambda: PhaseProgress(Phase.LOADING))
    _since: float = 0.0
    _changed: float = 0.0
    _step: float = 0.0
    _highest: float = 0.0

    def __post_init__(self) -> None:
        self._since = self._changed = self.clock()

    def observe(self, made: PhaseProgress) -> None:
        """Take what the process tells."""
        now = self.clock()
        before = self._now
        if (made.phase, made.clip) != (before.phase, before.clip):
            took = now - self._since
            self.measured[before.phase] = self.measured.get(before.phase, 0.0) + took
            self._since = now
        elif made.done > before.done:
            self._step = made.done - before.done
        if self.loaded_at is None and (made.phase is not Phase.LOADING or made.done >= 1.0):
            self.loaded_at = now
        self._now, self._changed = made, now

    def fraction(self) -> float:
        """Return the share of the expected time that has passed, 0.0 to 1.0; it never falls."""
        self._highest = max(self._highest, self._estimate())
        return self._highest

    def remaining(self) -> float | None:
        """Return the seconds until the end; None before anything is measured.

        Steps count by how they went in this job, the more the further it is.
        """
        made, steps = self._now, self._steps_of_clip()
        if steps is None and not self.is_measured:
            return None
        expected = self._adjusted(made, steps)
        place = _ORDER.index(made.phase)
        now = self._left_of_phase(made, expected[made.phase])
        later = sum(expected[one] for one in _ORDER[place + 1 :])
        clips_after = max(0, made.clips - made.clip - 1)
        return now + later + clips_after * sum(expected[one] for one in _ORDER[1:])

    def _left_of_phase(self, made: PhaseProgress, length: float) -> float:
        """Return the seconds that a phase still takes; at least those that it is overdue by."""
        left = length * (1.0 - self._within(made, length))
        overdue = self.clock() - self._since - length
        return left if made.done else max(left, overdue)

    def _adjusted(self, made: PhaseProgress, steps: float | None) -> dict[Phase, float]:
        """Return the expected seconds with those of the steps of this job, if they are known."""
        expected = {**self.expected, Phase.LOADING: self._loading}
        if steps is None:
            return expected
        usual = expected[Phase.STEPS]
        if not self.is_measured:
            expected = {phase: one * steps / usual for phase, one in expected.items()}
        is_first = made.clip == 0 and made.phase is Phase.STEPS
        share = made.done if self.is_measured and is_first else 1.0
        return {**expected, Phase.STEPS: usual + share * (steps - usual)}

    def _steps_of_clip(self) -> float | None:
        """Return the seconds of all steps of a clip by those that are done; None before one is."""
        made = self._now
        if made.phase is Phase.STEPS and made.done > 0:
            return (self._changed - self._since) / made.done
        clips = made.clip + (_ORDER.index(made.phase) > _ORDER.index(Phase.STEPS))
        return (
            self.measured[Phase.STEPS] / clips if clips and Phase.STEPS in self.measured else None
        )

    def _estimate(self) -> float:
        made = self._now
        total = self._loading + self._clip * made.clips
        before = 0.0
        if made.phase is not Phase.LOADING:
            earlier = _ORDER[1 : _ORDER.index(made.phase)]
            before = self._loading + self._clip * made.clip
            before += sum(self.expected[one] for one in earlier)
        length = self._loading if made.phase is Phase.LOADING else self.expected[made.phase]
        return min(1.0, (before + length * self._within(made, length)) / max(total, 1e-9))

    def seconds_per_clip(self) -> dict[Phase, float]:
        """Return the measured seconds of each phase of a clip; call it when the job has ended."""
        now = self.clock()
        totals = dict(self.measured)
        last = self._now.phase
        totals[last] = totals.get(last, 0.0) + now - self._since
        clips = max(1, self._now.clips)
        found = {phase: seconds / clips for phase, seconds in totals.items()}
        loading = totals.get(Phase.LOADING)
        if self.is_loaded or loading is None:
            found.pop(Phase.LOADING, None)
        else:
            found[Phase.LOADING] = loading
        return found

    @property
    def _loading(self) -> float:
        return 0.0 if self.is_loaded else self.expected[Phase.LOADING]

    @property
    def _clip(self) -> float:
        return sum(self.expected[one] for one in _ORDER[1:])

    def _within(self, made: PhaseProgress, length: float) -> float:
        """Return the part of a phase of this length that is done: what was told, else by time."""
        length = max(1e-9, length)
        passed = (self.clock() - self._since) / length
        if made.phase is Phase.STEPS and made.done > 0:
            # Between two steps time goes on, but not further than the next one.
            since = (self.clock() - self._changed) / length
            return min(1.0, made.done + min(self._step * _ALMOST, since))
        return max(made.done, min(_ALMOST, passed))
