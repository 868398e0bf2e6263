"""Server processes: started on a free port, waited for, measured, and always ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_READY_SECONDS = 60.0
_HERE = Path(__file__).parent
_LITELLM_HEALTH = "/health/liveliness"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, its process, and how long it took to answer, in seconds."""

    port: int
    pid: int
    start_seconds: float

    def rss_mb(self) -> float:
        """Return the resident memory of its process in MB (10^6 bytes)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise ProcessLookupError(self.pid)


@contextlib.contextmanager
def hinode(data: Path, *options: str) -> Iterator[Server]:
    """Run `hinode serve` on a data folder, with more options on its command line."""
    port = _free_port()
    serve = [sys.executable, "-m", "hinode.cli.main", "serve", "--data", str(data)]
    command = [*serve, "--port", str(port), *options]
    with _serving(command, port, "/healthz", data.parent / f"{data.name}.log") as server:
        yield server


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """Run the bare application of :mod:`benchmarks.bare`."""
    port = _free_port()
    command = [sys.executable, str(_HERE / "bare.py"), str(port)]
    with _serving(command, port, "/", folder / "bare.log") as server:
        yield server


@contextlib.contextmanager
def upstream(clip: Path, seconds: float) -> Iterator[Server]:
    """Run the slow upstream of :mod:`benchmarks.upstream`; its log is beside the clip."""
    port = _free_port()
    command = [sys.executable, str(_HERE / "upstream.py"), str(port), str(seconds), str(clip)]
    with _serving(command, port, "/report", clip.with_name("upstream.log")) as server:
        yield server


@contextlib.contextmanager
def litellm(program: Path, config: Path) -> Iterator[Server]:
    """Run LiteLLM's proxy as one process, asking nothing of the network; its log is beside."""
    port = _free_port()
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    log = config.with_suffix(".log")
    with _serving([*command, "--telemetry", "False"], port, _LITELLM_HEALTH, log, quiet) as server:
        yield server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _serving(
    command: list[str], port: int, path: str, log: Path, extra: Mapping[str, str] | None = None
) -> Iterator[Server]:
    started = time.monotonic()
    with log.open("ab") as out:
        environment = {**os.environ, **(extra or {})}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        _await_answer(process, port, path, log)
        yield Server(port, process.pid, time.monotonic() - started)
    finally:
        _end(process)


def _await_answer(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"The server ended at once:\n{log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                probe.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                if probe.recv(16).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit(f"The server did not answer:\n{log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
