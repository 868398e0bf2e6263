"""The uptime of this machine: seconds that no change of its clock moves."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class MachineUptime:
    """Seconds since a boot, sleep included where the system tells, and the name of that boot."""

    boot: str
    seconds: float


def machine_uptime() -> MachineUptime:
    """Return the uptime of this machine."""
    if sys.platform == "linux":
        return MachineUptime(_boot(), time.clock_gettime(time.CLOCK_BOOTTIME))
    return MachineUptime(_boot(), time.monotonic())


@cache
def _boot() -> str:
    with suppress(OSError):
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return uuid4().hex  # A boot without a name is told apart by the process.
