"""A clock of real servers that a test moves while they run.

With a C compiler it is the machine's, moved under them as `make clocks` moves it. Without one, this
module is the command instead of `hinode`, and moves the clock that Hinode's own code looks at.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

COMMAND = "tests.support.moved_clock"
CLOCKS = Path(__file__).parent.parent.parent / "scripts" / "clocks.c"
_FILE = "HINODE_CLOCK_FILE"
_PACE = "HINODE_TEST_PACE"
_SECONDS = struct.Struct("q")


class MovedClock:
    """The distance of a clock from the right time, in a file that its processes look at."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "ahead"
        self._file.write_bytes(_SECONDS.pack(0))

    def move(self, ahead: timedelta) -> None:
        """Let the clock be this far ahead of the right time."""
        with self._file.open("r+b") as file:
            file.write(_SECONDS.pack(int(ahead.total_seconds())))

    def injected(self, pace: float = 1.0) -> Mapping[str, str]:
        """The environment of :data:`COMMAND`; periodic tasks run ``pace`` times as often."""
        return {_FILE: str(self._file), _PACE: str(pace)}

    def preloaded(self) -> Mapping[str, str] | None:
        """The environment of any command, whose machine has this clock; None without a compiler."""
        compiler = shutil.which("cc")
        if compiler is None:
            return None
        library = self._folder / "clocks.so"
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(CLOCKS)]
        subprocess.run(command, check=True)
        return {_FILE: str(self._file), "LD_PRELOAD": str(library)}


def _inject() -> None:
    from hinode.kit.clock import SystemClock
    from hinode.workflows.scheduler import PeriodicTask, Scheduler

    file, pace = Path(os.environ[_FILE]), float(os.environ[_PACE])

    def now(_: SystemClock) -> datetime:
        (ahead,) = _SECONDS.unpack(file.read_bytes())
        return datetime.now(UTC) + timedelta(seconds=ahead)

    make_scheduler = Scheduler.__init__

    def hurried(self: Scheduler, tasks: list[PeriodicTask]) -> None:
        for task in tasks:
            task.interval_s /= pace
        make_scheduler(self, tasks)

    Scheduler.tick_seconds /= pace
    for owner, name, value in ((SystemClock, "now", now), (Scheduler, "__init__", hurried)):
        setattr(owner, name, value)


if __name__ == "__main__":
    from hinode.cli.main import main

    _inject()
    main()
