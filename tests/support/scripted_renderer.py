"""A render process that does what the prompt says, without torch: in place of the real one.

``fail``, ``exhaust`` (and end), ``die``, ``stall`` (stop at a cancel), ``deaf`` (do not even then);
any other prompt succeeds. Its files tell its process's id.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path
from uuid import UUID

from hinode.engines.base import Artifact, ArtifactRole
from hinode.engines.diffusers.process.protocol import (
    Command,
    FailureReport,
    Phase,
    PhaseProgress,
    RenderCommand,
    RenderReport,
)
from hinode.kit import dataclass_json

Inbox = queue.Queue[Command | None]


def interpreter(folder: Path) -> str:
    """Return a command that runs this module whatever module it is told to run."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}"\n')
    path.chmod(0o700)
    return str(path)


def main() -> None:
    inbox: Inbox = queue.Queue()
    threading.Thread(target=_read, args=(inbox,), daemon=True).start()
    while True:
        command = inbox.get()
        if command is None:
            os._exit(3)
        if command.render is not None:
            _send(_rendered(command.render, inbox))


def _read(inbox: Inbox) -> None:
    for line in sys.stdin.buffer:
        inbox.put(dataclass_json.decode(Command, line))
    os._exit(3)


def _rendered(order: RenderCommand, inbox: Inbox) -> RenderReport:
    spec = order.spec
    _send(RenderReport(spec.job_id, progress=PhaseProgress(Phase.STEPS)))
    match spec.prompt:
        case "fail":
            return _failed(spec.job_id, "render_failed", fatal=False)
        case "exhaust":
            _send(_failed(spec.job_id, "out_of_memory", fatal=True))
            os._exit(4)
        case "die":
            os.abort()
        case "stall":
            while True:
                command = inbox.get()
                if command is not None and command.cancel == spec.job_id:
                    return RenderReport(spec.job_id, canceled=True)
        case "deaf":
            threading.Event().wait()
    path = order.folder / "pid"
    path.write_text(str(os.getpid()))
    made = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 64, 20, 2.0)
    return RenderReport(spec.job_id, artifacts=(made,))


def _failed(job: UUID, code: str, *, fatal: bool) -> RenderReport:
    return RenderReport(job, failure=FailureReport(code, "As the prompt says.", fatal=fatal))


def _send(message: RenderReport) -> None:
    sys.stdout.buffer.write(dataclass_json.encode(message))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
