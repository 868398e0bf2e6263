"""Wait for child processes without a thread for each, as asyncio does from Python 3.12 on."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVarTuple

Args = TypeVarTuple("Args")
Ended = Callable[[int, int, *Args], object]


def watch_children_by_pidfd() -> None:
    """Let the event loops of this process wait for the ends of their children by pidfd(2).

    Python 3.11 starts a thread for each child; in a process that runs out of memory this can block
    the event loop for ever. Without pidfds, as on macOS, nothing changes.
    """
    if sys.version_info >= (3, 12) or not hasattr(os, "pidfd_open"):
        return
    with suppress(OSError):  # a kernel before 5.3
        os.close(os.pidfd_open(os.getpid()))
        asyncio.get_event_loop_policy().set_child_watcher(_PidfdWatcher())


class _PidfdWatcher(asyncio.AbstractChildWatcher):
    """Watches the children of every event loop in that loop."""

    def add_child_handler(
        self, pid: int, callback: Callable[[int, int, *Args], object], *args: *Args
    ) -> None:
        """Call ``callback(pid, status, *args)`` in the running loop when the child has ended."""
        loop, handle = asyncio.get_running_loop(), os.pidfd_open(pid)

        def reap() -> None:
            loop.remove_reader(handle)
            os.close(handle)
            callback(pid, _exit_status(pid), *args)

        loop.add_reader(handle, reap)

    def remove_child_handler(self, pid: int) -> bool:
        """Return False: a child is watched until its end."""
        return False

    def attach_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Do nothing: each loop watches its own children."""

    def is_active(self) -> bool:
        """Return True: no loop must be attached."""
        return True

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None: ...


def _exit_status(pid: int) -> int:
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:  # reaped elsewhere; asyncio's own watchers say this, too
        return 255
    return os.waitstatus_to_exitcode(status)
