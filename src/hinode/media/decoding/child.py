"""The process that decodes what strangers send: ``python -m hinode.media.decoding.child MODULE``.

The module has ``run``, which works on one request, and ``MEMORY_BYTES``, its bound. The process
loads the decoders once and forks for each request: the file is opened in a process of its own,
which ends with it, has bounds of memory and time, and cannot see another client's file. SIGTERM
gives the present request up. The end of its input ends the process.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from hinode.media.decoding.protocol import Rejected, Reply, Request, encode, rejection

_NICENESS = 10
"""Of lower priority than the server, which shares the cores."""

_FILE_BYTES = 512 * 2**20
_UNREADABLE = "The file is not a video that can be decoded."
_OF_HOST = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE}
_CAUSES: dict[int, str] = {signal.SIGALRM: "time", signal.SIGXCPU: "time", signal.SIGKILL: "host"}


def main(task: str) -> None:
    """Answer requests until the input ends."""
    module = importlib.import_module(task)
    os.nice(_NICENESS)
    decoder = _Decoder(module.run, module.MEMORY_BYTES)
    signal.signal(signal.SIGTERM, decoder.give_up)
    replies = sys.stdout.buffer
    for line in sys.stdin.buffer:
        replies.write(decoder.answer(json.loads(line)))
        replies.flush()


class _Decoder:
    """Runs each request in a fork."""

    def __init__(self, run: Callable[[Request], Reply], memory: int) -> None:
        self._run = run
        self._memory = memory
        self._fork: int | None = None

    def answer(self, request: Request) -> bytes:
        source, sink = os.pipe()
        pid = os.fork()
        if not pid:
            self._work(request, sink)
        self._fork = pid
        os.close(sink)
        with open(source, "rb") as pipe:
            reply = pipe.read()
        self._fork = None
        _, status = os.waitpid(pid, 0)
        return reply or encode({"died": _cause(status)})

    def give_up(self, _number: int, _frame: FrameType | None) -> None:
        if self._fork is not None:
            os.kill(self._fork, signal.SIGKILL)

    def _work(self, request: Request, sink: int) -> NoReturn:
        """Decode within bounds; the fork ends here, whatever happens."""
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._set_bounds(float(request["seconds"]))
            os.write(sink, encode(_reply(self._run, request)))
        finally:
            os._exit(0)

    def _set_bounds(self, seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        _limit(resource.RLIMIT_AS, self._memory)
        _limit(resource.RLIMIT_CPU, int(seconds) + 1)
        _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
        _limit(resource.RLIMIT_CORE, 0)


def _reply(run: Callable[[Request], Reply], request: Request) -> Reply:
    try:
        return run(request)
    except Rejected as error:
        return rejection(error)
    except Exception as error:  # decoders of invalid bytes raise anything
        number = getattr(error, "errno", None)
        return {"errno": number} if number in _OF_HOST else rejection(Rejected(_UNREADABLE))


def _limit(kind: int, value: int) -> None:
    _, most = resource.getrlimit(kind)
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(kind, (value, value))


def _cause(status: int) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return _CAUSES.get(number, "file")


if __name__ == "__main__":
    main(sys.argv[1])
