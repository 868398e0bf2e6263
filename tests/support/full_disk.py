"""A disk on which no file may grow beyond a size, for this process or another one."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def full_disk(pid: int | None = None, most: int = 1) -> Iterator[None]:
    """Let no file of the process, by default this one, grow beyond so many bytes in the block."""
    pid = os.getpid() if pid is None else pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
