"""The memory of this machine: of its host, and of its cards by the driver's own command."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_MIB = 1 << 20
_QUERY = ["--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits"]
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card: its name, its memory in bytes, and the driver's number and id of it."""

    name: str
    total: int
    free: int
    number: int = 0
    uuid: str = ""


def cards() -> list[Card]:
    """Return the NVIDIA cards, in the driver's order; none where its command is not installed."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        done = subprocess.run(  # noqa: S603
            [command, *_QUERY], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_cards(done.stdout)


def parse_cards(text: str) -> list[Card]:
    """Return the cards that the driver's command listed; lines without figures are left out."""
    found = []
    for line in text.splitlines():
        first, *sizes = (part.strip() for part in line.rsplit(",", 2))
        number, *named = (part.strip() for part in first.split(",", 2))
        if len(sizes) == len(named) == 2 and all(one.isdecimal() for one in (number, *sizes)):
            total, free = (int(size) * _MIB for size in sizes)
            found.append(Card(named[1], total, free, int(number), named[0]))
    return found


def free_host_memory(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the bytes that the host can give, within the limit of a container.

    All of its memory where the system does not tell what is free.
    """
    try:
        lines = (proc / "meminfo").read_text(encoding="ascii").splitlines()
        sizes = {line.split(":")[0]: line.split()[1] for line in lines if ":" in line}
        free = int(sizes["MemAvailable"]) * 1024
    except (OSError, KeyError, IndexError, ValueError):
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit, used = (int((cgroup / f"memory.{one}").read_text()) for one in ("max", "current"))
    except (OSError, ValueError):  # no container, or "max": no limit
        return free
    return min(free, max(0, limit - used))
