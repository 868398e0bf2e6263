"""Run `hinode doctor` in a process of its own: a check that hangs or crashes ends there."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from hinode.config.settings import Settings

LONGEST_SECONDS = 60.0
_COMMAND = (sys.executable, "-m", "hinode.cli.main", "doctor", "--json")
_FROM_ARGUMENTS = ("data", "database", "storage")


@dataclass(slots=True)
class DoctorProcess:
    """The checks with the settings of this process; who asks meanwhile gets the same results."""

    settings: Settings
    longest_seconds: float = LONGEST_SECONDS
    command: tuple[str, ...] = _COMMAND
    _running: asyncio.Task[list[dict[str, str]]] | None = field(default=None, init=False)

    async def results(self) -> list[dict[str, str]]:
        """Return the checks as `hinode doctor --json` prints them."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="hinode-doctor")
        return await asyncio.shield(self._running)

    async def _run(self) -> list[dict[str, str]]:
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self._environment()},
        )
        try:
            async with asyncio.timeout(self.longest_seconds):
                printed, _ = await process.communicate()
        except TimeoutError:
            return [_failed(f"The checks did not end within {self.longest_seconds:.0f} seconds.")]
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        try:
            found: list[dict[str, str]] = json.loads(printed)
        except ValueError:
            return [_failed("The checks ended without a result.")]
        return found

    def _environment(self) -> Mapping[str, str]:
        """Return what arguments of this process said; a URL with a password is no argument."""
        given = {name: str(getattr(self.settings, name)) for name in _FROM_ARGUMENTS}
        return {f"HINODE_{name.upper()}": value for name, value in given.items() if value}


def _failed(detail: str) -> dict[str, str]:
    remedy = "Run `hinode doctor` on the server; it prints each check as it ends."
    return {"name": "doctor", "status": "error", "detail": detail, "remedy": remedy}
