"""A render process that waits at a phase until it may go on: a test kills it, or its server, there.

As a script it is the engine's Python: it runs the render process whatever its arguments are.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from hinode.engines.diffusers.process.protocol import PhaseProgress

FILES = "files"
"""In place of a phase: where the files are written beside the next job's render."""
_STOP, _REACHED = "stop", "reached"


class Pauses:
    """The folder in which a test and the render process talk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def python(self, interpreter: Path) -> Path:
        """Return what to name as the engine's Python."""
        script = self.folder / "python"
        root = Path(__file__).parent.parent.parent
        words = f'"{interpreter}" -m tests.support.paused_render "{self.folder}"'
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{root}" exec {words}\n')
        script.chmod(0o700)
        return script

    def stop_at(self, phase: str) -> None:
        """Let the next job that comes to a phase wait there, and those that wait wait on."""
        (self.folder / _REACHED).unlink(missing_ok=True)
        (self.folder / _STOP).write_text(phase)

    def reached(self) -> int | None:
        """Return the id of the process that waits; None while none does."""
        told = self.folder / _REACHED
        return int(told.read_text()) if told.exists() else None

    def release(self) -> None:
        """Let no process wait any more."""
        for name in (_STOP, _REACHED):
            (self.folder / name).unlink(missing_ok=True)

    def wait_if_told(self, phase: str) -> None:
        """Wait at a phase, in the render process, while the test says so."""
        stop, reached = self.folder / _STOP, self.folder / _REACHED
        if not stop.exists() or stop.read_text() != phase:
            return
        draft = reached.with_suffix(".new")
        draft.write_text(str(os.getpid()))
        draft.rename(reached)
        while stop.exists():
            time.sleep(0.02)


def main(folder: Path) -> None:
    """Run the render process, which waits where the test says."""
    from hinode.engines.diffusers.process import child

    pauses, tell = Pauses(folder), child._Channel.progress

    def progress(self: child._Channel, job: UUID, made: PhaseProgress) -> None:
        tell(self, job, made)
        beside = threading.current_thread() is not threading.main_thread()
        pauses.wait_if_told(FILES if beside else made.phase.value)

    child._Channel.progress = progress  # type: ignore[method-assign]
    child.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
