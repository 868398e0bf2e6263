"""The stand-in of ComfyUI in a process of its own, started and killed at will."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.support import patient
from tests.support.hinode_process import free_port

READY_SECONDS = 60.0


class ComfyUIProcess:
    """One folder of files and one port; the server on them comes and goes."""

    def __init__(self, folder: Path, step_seconds: float) -> None:
        self.folder = folder
        self._step_seconds = step_seconds
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        words = [str(self._port), str(self.folder), str(self._step_seconds)]
        module = "tests.support.upstreams.comfyui"
        self._process = subprocess.Popen([sys.executable, "-m", module, *words])
        started = time.monotonic()
        while True:
            try:
                patient.get(f"{self.url}/system_stats", timeout=2.0)
            except httpx.TransportError:
                assert time.monotonic() - started < READY_SECONDS, "it did not start"
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """Kill -9 the server: its queue and its history are lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def files(self) -> list[Path]:
        """Return the films that it has saved."""
        return sorted((self.folder / "output" / "hinode").glob("*.mp4"))
