"""A pending workflow that nothing runs is found, one that runs is left alone."""

from __future__ import annotations

import asyncio

import pytest

from hinode.workflows.running_steps import (
    LINGER_SECONDS,
    STRANDED_AFTER_SECONDS,
    RunningSteps,
    StrandedWorkflows,
)

NONE: frozenset[str] = frozenset()


def test_a_workflow_is_stranded_once_nothing_has_run_it_for_a_while() -> None:
    watch = StrandedWorkflows()
    assert watch.observe(["a"], NONE, 100.0) == []
    assert watch.observe(["a"], NONE, 100.0 + STRANDED_AFTER_SECONDS - 0.1) == []
    assert watch.observe(["a", "b"], NONE, 100.0 + STRANDED_AFTER_SECONDS) == ["a"]


def test_a_step_that_runs_begins_the_time_anew() -> None:
    watch = StrandedWorkflows()
    watch.observe(["a"], NONE, 0.0)
    watch.observe(["a"], frozenset({"a"}), 4.0)
    assert watch.observe(["a"], NONE, 6.0) == []
    assert watch.observe(["a"], NONE, 6.0 + STRANDED_AFTER_SECONDS) == ["a"]


def test_a_resumed_workflow_has_its_time_again() -> None:
    watch = StrandedWorkflows()
    watch.observe(["a"], NONE, 0.0)
    assert watch.observe(["a"], NONE, STRANDED_AFTER_SECONDS) == ["a"]
    assert watch.observe(["a"], NONE, STRANDED_AFTER_SECONDS + 0.1) == []


def test_a_workflow_runs_once_at_a_time() -> None:
    steps = RunningSteps()
    with steps.run("a"), steps.run("b"):
        assert steps.ids() == {"a", "b"}
        with pytest.raises(asyncio.CancelledError), steps.run("a"):
            pass
        assert steps.ids() == {"a", "b"}
    assert not steps.ids()


def test_a_process_is_busy_for_a_moment_after_its_last_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, now = RunningSteps(), 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    assert not steps.busy()
    with steps.run("a"):
        assert steps.busy()
    now += LINGER_SECONDS - 0.1
    assert steps.busy()
    now += 0.2
    assert not steps.busy()
