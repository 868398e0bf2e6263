"""A render process that does what the prompt says, without torch: in place of the real one.

``fail``, ``exhaust`` (and end), ``die``, ``stall`` (stop at a cancel), ``deaf`` (do not even then),
``write`` (until the file ``go`` is beside the job's folder, and let the next job begin unless it is
told to be alone); any other prompt succeeds. Its files tell its process's id.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
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
_canceled: set[UUID] = set()
_sending = threading.Lock()


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
        if command.render is not None and not _writes(command.render):
            _send(_rendered(command.render, inbox))


def _writes(order: RenderCommand) -> bool:
    """Write the files of a job that says so, beside the next one if it may."""
    if order.spec.prompt != "write":
        return False
    _send(RenderReport(order.spec.job_id, progress=PhaseProgress(Phase.WRITING)))
    if order.alone:
        _write(order)
    else:
        _send(RenderReport(order.spec.job_id, rendered=True))
        threading.Thread(target=_write, args=(order,), daemon=True).start()
    return True


def _write(order: RenderCommand) -> None:
    job = order.spec.job_id
    while not (order.folder.parent / "go").exists():
        if job in _canceled:
            return _send(RenderReport(job, canceled=True))
        time.sleep(0.01)
    return _send(_files(order))


def _read(inbox: Inbox) -> None:
    for line in sys.stdin.buffer:
        command = dataclass_json.decode(Command, line)
        if command.cancel is not None:
            _canceled.add(command.cancel)
        inbox.put(command)
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
    return _files(order)


def _files(order: RenderCommand) -> RenderReport:
    path = order.folder / "pid"
    path.write_text(str(os.getpid()))
    made = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 64, 64, 20, 2.0)
    return RenderReport(order.spec.job_id, artifacts=(made,))


def _failed(job: UUID, code: str, *, fatal: bool) -> RenderReport:
    return RenderReport(job, failure=FailureReport(code, "As the prompt says.", fatal=fatal))


def _send(message: RenderReport) -> None:
    with _sending:
        sys.stdout.buffer.write(dataclass_json.encode(message))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
