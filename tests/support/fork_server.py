"""Hinode's commands and servers as processes that start at once: forks of one that has it loaded.

Loading Hinode costs a process a second or two, and tests start more than a hundred. Each fork is a
process of its own with its own arguments, environment and files, which can be killed at will; what
a start from nothing is like, the acceptance tests of serving try with a fresh interpreter.

``python -m tests.support.fork_server`` is the process that forks. It reads a request per line: the
JSON of an :class:`Order`, answered with a process id; or an id, answered with its wait status.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import typer.main

from tests.support.fast_sqlite import migrated_database, use_fast_sqlite

COMMAND = "hinode.cli.main"
LOADED = (
    COMMAND,
    "alembic.command",
    "anyio._backends._asyncio",
    "cryptography.hazmat.primitives.asymmetric.rsa",
    "cryptography.x509",
    "hinode.cli.server",
    "hinode.engines.preview.engine",
    "hinode.engines.preview.process.render_process",
    "hinode.services",
    "hinode.worker",
    "hinode.testing.scripted_engine",
    "sqlalchemy.dialects.sqlite",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
)
"""What forks need not load themselves; none of these starts a thread."""


@dataclass(frozen=True)
class Order:
    """What to run: a module with arguments, and the files that it reads from and writes to."""

    module: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    stdin: str
    stdout: str
    stderr: str


class Forked:
    """A process that was forked elsewhere, with the part of ``Popen`` that tests need."""

    def __init__(self, fork_server: ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = fork_server
        self._handle = os.pidfd_open(pid)
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, below 0 for a signal; None while it runs."""
        return self._ended(0.0)

    def wait(self, timeout: float) -> int:
        """Return the exit status once it has ended; raises ``TimeoutExpired``."""
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def _ended(self, seconds: float) -> int | None:
        if self._status is None:
            poller = select.poll()
            poller.register(self._handle, select.POLLIN)
            if poller.poll(1000 * seconds):
                self._status = os.waitstatus_to_exitcode(self._server.ask(str(self.pid)))
                os.close(self._handle)
        return self._status


class ForkServer:
    """The process that forks, and the line to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        atexit.register(self.close)

    def fork(self, order: Order) -> Forked:
        """Start what is ordered, in the folder where the test is."""
        return Forked(self, self.ask(json.dumps({"folder": os.getcwd(), **asdict(order)})))

    def ask(self, line: str) -> int:
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@functools.cache
def fork_server() -> ForkServer:
    """The one of this process."""
    return ForkServer()


def main() -> None:
    """Fork until there are no more requests; a fork becomes what it was asked to be."""
    for module in LOADED:
        importlib.import_module(module)
    use_fast_sqlite()
    migrated_database()
    _build_commands_once()
    assert threading.active_count() == 1
    gc.freeze()  # forks share what is loaded, and do not look through it
    order = _serve()
    if order is not None:
        _become(order)


def _build_commands_once() -> None:
    """Build all commands from their signatures now: each fork would, for a tenth of a second."""
    build = functools.cache(typer.main.get_command)
    vars(typer.main).update(get_command=build)
    build(sys.modules[COMMAND].app)


def _serve() -> Order | None:
    requests = os.fdopen(os.dup(0), "rb")
    for line in requests:
        body = json.loads(line)
        if isinstance(body, int):
            _, answer = os.waitpid(body, 0)
        else:
            answer = os.fork()
            if answer == 0:
                requests.close()
                os.chdir(body.pop("folder"))
                return Order(**body)
        os.write(1, f"{answer}\n".encode())
    return None


def _become(order: Order) -> None:
    for handle, path, mode in (
        (0, order.stdin, os.O_RDONLY),
        (1, order.stdout, os.O_WRONLY | os.O_APPEND),
        (2, order.stderr, os.O_WRONLY | os.O_APPEND),
    ):
        os.dup2(os.open(path, mode), handle)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv = [order.module, *order.words]
    if order.module == COMMAND:
        sys.modules[COMMAND].main()
    else:
        runpy.run_module(order.module, run_name="__main__")


def run(
    words: tuple[str, ...], folder: Path, *, stdin: str, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; ``folder`` is for what it reads and writes."""
    files = {name: folder / name for name in ("stdin", "stdout", "stderr")}
    for file in files.values():
        file.touch()
    files["stdin"].write_text(stdin)
    paths = {name: str(file) for name, file in files.items()}
    status = fork_server().fork(Order(COMMAND, words, dict(os.environ), **paths)).wait(seconds)
    said = files["stdout"].read_text(), files["stderr"].read_text()
    return subprocess.CompletedProcess(words, status, *said)


if __name__ == "__main__":
    main()
