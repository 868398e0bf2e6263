"""Get a model that a job needs, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import structlog

from hinode.engines.diffusers.weights.errors import ModelMissing
from hinode.kit.child_process import environment_without_settings

_COMMAND = (sys.executable, "-m", "hinode.cli.main", "model", "pull", "--wait")

log = structlog.get_logger("hinode.diffusers")


async def pull_model(name: str, folder: Path) -> None:
    """Get a model into the folder of models; cancelling stops it, and another call goes on.

    Raises :class:`ModelMissing` when it cannot be got; the log says why.
    """
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        name,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**environment_without_settings(), "HINODE_MODEL_FOLDER": str(folder)},
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.warning("a model cannot be got", model=name, said=said.decode("utf-8", "replace"))
        raise ModelMissing(f"The model '{name}' cannot be got; the operator's log says why.")
