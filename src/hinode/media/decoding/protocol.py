"""The protocol of decoding processes: one line of JSON each way, one reply per request."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor
from typing import Any, TypeAlias

from hinode.kit.child_process import environment_without_settings

Request: TypeAlias = dict[str, Any]
Reply: TypeAlias = Mapping[str, Any]

CHILD_MODULE = "hinode.media.decoding.child"


class Rejected(Exception):
    """The file breaks a rule; the message names it, ``code`` is the rule's where it has one."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class DecodingDied(Exception):
    """The process that decoded ended without a reply: of the file, or ``late``, of its time."""

    def __init__(self, *, late: bool = False) -> None:
        super().__init__("the process that decoded ended without a reply")
        self.late = late


def command(task: str) -> list[str]:
    """Return the command of a process that runs one kind of task, the module of that name."""
    return [sys.executable, "-m", CHILD_MODULE, task]


def environment() -> dict[str, str]:
    """Return the environment less this server's settings: decoders need none of the secrets."""
    # Threads that nobody needs would take address space from the limit.
    return {**environment_without_settings(), "OPENBLAS_NUM_THREADS": "1"}


def encode(message: Reply) -> bytes:
    """Return a message as one line."""
    return json.dumps(message).encode() + b"\n"


def rejection(error: Rejected) -> Reply:
    """Return the reply for a file that breaks a rule."""
    return {"rejected": str(error), "code": error.code}


def read_reply(line: bytes) -> Reply:
    """Return the facts of a reply.

    Raises :class:`Rejected`, :class:`DecodingDied`, and ``OSError``, ``MemoryError`` and
    ``BrokenExecutor`` for trouble of the host, which says nothing about the file.
    """
    if not line:
        # The process itself, which opens no file, was killed or has been stopped.
        raise BrokenExecutor("a decoding process has ended")
    try:
        found: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise DecodingDied from error
    if "errno" in found:
        raise OSError(found["errno"], os.strerror(found["errno"]))
    if found.get("died") == "host":
        raise MemoryError("the system killed a process that decoded")
    if "died" in found:
        raise DecodingDied(late=found["died"] == "time")
    if "rejected" in found:
        raise Rejected(found["rejected"], found["code"])
    return found
