"""Get a model that a job needs, in a process of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from pathlib import Path

import structlog

from hinode.engines.diffusers.weights.errors import ModelMissing
from hinode.kit.child_process import environment_without_settings

_COMMAND = (sys.executable, "-m", "hinode.cli.main", "model", "pull", "--wait")
HOST_FAILED = 75
"""Exit status of a pull whose host failed, such as by a full disk: ``EX_TEMPFAIL`` of sysexits.

Its output is the name of the system's error.
"""

log = structlog.get_logger("hinode.diffusers")


async def pull_model(name: str, folder: Path, min_free_disk_mb: int | None = None) -> None:
    """Get a model into the folder of models; cancelling stops it, and another call goes on.

    ``min_free_disk_mb`` are the megabytes to leave free, None for the usual ones.
    Raises :class:`ModelMissing` when it cannot be got, from an ``OSError`` where the host failed,
    such as by a full disk; the log says why.
    """
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        name,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(folder, min_free_disk_mb),
    )
    try:
        told, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.warning("a model cannot be got", model=name, said=said.decode("utf-8", "replace"))
        message = f"The model '{name}' cannot be got; the operator's log says why."
        raise ModelMissing(message) from _host_error(process.returncode, told)


def _environment(folder: Path, min_free_disk_mb: int | None) -> dict[str, str]:
    given = environment_without_settings() | {"HINODE_MODEL_FOLDER": str(folder)}
    if min_free_disk_mb is None:
        return given
    return given | {"HINODE_MIN_FREE_DISK_MB": str(min_free_disk_mb)}


def _host_error(status: int, told: bytes) -> OSError | None:
    """Return the system's error that the command ended by; None where the host is well."""
    if status != HOST_FAILED:
        return None
    number = getattr(errno, told.decode("ascii", "replace").strip(), errno.EIO)
    return OSError(number, os.strerror(number))
