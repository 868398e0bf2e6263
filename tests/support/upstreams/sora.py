"""A server of the Sora backend dialect with accounts, over real HTTP, that fails as it is told.

Written from the dialect's facts, not from our own server. A task with ``[fail]`` in its prompt ends
as a draft of a policy violation, one with ``[stall]`` never ends; others end at the third look.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.upstreams.videos import film
from tests.support.upstreams.wire import Reply, WireRequest, WireServer, wire_server

LOOKS = 2


@dataclass
class Person:
    """An account there: the tokens that are good now, and what it has made."""

    name: str
    plan: str = "plus"
    access: str = ""
    refresh: str = ""
    videos_left: int = 100
    turns: int = 0
    looks: int = 0
    tasks: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[Reply] = field(default_factory=list)
    upload_faults: list[Reply] = field(default_factory=list)
    targets: list[str | None] = field(default_factory=list)
    look_faults: list[Reply] = field(default_factory=list)

    def done(self, task_id: str) -> bool:
        return self.seen[task_id] > LOOKS and "[stall]" not in self.tasks[task_id]


@dataclass
class SoraServer:
    """``people`` by name; ``refreshes`` counts those that were granted."""

    people: dict[str, Person] = field(default_factory=dict)
    url: str = ""
    refreshes: int = 0
    refuse_new_tokens: bool = False
    broken_tokens: bool = False
    posts: list[str] = field(default_factory=list)

    def add(self, name: str, **given: Any) -> Person:
        person = Person(name, access=f"at-{name}-0", refresh=f"rt-{name}-0", **given)
        self.people[name] = person
        return person

    @property
    def made(self) -> int:
        return sum(len(one.tasks) for one in self.people.values())

    def __call__(self, request: WireRequest) -> Reply:
        path = request.path
        if path == "/oauth/token" and self.broken_tokens:
            return Reply(500, b"oops")
        if path == "/oauth/token":
            return self.refresh_tokens(request.json()["refresh_token"])
        if path.startswith("/film"):
            return Reply(200, film(), {"content-type": "video/mp4"})
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        person = next((one for one in self.people.values() if one.access == token), None)
        if person is None:
            return error(401, "token_invalidated", f"Your token {token} was invalidated.")
        return self._answer(person, request, path.removeprefix("/backend"))

    def refresh_tokens(self, refresh: str) -> Reply:
        person = next((one for one in self.people.values() if one.refresh == refresh), None)
        if person is None:
            return error(400, "invalid_grant", f"The token {refresh} is unknown.")
        person.turns += 1
        self.refreshes += 1
        person.refresh = f"rt-{person.name}-{person.turns}"
        access = f"at-{person.name}-{person.turns}"
        if not self.refuse_new_tokens:
            person.access = access
        return Reply(200, {"access_token": access, "refresh_token": person.refresh})

    def _answer(self, person: Person, request: WireRequest, path: str) -> Reply:
        match path:
            case "/me":
                email = f"{person.name}@example.com"
                return Reply(200, {"email": email, "name": person.name, "username": person.name})
            case "/billing/subscriptions":
                plan = {"plan": {"id": f"chatgpt_{person.plan}", "title": person.plan}}
                return Reply(200, {"data": [plan]})
            case "/nf/check":
                return Reply(200, {"type": "ok", "rate_limit_and_credit_balance": quota(person)})
            case "/nf/create":
                return self._create(person, request.json())
            case "/project_y/post":
                self.posts.append(f"s_{len(self.posts):032}")
                return Reply(200, {"post": {"id": self.posts[-1], "permalink": "", "text": ""}})
            case _ if path.startswith("/project_y/post/") and request.method == "DELETE":
                self.posts.remove(path.rsplit("/", 1)[1])
                return Reply(200, {})
            case "/uploads" if person.upload_faults:
                return person.upload_faults.pop(0)
            case "/uploads":
                return Reply(200, {"id": "media_1"})
            case "/nf/pending/v2" if person.look_faults:
                return person.look_faults.pop(0)
            case "/nf/pending/v2":
                return Reply(200, _list(self._pending(person)), {"content-type": "text/json"})
            case "/project_y/profile/drafts":
                return Reply(200, {"items": self._drafts(person), "cursor": None})
        return error(404, "not_found", "There is no such place.")

    def _create(self, person: Person, body: dict[str, Any]) -> Reply:
        if person.faults:
            return person.faults.pop(0)
        task_id = f"task_{person.name}{len(person.tasks):04}"
        person.tasks[task_id] = body["prompt"]
        person.targets.append(body.get("remix_target_id"))
        return Reply(200, {"id": task_id, "priority": 2, "task_type": "video_gen"})

    def _pending(self, person: Person) -> list[dict[str, Any]]:
        person.looks += 1
        person.seen.update(list(person.tasks))
        return [
            {"id": task_id, "status": "running", "progress_pct": 0.5, "generations": []}
            for task_id in person.tasks
            if not person.done(task_id)
        ]

    def _drafts(self, person: Person) -> list[dict[str, Any]]:
        return [
            draft(task_id, prompt, f"{self.url}/film/{task_id}.mp4")
            for task_id, prompt in reversed(person.tasks.items())
            if person.done(task_id)
        ]


def draft(task_id: str, prompt: str, url: str) -> dict[str, Any]:
    generation = task_id.replace("task_", "gen_")
    common = {"id": generation, "generation_id": generation, "task_id": task_id, "prompt": prompt}
    if "[fail]" in prompt:
        reason = "This content may violate our guardrails."
        return {**common, "kind": "sora_content_violation", "reason_str": reason, "url": None}
    return {**common, "kind": "sora_draft", "url": url, "downloadable_url": url}


def quota(person: Person) -> dict[str, Any]:
    return {
        "rate_limit_reached": person.videos_left <= 0,
        "access_resets_in_seconds": 3600,
        "credit_remaining": 0,
        "estimated_num_videos_remaining": person.videos_left,
    }


def error(status: int, code: str, message: str, **more: Any) -> Reply:
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply(status, {"error": told, **more})


def _list(items: list[dict[str, Any]]) -> bytes:
    return json.dumps(items).encode()


@contextmanager
def sora_server(server: SoraServer) -> Iterator[WireServer]:
    with wire_server(server) as wire:
        server.url = wire.url
        yield wire
