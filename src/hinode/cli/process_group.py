"""Several processes behind one listening socket: servers, and a worker beside them.

The parent loads everything, listens, forks and waits; it serves nothing. All servers accept from
the one socket, so that connections that wait for a process that was killed are accepted by another
one; with a socket each (SO_REUSEPORT) they would be lost or wait for its successor.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
import typer

STOPS = frozenset({signal.SIGTERM, signal.SIGINT})
WATCHED = STOPS | {signal.SIGCHLD}

LEAST_LIFE_SECONDS = 10.0
"""A process that ends sooner is replaced later each time, up to :data:`LONGEST_PAUSE_SECONDS`."""
LONGEST_PAUSE_SECONDS = 30.0
KILL_AFTER_SECONDS = 5.0
"""Time beyond ``shutdown_seconds`` after which a process that does not end is killed."""

log = structlog.get_logger("hinode.server")


@dataclass(slots=True)
class _Child:
    """A place in the group, with the process that has it now; ``pid`` is 0 while it has none."""

    name: str
    run: Callable[[], None]
    pid: int = 0
    started_at: float = 0.0
    start_at: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class ProcessGroup:
    """The processes, in the order of their start; see :meth:`run`."""

    grace_seconds: float
    _children: list[_Child] = field(default_factory=list)
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)

    def add(self, name: str, run: Callable[[], None]) -> None:
        """Add a process; ``run`` returns when it got SIGTERM."""
        self._children.append(_Child(name, run))

    def run(self, is_ready: int) -> Callable[[], None] | None:
        """Fork and watch the processes until SIGTERM or SIGINT, and end them all.

        The others are forked once the first has written to the pipe that ``is_ready`` reads from,
        since the first start makes the tables and keys. In a child, return what it is to run; in
        the parent None at the end. Raises ``typer.Exit`` when the first start fails.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        gc.freeze()  # forks share what is loaded, and do not look through it
        first = self._children[0]
        if self._fork(first):
            return first.run
        if not self._await_first(first, is_ready):
            self._end_all()
            return None
        return self._watch()

    def _await_first(self, first: _Child, is_ready: int) -> bool:
        """Return whether the first process is ready; False after a signal to stop."""
        while not select.select([is_ready], [], [], 0)[0]:
            got = signal.sigtimedwait(WATCHED, 0.05)
            if got is not None and got.si_signo in STOPS:
                return False
            ended, status = os.waitpid(first.pid, os.WNOHANG)
            if ended:
                raise typer.Exit(os.waitstatus_to_exitcode(status) or 1)
        return True

    def _watch(self) -> Callable[[], None] | None:
        """Start what does not run, until a signal to stop."""
        while True:
            now = time.monotonic()
            for child in self._children:
                if not child.pid and child.start_at <= now and self._fork(child):
                    return child.run
            got = signal.sigtimedwait(WATCHED, self._pause(now))
            if got is not None and got.si_signo in STOPS:
                self._end_all()
                return None
            self._reap()

    def _pause(self, now: float) -> float:
        waiting = [child.start_at - now for child in self._children if not child.pid]
        return max(0.0, min([60.0, *waiting]))

    def _fork(self, child: _Child) -> bool:
        """Fork a process; return True in the child."""
        child.started_at = time.monotonic()
        child.pid = os.fork()
        if child.pid:
            return False
        os.close(self._lifeline[1])
        threading.Thread(
            target=_stop_with_parent, args=(self._lifeline[0],), name="hinode-parent", daemon=True
        ).start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        return True

    def _reap(self) -> None:
        for child in self._children:
            if child.pid and (ended := os.waitpid(child.pid, os.WNOHANG))[0]:
                self._plan_restart(child, os.waitstatus_to_exitcode(ended[1]))

    def _plan_restart(self, child: _Child, status: int) -> None:
        now, pid = time.monotonic(), child.pid
        lived = now - child.started_at >= LEAST_LIFE_SECONDS
        child.failures = 1 if lived else child.failures + 1
        pause = 0.0 if lived else min(2.0 ** (child.failures - 2), LONGEST_PAUSE_SECONDS)
        child.pid, child.start_at = 0, now + pause
        log.warning(
            "a process ended and is replaced",
            process=child.name,
            pid=pid,
            status=status,
            after_seconds=pause,
        )

    def _end_all(self) -> None:
        """Let every process drain; kill those that do not end."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + self.grace_seconds + KILL_AFTER_SECONDS
        while any(child.pid for child in self._children):
            left = deadline - time.monotonic()
            if left <= 0:
                self._signal(signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, max(left, 0.5))
            for child in self._children:
                if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                    child.pid = 0

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                os.kill(child.pid, number)


def _stop_with_parent(lifeline: int) -> None:
    """End this process as SIGTERM does once the parent has died: its end of the pipe closes."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
