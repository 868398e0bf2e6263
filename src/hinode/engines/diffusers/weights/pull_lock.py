"""A pull of a model is alone in the model's folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hinode.engines.diffusers.weights.hub import HubError
from hinode.engines.diffusers.weights.names import HubName


@contextmanager
def alone(folder: Path, name: HubName, *, waits: bool = False) -> Iterator[None]:
    """Keep other pulls of a model away; wait for one, or raise :class:`HubError` while it runs."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            message = f"{name} is being pulled already: wait for that to end."
            raise HubError("pull_running", message) from None
        yield
