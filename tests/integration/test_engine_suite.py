"""The contract of engines, held by every built-in one: the preview, and each OpenAI profile."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hinode.engines.base import RenderSpec, Ticket
from hinode.engines.openai.engine import OpenAIEngine
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.preview.engine import PreviewEngine
from hinode.testing.engine_suite import EngineFactory, EngineSuite
from tests.support.upstreams.videos import KEY, SERVERS, VideoServer, video_server
from tests.support.upstreams.wire import WireServer


class TestPreview(EngineSuite):
    def factory(self) -> EngineFactory:
        return PreviewEngine


@pytest.mark.parametrize("profile", sorted(SERVERS), scope="class")
class TestOpenAI(EngineSuite):
    failing_prompt, stalling_prompt = "[fail]", "[stall]"

    @pytest.fixture(autouse=True)
    def upstream(self, profile: str) -> Iterator[None]:
        self.profile = profile
        self.server: VideoServer = SERVERS[profile]()
        with video_server(self.server) as wire:
            self.wire: WireServer = wire
            yield

    def factory(self) -> EngineFactory:
        settings = OpenAIEngineSettings.model_validate(
            {
                "kind": "openai",
                "origin": "trained",
                "url": self.wire.url,
                "key": KEY,
                "profile": self.profile,
            }
            | {"model": self.server.model, "poll_interval_seconds": 0.05}
        )
        return functools.partial(OpenAIEngine, "gpu", settings)

    def is_running(self, ticket: Ticket) -> bool:
        """Two of them cannot be stopped; then nothing is asked of them either."""
        job = self.server.jobs.get(str(ticket.data["id"]))
        if self.profile in ("sglang", "litellm", "openrouter"):
            assert not self.wire.count("DELETE")
            return False
        return job is not None and not job.stopped

    def spec(self) -> RenderSpec:
        return replace(super().spec(), outputs=2 if self.profile == "sglang" else 1)
