"""The ends of child processes are noticed in every event loop, without threads."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from hinode.kit.child_watcher import watch_children_by_pidfd


@pytest.fixture(autouse=True)
def _watcher() -> Iterator[None]:
    watch_children_by_pidfd()
    yield
    asyncio.set_event_loop_policy(None)


async def _ended(code: str, *, kill: bool = False) -> int:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert not any("waitpid" in thread.name for thread in threading.enumerate())
    if kill:
        child.kill()
    return await child.wait()


async def _both() -> list[int]:
    return [*await asyncio.gather(_ended("exit(3)"), _ended("input()", kill=True))]


def test_children_are_waited_for_in_two_loops_at_once() -> None:
    found: list[list[int]] = []
    other = threading.Thread(target=lambda: found.append(asyncio.run(_both())))
    other.start()
    found.append(asyncio.run(_both()))
    other.join()
    assert found == [[3, -signal.SIGKILL]] * 2
