"""Progress by phases: what was learned, time that passes between messages, several clips."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hinode.engines.diffusers.process.protocol import Phase, PhaseProgress
from hinode.engines.diffusers.progress import JobProgress, PhaseTimes


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Run:
    """A job whose phases take these seconds."""

    times: PhaseTimes
    seconds: dict[Phase, float]
    loaded: bool = False
    clips: int = 1
    clock: Clock = field(default_factory=Clock)

    def truth_and_told(self) -> list[tuple[float, float]]:
        """Run it; return the true share of time and the progress at each tenth of a second."""
        return [(passed, told) for passed, told, _ in self.run()]

    def run(self) -> list[tuple[float, float, float | None]]:
        """Run it; also return the share of time by the remaining seconds that were told."""
        known = self.times.knows("kind")
        job = JobProgress(self.times.expected("kind"), self.loaded, self.clock, is_measured=known)
        phases = [one for one in Phase if one is not Phase.LOADING]
        plan = [] if self.loaded else [(Phase.LOADING, 0)]
        plan += [(phase, clip) for clip in range(self.clips) for phase in phases]
        total = sum(self.seconds[phase] for phase, _ in plan)
        start = self.clock.now
        seen: list[tuple[float, float, float | None]] = []
        for phase, clip in plan:
            ticks = round(self.seconds[phase] * 10)
            for tick in range(ticks):
                if tick == 0 or phase is Phase.STEPS:
                    job.observe(PhaseProgress(phase, tick / ticks, clip, self.clips))
                passed, left = self.clock.now - start, job.remaining()
                by_end = None if left is None else (total - left) / total
                seen.append((passed / total, job.fraction(), by_end))
                self.clock.now += 0.1
        self.times.learn("kind", job.seconds_per_clip())
        return seen


SECONDS = {
    Phase.LOADING: 4.0, Phase.ENCODING: 1.0, Phase.STEPS: 10.0, Phase.DECODING: 9.0,
    Phase.WRITING: 2.0,
}  # fmt: skip


@pytest.mark.parametrize("clips", [1, 3])
def test_after_three_runs_progress_is_the_truth_in_time(clips: int) -> None:
    times = PhaseTimes()
    Run(times, SECONDS, clips=clips).truth_and_told()
    for _ in range(2):
        Run(times, SECONDS, loaded=True, clips=clips).truth_and_told()
    told = Run(times, SECONDS, loaded=True, clips=clips).truth_and_told()
    assert max(abs(truth - one) for truth, one in told) < 0.1


@pytest.mark.parametrize("clips", [1, 3])
@pytest.mark.parametrize("loaded", [True, False])
def test_after_three_runs_the_remaining_seconds_are_the_truth(clips: int, loaded: bool) -> None:
    times = PhaseTimes()
    for _ in range(3):
        Run(times, SECONDS, clips=clips).run()
    told = Run(times, SECONDS, loaded=loaded, clips=clips).run()
    assert max(abs(truth - (by_end or 0.0)) for truth, _, by_end in told) < 0.1


def test_steps_that_are_slower_than_usual_move_the_end() -> None:
    times = PhaseTimes()
    Run(times, SECONDS, loaded=True).run()
    slower = {**SECONDS, Phase.STEPS: 3 * SECONDS[Phase.STEPS]}
    told = Run(times, slower, loaded=True).run()
    # When three quarters of the steps are done.
    assert max(abs(truth - (by_end or 0)) for truth, _, by_end in told if truth > 0.6) < 0.1


def test_without_earlier_jobs_nothing_is_told_before_a_step_is_done() -> None:
    told = [by_end for _, _, by_end in Run(PhaseTimes(), SECONDS).run()]
    first = next(place for place, one in enumerate(told) if one is not None)
    assert told[first - 1] is None
    assert first == 10 * (SECONDS[Phase.LOADING] + SECONDS[Phase.ENCODING]) + 1


def test_progress_never_goes_back_and_waits_for_what_takes_longer() -> None:
    times = PhaseTimes()
    Run(times, SECONDS).truth_and_told()
    slower = {phase: 3 * seconds for phase, seconds in SECONDS.items()}
    told = [one for _, one in Run(times, slower).truth_and_told()]
    assert told == sorted(told)
    assert told[-1] <= 1.0


def test_a_first_step_that_takes_longer_than_all_were_expected_to_takes_nothing_back() -> None:
    clock = Clock()
    job = JobProgress(PhaseTimes().expected("kind"), True, clock)
    job.observe(PhaseProgress(Phase.STEPS))
    clock.now += 600
    waited = job.fraction()
    job.observe(PhaseProgress(Phase.STEPS, 0.01))
    assert job.fraction() == waited


def test_a_kind_that_was_never_seen_has_progress_too() -> None:
    told = [one for _, one in Run(PhaseTimes(), SECONDS).truth_and_told()]
    assert told == sorted(told)
    assert told[0] < 0.05
    assert told[-1] > 0.9


def test_the_time_of_a_load_is_learned_only_from_a_load() -> None:
    times = PhaseTimes()
    Run(times, SECONDS).truth_and_told()
    loading = times.expected("kind")[Phase.LOADING]
    Run(times, SECONDS, loaded=True).truth_and_told()
    assert times.expected("kind")[Phase.LOADING] == loading == pytest.approx(4.0, abs=0.2)
    assert times.expected("other")[Phase.LOADING] != loading


def test_a_phase_that_is_long_overdue_does_not_end_in_a_moment() -> None:
    clock = Clock()
    job = JobProgress(dict(SECONDS), is_loaded=True, clock=clock, is_measured=True)
    job.observe(PhaseProgress(Phase.DECODING))
    clock.now += SECONDS[Phase.DECODING] + 200
    assert job.remaining() == pytest.approx(200 + SECONDS[Phase.WRITING])
