"""A server on either database that makes characters, and its members."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from hinode import EngineRegistry, load_settings, open_services
from hinode.core.characters import repository as characters
from hinode.core.jobs import repository as jobs
from hinode.kit.ids import decode_id, decode_short_id, encode_short_id, new_id
from hinode.testing.scripted_engine import ScriptedEngine
from hinode.testing.server import LiveServer, live_server
from tests.support import patient
from tests.support.databases import Postgres

Json = dict[str, Any]
RED = (210, 30, 40)
FPS, SIDE = 10, 96


@contextmanager
def open_studio(data: Path, url: str, *, workers: bool = True) -> Iterator[LiveServer]:
    engine = ScriptedEngine()
    settings = load_settings(
        data=data,
        database=url,
        engine=engine.name,
        workers=workers,
        shutdown_seconds=0,
        max_body_mb=2.0,
    )
    services = open_services(settings, engines=EngineRegistry([engine]))
    try:
        with live_server(services) as server:
            yield server
    finally:
        services.close()


@contextmanager
def studio_on(request: pytest.FixtureRequest, data: Path) -> Iterator[LiveServer]:
    """A server on the database that the fixture's parameter names: sqlite or postgres."""
    if request.param == "sqlite":
        with open_studio(data, f"sqlite:///{data / 'hinode.db'}") as server:
            yield server
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.fresh() as url, open_studio(data, url) as server:
        yield server


def film_with_a_sharp_moment(folder: Path, seconds: float = 4.0, sharp: float = 2.2) -> bytes:
    """An MP4, grey and blurred but for one red chequered picture half a second long."""
    path = folder / f"{new_id().hex}.mp4"
    rows, columns = np.indices((SIDE, SIDE))
    chequered = np.where(((rows // 12 + columns // 12) % 2)[..., None], RED, (250, 250, 250))
    blurred = np.full((SIDE, SIDE, 3), 128) + (columns[..., None] // 8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for number in range(round(seconds * FPS)):
            is_sharp = sharp <= number / FPS < sharp + 0.5
            pixels = (chequered if is_sharp else blurred).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path.read_bytes()


def write_sound(path: Path) -> Path:
    """Write an MP4 with a second of silence and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    return path


@dataclass
class Member:
    """Somebody with an account, and how they ask the server."""

    server: LiveServer
    account: str
    secret: str
    http: httpx.Client

    def post(self, path: str, body: Json | None = None) -> httpx.Response:
        return self.http.post(path, json=body or {})

    def upload(self, clip: bytes, timestamps: str = "0,3") -> httpx.Response:
        # As clients send it: the file first, then the times as a text.
        files = {"file": ("video.mp4", clip, "video/mp4")}
        return self.http.post("/characters/upload", files=files, data={"timestamps": timestamps})

    def in_progress(self, cameo: str) -> Json:
        answer = self.http.get(f"/project_y/cameos/in_progress/{cameo}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def processed(self, cameo: str, seconds: float = 20.0) -> Json:
        """Poll as the clients do, until the cameo is done or has failed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.in_progress(cameo)
            if found["status_message"] == "Completed" or found["status"] == "failed":
                return found
            time.sleep(0.02)
        raise AssertionError(f"{cameo} was not processed")

    def cameo(self, clip: bytes, timestamps: str = "0,3") -> str:
        """Upload a clip and wait until it is a cameo."""
        answer = self.upload(clip, timestamps)
        assert answer.status_code == 200, answer.text
        name: str = answer.json()["id"]
        assert self.processed(name)["status"] == "finalized"
        return name

    def finalize(self, cameo: str, name: str, **more: Any) -> httpx.Response:
        body = {
            "cameo_id": cameo,
            "username": name,
            "display_name": "Robin",
            "profile_asset_pointer": None,
            "instruction_set": None,
            "safety_instruction_set": None,
            **more,
        }
        return self.post("/characters/finalize", body)

    def character(self, clip: bytes, username: str, **more: Any) -> Json:
        """Upload a clip and make it a character."""
        answer = self.finalize(self.cameo(clip), username, **more)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()["character"]
        return found

    def make(self, prompt: str) -> UUID:
        """Make a video and return its job's id."""
        url = f"{self.server.url}/v1/videos"
        answer = self.http.post(url, json={"prompt": prompt, "seconds": "4"})
        assert answer.status_code == 200, answer.text
        found = decode_id("video_", answer.json()["id"])
        assert found is not None
        return found

    def draft_of(self, job_id: UUID) -> Json:
        """Wait until a job is among the drafts, and return it."""
        wanted, deadline = encode_short_id("task_", job_id), time.monotonic() + 40
        while time.monotonic() < deadline:
            for one in self.http.get("/project_y/profile/drafts").json()["items"]:
                if one["task_id"] == wanted:
                    found: Json = one
                    return found
            time.sleep(0.02)
        raise AssertionError("the video was not made")

    def characters_of(self, prompt: str) -> list[str]:
        """Make a video and return the usernames of those who appear in it."""
        return characters_of(self.server, self.make(prompt))


def characters_of(server: LiveServer, job_id: UUID) -> list[str]:
    """Return who appears in a job, by their usernames now."""
    with server.services.db.read() as conn:
        (job,) = jobs.find_many(conn, [job_id])
        found = characters.by_ids(conn, job.options.characters)
    return [one.username or one.name for one in found]


def job_of(task: str) -> UUID:
    found = decode_short_id("task_", task)
    assert found is not None
    return found[0]


def unique(word: str = "robin") -> str:
    return f"{word}.{new_id().hex[-12:]}"


@contextmanager
def member(server: LiveServer, account: str = "") -> Iterator[Member]:
    """Somebody with a new account (or this one)."""
    account = account or f"a{new_id().hex}"
    secret = server.new_key(account)
    headers = {"authorization": f"Bearer {secret}"}
    with patient.Client(base_url=f"{server.url}/backend", headers=headers, timeout=30.0) as http:
        yield Member(server, account, secret, http)


def opened(url: str) -> Image.Image:
    """Fetch a picture without a key, as clients do."""
    answer = patient.get(url)
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content))


def refused(answer: httpx.Response, status: int, code: str, param: str | None = None) -> str:
    """Check the whole envelope and return its message."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert list(error) == ["message", "type", "param", "code"], error
    assert (error["code"], error["param"]) == (code, param)
    message: str = error["message"]
    return message
