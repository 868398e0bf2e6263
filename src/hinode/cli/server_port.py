"""The port of the server of a data folder, told to commands beside it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

_FILE = "server.port"
_SECONDS = 1.0


def record_port(data: Path, listener: socket.socket) -> None:
    """Record the port of a listening socket; of several servers the last one counts."""
    new = data / f"{_FILE}.{os.getpid()}"
    new.touch(mode=0o600)  # as all files of the folder: its start would tell of others
    new.write_text(f"{listener.getsockname()[1]}\n", encoding="ascii")
    new.replace(data / _FILE)


def running_port(data: Path) -> int | None:
    """Return the recorded port, if a server listens there now on this machine; else None."""
    try:
        port = int((data / _FILE).read_text(encoding="ascii"))
        with socket.create_connection(("127.0.0.1", port), _SECONDS):
            return port
    except (OSError, ValueError, OverflowError):  # no server, or one that was killed
        return None
