"""What we send to vLLM-Omni and SGLang, by their own protocol models.

The schemas are recorded from their packages, which need more than a test machine has to run. They
judge both: the requests of our engine, and the servers that our other tests take for these two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hinode.engines.base import MediaKind, RenderContext, RenderSpec, Shot, Style
from hinode.engines.openai.engine import OpenAIEngine
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.remote.errors import UpstreamError
from hinode.kit.ids import new_id
from tests.support.upstreams.recorded import Recorded
from tests.support.upstreams.videos import KEY, SERVERS, VideoServer, video_server
from tests.support.upstreams.wire import Reply, WireRequest, WireServer

SPEC = RenderSpec(
    job_id=new_id(), kind=MediaKind.VIDEO, prompt="a fox", width=64, height=64, fps=10, frames=20,
    seed=2**31 - 1,
)  # fmt: skip
EXTRA = {
    "num_inference_steps": 30,
    "guidance_scale": 5.5,
    "negative_prompt": "blur",
    "enable_frame_interpolation": True,
}
SPECS = {
    "text": SPEC,
    "first-frame": replace(SPEC, first_frame=Path("frame.png")),
    "told": replace(SPEC, style=Style.ANIME, shots=(Shot("a hill", 10), Shot("a valley", 10))),
    "fractions": replace(SPEC, fps=16, frames=81),
}


@dataclass
class Peer:
    """A server of the recorded shape, and what was asked of it and answered."""

    name: str
    server: VideoServer
    recorded: Recorded
    wire: WireServer = field(init=False)
    answers: list[tuple[WireRequest, Reply]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return self.server.prefix

    def __call__(self, request: WireRequest) -> Reply:
        reply = self.server(request)
        self.answers.append((request, reply))
        return reply

    def engine(self, **given: Any) -> OpenAIEngine:
        known = {
            "kind": "openai",
            "origin": "trained",
            "url": self.wire.url,
            "key": KEY,
            "profile": self.name,
        }
        settings = OpenAIEngineSettings.model_validate(
            known | {"poll_interval_seconds": 0.05} | given
        )
        return OpenAIEngine("gpu", settings)

    def created(self) -> WireRequest:
        (found,) = [request for request, _ in self.answers if request.method == "POST"]
        return found

    def videos(self) -> list[dict[str, Any]]:
        """All answers about a job."""
        found = [reply.body for request, reply in self.answers if request.method in ("GET", "POST")]
        return [body for body in found if isinstance(body, dict)]


@pytest.fixture(params=["vllm-omni", "sglang"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    name: str = request.param
    peer = Peer(name, SERVERS[name](), Recorded(name))
    with video_server(peer) as wire:  # type: ignore[arg-type]
        peer.wire = wire
        yield peer


def troubles(peer: Peer, request: WireRequest) -> list[str]:
    """What the server's own models have against a create."""
    if not request.is_form:
        return peer.recorded.troubles("request", request.json())
    # It reads a form first, and makes the request of all in it that is no file.
    fields = peer.recorded.form("form", request.form())
    made = {name: one for name, one in fields.items() if one != "a file"}
    return peer.recorded.troubles("form", fields) + peer.recorded.troubles("request", made)


@pytest.mark.parametrize("extra", [{}, EXTRA], ids=["plain", "extra"])
@pytest.mark.parametrize("kind", sorted(SPECS))
def test_every_kind_of_request_is_what_the_server_reads(
    peer: Peer, kind: str, extra: dict[str, Any], tmp_path: Path
) -> None:
    spec = replace(SPECS[kind], outputs=2 if peer.name == "sglang" else 1)
    if spec.first_frame is not None:
        spec = replace(spec, first_frame=tmp_path / "frame.png")
        Image.new("RGB", (90, 50), (9, 9, 9)).save(tmp_path / "frame.png")

    asyncio.run(peer.engine(extra=extra, model=peer.server.model).submit(spec))

    created = peer.created()
    assert troubles(peer, created) == []
    sent = created.form() if created.is_form else created.json()
    assert sent.keys() >= extra.keys() | {"num_frames", "fps", "width", "height", "seed"}
    assert ("input_reference" in sent) == (kind == "first-frame")


@pytest.mark.parametrize("ends", ["completed", "failed"])
def test_the_servers_of_our_tests_answer_as_the_real_ones_do(
    peer: Peer, ends: str, tmp_path: Path
) -> None:
    engine = peer.engine()

    async def render() -> None:
        spec = replace(SPEC, prompt="a fox [fail]" if ends == "failed" else "a fox")
        ticket = await engine.submit(spec)
        await engine.collect(ticket, RenderContext(spec, tmp_path, lambda _: None))

    if ends == "failed":
        with pytest.raises(UpstreamError):
            asyncio.run(render())
    else:
        asyncio.run(render())

    videos = peer.videos()
    assert {one["status"] for one in videos} == {"queued", "in_progress", ends}
    for video in videos:
        assert peer.recorded.troubles("video", video) == []


def test_a_stopped_job_is_answered_for_as_the_real_one_does(peer: Peer) -> None:
    engine = peer.engine()

    async def stop() -> None:
        await engine.cancel(await engine.submit(SPEC))

    asyncio.run(stop())
    deleted = [reply.body for request, reply in peer.answers if request.method == "DELETE"]
    if peer.name == "sglang":
        assert deleted == []  # it would only forget the record
        return
    (body,) = deleted
    assert isinstance(body, dict)
    assert peer.recorded.troubles("deleted", body) == []


def test_the_schemas_would_notice(peer: Peer) -> None:
    wrong = {"prompt": 7, "num_frames": "many", "num_frame": 20}
    found = "\n".join(peer.recorded.troubles("request", wrong))
    assert all(word in found for word in ("unknown: num_frame", "'prompt'", "'num_frames'")), found
