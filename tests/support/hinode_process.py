"""A real `hinode serve` in a process of its own, started and killed at will."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from tests.support import patient
from tests.support.fork_server import COMMAND, Forked, Order, fork_server, run

READY_SECONDS = 300.0


def free_port() -> int:
    """Return a port that nothing uses, below those that the system gives to connections."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port


def hinode(
    *words: str, stdin: str = "", fresh: bool = False, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; in a ``fresh`` interpreter if its start is what is tested.

    ``before`` is a command that runs it.
    """
    if fresh or before:
        command = [*before, sys.executable, "-m", COMMAND, *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, input=stdin
        )
    with tempfile.TemporaryDirectory(prefix="hinode-command-") as folder:
        return run(words, Path(folder), stdin=stdin, seconds=120)


class HinodeProcess:
    """One data folder and port; the server on them comes and goes.

    ``fresh``: in an interpreter that has loaded nothing before, as users start it. ``before`` is a
    command that runs the server, such as one that gives rights away.
    """

    def __init__(
        self,
        data: Path,
        environment: Mapping[str, str] | None = None,
        command: str = COMMAND,
        *,
        fresh: bool = False,
        before: Sequence[str] = (),
    ) -> None:
        self.data = data
        self._before = before
        self._command = command
        self._fresh = fresh
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / "server.log"
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | Forked | None = None

    def start(self) -> float:
        """Start the server; return the seconds until it answered."""
        started = time.monotonic()
        self._process = self._started("serve", "--data", str(self.data), "--port", str(self.port))
        while time.monotonic() - started < READY_SECONDS:
            assert self._process.poll() is None, self.log.read_text()
            try:
                patient.get(f"{self.address}/healthz", timeout=2.0)
            except httpx.TransportError:
                time.sleep(0.02)
            else:
                return time.monotonic() - started
        raise AssertionError(f"the server did not answer:\n{self.log.read_text()}")

    def _started(self, *words: str) -> subprocess.Popen[bytes] | Forked:
        with self.log.open("ab") as log:
            if self._fresh or self._before:
                command = [*self._before, sys.executable, "-m", self._command, *words]
                return subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)
        said = str(self.log)
        return fork_server().fork(
            Order(self._command, words, self._environment, os.devnull, said, said)
        )

    @property
    def key(self) -> str:
        """The key that the first start printed."""
        found = re.search(r"sk-[A-Za-z0-9]{40,}", self.log.read_text())
        assert found is not None
        return found[0]

    def client(self) -> httpx.Client:
        """Return a client of the API with that key."""
        headers = {"authorization": f"Bearer {self.key}"}
        return patient.Client(base_url=f"{self.address}/v1", headers=headers)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def children(self) -> list[int]:
        """The server's render processes."""
        found = []
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            found += [int(pid) for pid in (task / "children").read_text().split()]
        return found

    def kill(self) -> list[int]:
        """Kill -9 the server; return the render processes it had."""
        children = self.children()
        self._end(signal.SIGKILL)
        return children

    def stop(self) -> int:
        """Ask the server to stop and return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self._process.wait(timeout=30)


class WorkerProcess(HinodeProcess):
    """A `hinode worker`, which answers nobody."""

    def __init__(
        self,
        data: Path,
        environment: Mapping[str, str],
        *words: str,
        command: str = COMMAND,
        before: Sequence[str] = (),
    ) -> None:
        super().__init__(data, environment, command, before=before)
        self._words = words
        self.log = data.parent / f"{data.name}.log"

    def start(self) -> float:
        """Start the worker; return the seconds until it rendered."""
        started, before = time.monotonic(), self._starts()
        self._process = self._started("worker", "--data", str(self.data), *self._words)
        while self._starts() == before:
            assert time.monotonic() - started < READY_SECONDS, self.log.read_text()
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        return time.monotonic() - started

    def _starts(self) -> int:
        return self.log.read_text().count("Rendering;") if self.log.exists() else 0


@contextmanager
def running(*processes: HinodeProcess) -> Iterator[None]:
    """Start the processes; at the end let suspended ones go on, and stop them all."""
    with ExitStack() as stack:
        for process in processes:
            process.start()
            stack.callback(_stop, process)
        yield


def _stop(process: HinodeProcess) -> None:
    os.kill(process.pid, signal.SIGCONT)
    assert process.stop() == 0


def is_alive(pid: int) -> bool:
    """Whether a process runs and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
