"""Kills at each phase of an open-weight model's render lose nothing, double nothing, leave none."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode.engines.diffusers.process.protocol import Phase
from tests.support.hinode_process import is_alive
from tests.support.paused_render import FILES
from tests.support.paused_server import Scene, until

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def scene(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene.of(tiny_models, tmp_path_factory.mktemp("kills"))
    made.server.start()
    yield made
    made.close()


@pytest.mark.parametrize("phase", Phase)
def test_a_render_process_that_is_killed_costs_nothing(scene: Scene, phase: Phase) -> None:
    before = scene.counts()
    video, pid = scene.waiting_at(phase)
    scene.pauses.release()
    os.kill(pid, signal.SIGKILL)
    scene.check_once(video, before)
    until(lambda: not is_alive(pid))


@pytest.mark.parametrize("phase", Phase)
def test_a_server_that_is_killed_loses_nothing(scene: Scene, phase: Phase) -> None:
    before = scene.counts()
    video, pid = scene.waiting_at(phase)
    assert pid in scene.server.kill()
    until(lambda: not is_alive(pid))
    scene.pauses.release()
    scene.server.start()
    scene.check_once(video, before)


def test_the_next_job_renders_while_files_are_written(scene: Scene) -> None:
    scene.ended(scene.create())
    before = scene.counts()
    first, pid = scene.waiting_at(FILES)
    scene.pauses.stop_at(Phase.STEPS.value)
    second, beside = scene.create(), scene.reached_again()
    assert scene.state(first) == scene.state(second) == "in_progress"
    assert pid == beside
    scene.pauses.release()
    scene.check_twice(first, second, before)
    assert pid in scene.server.children()


@pytest.mark.parametrize("killed", ["process", "server"])
def test_a_kill_while_two_jobs_share_a_process_costs_neither(scene: Scene, killed: str) -> None:
    scene.ended(scene.create())
    before = scene.counts()
    first, pid = scene.waiting_at(FILES)
    scene.pauses.stop_at(Phase.STEPS.value)
    second, _ = scene.create(), scene.reached_again()
    if killed == "server":
        scene.server.kill()
    else:
        os.kill(pid, signal.SIGKILL)
    scene.pauses.release()
    if killed == "server":
        scene.server.start()
    scene.check_twice(first, second, before)
    until(lambda: not is_alive(pid))


def test_a_cancel_while_files_are_written_leaves_the_next_job(scene: Scene) -> None:
    scene.ended(scene.create())
    first, pid = scene.waiting_at(FILES)
    scene.pauses.stop_at(Phase.STEPS.value)
    second, _ = scene.create(), scene.reached_again()
    scene.ask("DELETE", f"/v1/videos/{first}")
    scene.pauses.release()
    assert scene.ended(second)["status"] == "completed"
    assert pid in scene.server.children()


def test_a_cancel_keeps_the_process_for_the_next_job(scene: Scene) -> None:
    scene.ended(scene.create())
    kept = scene.server.children()
    video, pid = scene.waiting_at(Phase.STEPS)
    scene.ask("DELETE", f"/v1/videos/{video}")
    scene.pauses.release()
    assert scene.ended(scene.create())["status"] == "completed"
    assert pid in kept
    assert pid in scene.server.children()
