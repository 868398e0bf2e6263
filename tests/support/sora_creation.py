"""Making things over the Sora dialect: servers, members, bodies, and what became of a job."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.accounts.types import Plan
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import KeyLimits
from hinode.core.jobs import repository
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.types import Job
from hinode.kit.ids import decode_short_id, new_id
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support import patient

ANY_NUMBER = {"max_unfinished": 0, "videos_per_day": 0}
UPLOAD_MB = 0.5

# The two bodies below are the seed document's, letter by letter.
CREATE: dict[str, Any] = {
    "kind": "video",
    "prompt": "A cat dancing",
    "orientation": "landscape",
    "size": "small",
    "n_frames": 450,
    "model": "sy_8",
    "inpaint_items": [],
    "style_id": None,
}
STORYBOARD: dict[str, Any] = {
    "kind": "video",
    "prompt": "Shot 1:\nduration: 5.0sec\nScene: Cat jumping",
    "title": "Draft your video",
    "orientation": "landscape",
    "size": "small",
    "n_frames": 450,
    "storyboard_id": None,
    "inpaint_items": [],
    "remix_target_id": None,
    "model": "sy_8",
    "metadata": None,
    "style_id": None,
    "cameo_ids": None,
    "cameo_replacements": None,
    "audio_caption": None,
    "audio_transcript": None,
    "video_caption": None,
}
PICTURE: dict[str, Any] = {
    "type": "image_gen",
    "operation": "simple_compose",
    "prompt": "A beautiful sunset",
    "width": 360,
    "height": 360,
    "n_variants": 1,
    "n_frames": 1,
    "inpaint_items": [],
}


@contextmanager
def open_sora(data: Path, *, workers: bool, **settings: Any) -> Iterator[LiveServer]:
    """Serve a Hinode whose plans count nothing, unless ``settings`` say otherwise."""
    engine = ScriptedEngine()
    given = {"plans": {plan.value: ANY_NUMBER for plan in Plan}, **settings}
    services = open_services(
        load_settings(
            data=data,
            engine=engine.name,
            engines={engine.name: {"concurrency": 4}},
            workers=workers,
            max_body_mb=UPLOAD_MB,
            shutdown_seconds=0,
            **given,
        ),
        engines=EngineRegistry([engine]),
    )
    try:
        with live_server(services) as server:
            yield server
    finally:
        services.close()


@contextmanager
def member(live: LiveServer, plan: Plan = Plan.FREE, **limits: Any) -> Iterator[httpx.Client]:
    """A client of a new account with a plan; ``limits`` are those of its key."""
    name = f"m{new_id().hex}"
    core = live.services.core
    core.accounts.create(AccountCreate(name, plan, unlimited=True))
    key = core.keys.create(KeyCreate(name, "k", limits=KeyLimits(**limits)))
    headers = {"authorization": f"Bearer {key.secret}"}
    with patient.Client(base_url=f"{live.url}/backend", headers=headers, timeout=20.0) as client:
        yield client


def made(answer: httpx.Response) -> str:
    """Check the answer to a create and return the task's id."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["id"].startswith("task_")
    task_id: str = body["id"]
    return task_id


def refused(answer: httpx.Response, status: int, code: str, param: str | None) -> str:
    """Check a whole error, and that no client reads a status out of its words."""
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == (code, param), error
    message: str = error["message"]
    assert message
    for trap in ("400", "401", "429", "rate limit", "sentinel", "unauthorized"):
        assert trap not in message.lower()
    return message


def job_id_of(task_id: str) -> UUID:
    found = decode_short_id("task_", task_id)
    assert found is not None
    return found[0]


def job_of(live: LiveServer, task_id: str) -> Job:
    """Return a task's job as the studio knows it."""
    with live.services.db.read() as conn:
        job = repository.find(conn, job_id_of(task_id))
    assert job is not None
    return job


def finished(live: LiveServer, task_id: str) -> Job:
    """Wait until a task's job has ended."""
    deadline = time.monotonic() + 40
    while not (job := job_of(live, task_id)).state.ended:
        assert time.monotonic() < deadline, f"{task_id} did not end"
        time.sleep(0.02)
    return job
