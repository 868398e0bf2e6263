"""The system's error behind what libraries raise: the job waits for the host instead of failing."""

from __future__ import annotations

import errno
import re

import av.error

_OF_RUST = re.compile(r"\(os error (\d{1,4})\)")
"""How safetensors and tokenizers tell it, whose exceptions have no number."""
_OF_TORCH = "can't allocate memory"


def system_errno(error: BaseException) -> int | None:
    """Return the number of the system's error that an error comes from; None without one."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        if (number := _own_errno(following)) is not None:
            return number
        following = following.__cause__ or following.__context__
    return None


def _own_errno(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    # An encoder that cannot start for want of memory says no more than that it failed.
    if isinstance(error, MemoryError | av.error.ExternalError) or _OF_TORCH in str(error):
        return errno.ENOMEM
    told = _OF_RUST.search(str(error))
    return int(told[1]) if told else None
