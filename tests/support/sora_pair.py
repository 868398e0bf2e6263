"""Two Hinodes as processes: one renders on the other by its Sora dialect and accounts there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support import patient
from tests.support.hinode_process import HinodeProcess, hinode

PATIENCE_SECONDS = 45.0
SCRIPTED = "tests.support.scripted_server"
PEOPLE = ("ann", "ben")


@dataclass
class Pair:
    """``front`` has no engine of its own and renders on ``back``, where people have accounts."""

    front: HinodeProcess
    back: HinodeProcess
    _access: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.front.key}"}
        return patient.request(
            method, f"{self.front.address}/v1{path}", headers=headers, timeout=30, **kwargs
        )

    def create(self, prompt: str, **kwargs: Any) -> str:
        fields = {"prompt": prompt, "seconds": "4", "size": "720x1280"}
        answer = self.ask("POST", "/videos", data=fields, **kwargs)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def video(self, video_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/videos/{video_id}").json()
        return found

    def ended(self, video_id: str) -> dict[str, Any]:
        until(lambda: self.video(video_id)["status"] in ("completed", "failed"))
        return self.video(video_id)

    def made_there(self) -> int:
        """How many drafts and pending tasks the accounts on ``back`` have."""
        return sum(len(self.there(person)) for person in PEOPLE)

    def there(self, person: str) -> list[dict[str, Any]]:
        if person not in self._access:
            self._access[person] = self.token(person)["access_token"]
        token = self._access[person]
        headers = {"authorization": f"Bearer {token}"}
        found: list[dict[str, Any]] = []
        with patient.Client(base_url=f"{self.back.address}/backend", headers=headers) as client:
            found += client.get("/nf/pending/v2").json()
            page = client.get("/project_y/profile/drafts", params={"limit": 50}).json()
        found += page["items"]
        return found

    def token(self, person: str) -> dict[str, str]:
        done = hinode("account", "token", person, "--json", "--data", str(self.back.data))
        assert done.returncode == 0, done.stderr
        tokens: dict[str, str] = json.loads(done.stdout)
        return tokens

    def account(self, *words: str, stdin: str = "") -> str:
        """Run ``hinode engine account …`` beside the front server; return all that it said."""
        done = hinode("engine", "account", *words, "--data", str(self.front.data), stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(httpx.TransportError):
            if true():
                return
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def open_pair(folder: Path, environment: dict[str, str] | None = None) -> Pair:
    """Start both; the accounts are made there, and added here by a token of each kind."""
    back = HinodeProcess(folder / "back" / "data", {"HINODE_ENGINE": "scripted"}, SCRIPTED)
    back.data.parent.mkdir()
    back.start()
    for person in PEOPLE:
        words = ("account", "create", person, "--credits", "unlimited", "--plan", "team")
        assert hinode(*words, "--data", str(back.data)).returncode == 0
        email = ("account", "set", person, "--email", f"{person}@example.com")
        assert hinode(*email, "--data", str(back.data)).returncode == 0
    front = HinodeProcess(folder / "front" / "data", environment)
    front.data.mkdir(parents=True)
    (front.data / "hinode.toml").write_text(
        'engine = "back"\n'
        "[engines.back]\n"
        'kind = "sora"\norigin = "algorithm"\npoll_interval_seconds = 0.2\n'
        f'url = "{back.address}/backend"\n'
    )
    front.start()
    pair = Pair(front, back)
    kinds = (("--refresh-token-stdin", "refresh_token"), ("--session-token-stdin", "session_token"))
    for person, (option, name) in zip(PEOPLE, kinds, strict=True):
        said = pair.account("add", "back", option, stdin=pair.token(person)[name] + "\n")
        assert "works: plan team" in said, said
    return pair
