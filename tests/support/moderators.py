"""Moderators: the documented example as it stands, with what it was sent."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "docs/examples/moderator.py"
SECRET = "hush"


@dataclass
class RunningModerator:
    """The example on a port of loopback; ``seen`` is what it was sent.

    While ``open`` is clear it gives no verdict.
    """

    url: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    open: Event = field(default_factory=Event)

    def settings(self, **given: Any) -> dict[str, Any]:
        return {"url": self.url, "secret": SECRET, **given}


@contextmanager
def running_moderator() -> Iterator[RunningModerator]:
    """Run the example; ``answers`` are given to creates before its own."""
    spec = importlib.util.spec_from_file_location("moderator_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    example: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    own = example.judge

    def judge(content: dict[str, Any]) -> Any:
        running.seen.append(content)
        running.open.wait()
        scripted = running.answers and content["stage"] == "create"
        return running.answers.pop(0) if scripted else own(content)

    example.judge = judge
    server = example.create_server(0, SECRET)
    running = RunningModerator(f"http://127.0.0.1:{server.server_address[1]}/review")
    running.open.set()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        running.open.set()
        server.shutdown()
        thread.join()
        server.server_close()
