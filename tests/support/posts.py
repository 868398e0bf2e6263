"""A server on either database whose videos are rendered by hand, and people who publish them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.kit.ids import encode_short_id, new_id
from hinode.media.types import Artifact, ArtifactRole, DigitalSourceType
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.pictures import png_bytes

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(2_000)
MARKED = FILM + b"mark"


@dataclass
class Person:
    """Somebody with a key, and the server they talk to."""

    server: LiveServer
    folder: Path
    secret: str
    http: httpx.Client

    @property
    def caller(self) -> Caller:
        return self.server.services.core.auth.authenticate(self.secret, Scope.SORA)

    def make(self, prompt: str = "a fox") -> UUID:
        """Make a video job that stays queued."""
        jobs = self.server.services.core.jobs
        return jobs.create_video(
            self.caller, VideoRequest(prompt, GenerationParams(seconds="4"))
        ).id

    def film(
        self,
        prompt: str = "a fox",
        *,
        marked_too: bool = False,
        origin: DigitalSourceType | None = DigitalSourceType.ALGORITHM,
    ) -> UUID:
        """Make a video and render it; if ``marked_too``, with its copy that carries the mark."""
        job_id = self.make(prompt)
        execution = self.server.services.core.execution
        order = execution.begin(job_id)
        assert order is not None
        film, still = self.folder / "film.mp4", self.folder / "still.webp"
        film.write_bytes(FILM)
        still.write_bytes(png_bytes(64, 36))
        plan = order.job.plan
        video = Artifact(
            0, ArtifactRole.VIDEO, film, "video/mp4", plan.width, plan.height, plan.frames, 4.0
        )
        poster = Artifact(0, ArtifactRole.THUMBNAIL, still, "image/webp", 64, 36)
        files = [video, poster]
        if marked_too:
            (self.folder / "marked.mp4").write_bytes(MARKED)
            marked = replace(video, role=ArtifactRole.WATERMARKED, path=self.folder / "marked.mp4")
            files.append(marked)
        assert execution.complete(order.job, files, origin=origin)
        return job_id

    def publish(self, job_id: UUID, text: str = "") -> httpx.Response:
        return self.http.post(
            "/project_y/post",
            # In ASCII: texts that are no Unicode get through.
            content=json.dumps(post_body(job_id, text)),
            headers={"content-type": "application/json"},
        )

    def posted(self, text: str = "", prompt: str = "a fox") -> dict[str, Any]:
        """Make, render and publish a video; return the post."""
        answer = self.publish(self.film(prompt), text)
        assert answer.status_code == 200, answer.text
        post: dict[str, Any] = answer.json()["post"]
        return post


def post_body(job_id: UUID, text: str = "") -> dict[str, Any]:
    generation = encode_short_id("gen_", job_id)
    return {
        "attachments_to_create": [{"generation_id": generation, "kind": "sora"}],
        "post_text": text,
    }


@contextmanager
def open_gallery(data: Path, database: str, **more: Any) -> Iterator[LiveServer]:
    """Serve a studio without a worker on this database, with ``more`` settings."""
    settings = load_settings(
        data=data, database=database, workers=False, shutdown_seconds=0, **more
    )
    services = open_services(settings, engines=EngineRegistry([]))
    try:
        with live_server(services) as server:
            yield server
    finally:
        services.close()


@contextmanager
def person(
    server: LiveServer, folder: Path, name: str | None = None, plan: Plan = Plan.PLUS
) -> Iterator[Person]:
    """A person with a new account."""
    account = name or f"p{new_id().hex[-12:]}"
    server.services.core.accounts.create(AccountCreate(account, plan, unlimited=True))
    secret = server.new_key(account)
    headers = {"authorization": f"Bearer {secret}"}
    with patient.Client(base_url=f"{server.url}/backend", headers=headers, timeout=20.0) as http:
        yield Person(server, folder, secret, http)


def refused(answer: httpx.Response, status: int, code: str, param: str | None = None) -> str:
    """Check the whole envelope and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (error["code"], error["param"]) == (code, param)
    message: str = error["message"]
    return message
