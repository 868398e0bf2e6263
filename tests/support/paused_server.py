"""A server whose render process waits at a phase, on a model that the tests made."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support import patient
from tests.support.hinode_process import HinodeProcess
from tests.support.open_models import TORCH_PYTHON
from tests.support.paused_render import Pauses

SECONDS = 300
PRICE = 25
"""What a second of sora-2 costs."""
SETTINGS = """
[engines.local]
kind = "diffusers"
devices = "cpu"
python = "{python}"
steps = 2

[models.sora-2]
engine = "local"
upstream = "{models}/ltx2"
seconds = [1]
sizes = ["768x512"]
"""


@dataclass
class Scene:
    """A server, and where its render process waits."""

    server: HinodeProcess
    pauses: Pauses

    @classmethod
    def of(
        cls,
        models: Path,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        more: str = "",
    ) -> Self:
        """Return a scene with its data in ``folder``; its server is not started.

        ``more`` are further settings.
        """
        pauses = Pauses(folder / "pauses")
        data = folder / "data"
        data.mkdir(exist_ok=True)
        python = pauses.python(TORCH_PYTHON)
        text = (SETTINGS + more).format(python=python, models=models)
        (data / "hinode.toml").write_text(text)
        return cls(HinodeProcess(data, environment), pauses)

    def close(self) -> None:
        """Stop the server."""
        self.pauses.release()
        self.server.stop()

    def ask(self, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.server.key}"}
        with patient.Client(base_url=self.server.address, headers=headers, timeout=60) as client:
            answer: httpx.Response = client.request(method, path, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, **more: Any) -> str:
        """Create a video of one frame, which takes little time to decode."""
        fields = {"model": "sora-2", "prompt": "a boat", "num_frames": 1, **more}
        video: str = self.ask("POST", "/v1/videos", json=fields)["id"]
        return video

    def ended(self, video: str) -> dict[str, Any]:
        def look() -> Any:
            found = self.ask("GET", f"/v1/videos/{video}")
            return found if found["status"] in ("completed", "failed") else None

        found: dict[str, Any] = until(look)
        return found

    def waiting_at(self, phase: str) -> tuple[str, int]:
        """Create a video; return it and the render process, which waits at a phase."""
        self.pauses.stop_at(phase)
        video = self.create()
        pid: int = until(self.pauses.reached)
        assert pid in self.server.children()
        return video, pid

    def reached_again(self) -> int:
        """Wait until another job waits at the phase that was named last; return its process."""
        pid: int = until(self.pauses.reached)
        return pid

    def state(self, video: str) -> str:
        found: str = self.ask("GET", f"/v1/videos/{video}")["status"]
        return found

    def check_twice(self, first: str, second: str, earlier: dict[str, int]) -> None:
        """Check that two videos were completed, with one file and one charge each."""
        for video in (first, second):
            assert self.ended(video)["status"] == "completed"
        grown = {name: count - earlier[name] for name, count in self.counts().items()}
        assert grown == {"files": 2, "charged": 2 * PRICE, "held": 0}

    def check_once(self, video: str, earlier: dict[str, int]) -> None:
        """Check that a video was completed, with one file and one charge."""
        found = self.ended(video)
        assert (found["status"], found["num_frames"]) == ("completed", 1), found
        grown = {name: count - earlier[name] for name, count in self.counts().items()}
        assert grown == {"files": 1, "charged": PRICE, "held": 0}

    def counts(self) -> dict[str, int]:
        usage = self.ask("GET", "/v1/credits")
        files = [one for one in (self.server.data / "objects").rglob("*.mp4") if one.is_file()]
        return {"files": len(files), "charged": usage["spent"], "held": usage["held"]}


def until(step: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS
    while not (found := step()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
    return found
