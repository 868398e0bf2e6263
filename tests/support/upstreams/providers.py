"""The paid providers that have an engine of their own: their stand-ins, and how to use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hinode.engines.base import Engine, MediaKind, RenderSpec
from hinode.engines.kinds import KindSettings, engine_kinds
from hinode.hosted_models.types import FPS
from hinode.kit.ids import new_id
from tests.support.upstreams.ark import TOKENS, ArkServer
from tests.support.upstreams.dashscope import DashScopeServer
from tests.support.upstreams.fal import MODEL, FalServer
from tests.support.upstreams.gemini import TOKENS as GEMINI_TOKENS
from tests.support.upstreams.gemini import GeminiServer
from tests.support.upstreams.hosted import HostedServer
from tests.support.upstreams.minimax import MiniMaxServer
from tests.support.upstreams.runway import CREDITS, RunwayServer
from tests.support.upstreams.videos import KEY
from tests.support.upstreams.xai import TICKS, XaiServer


@dataclass(frozen=True, slots=True)
class Case:
    """A provider, one of its models, and a size and length of that model.

    ``stops``: from these states it can stop a job. ``cost`` is what it says that a job cost.
    """

    kind: str
    server: type[HostedServer]
    model: str
    size: tuple[int, int] = (1280, 720)
    seconds: int = 5
    stops: tuple[str, ...] = ("queued", "running")
    experimental: bool = False
    cost: int | None = None

    def settings(self, url: str, **more: Any) -> KindSettings:
        given: dict[str, Any] = {
            "kind": self.kind,
            "url": url,
            "key": KEY,
            "poll_interval_seconds": 0.05,
        }
        given |= {"experimental": True} if self.experimental else {}
        return engine_kinds()[self.kind].settings.model_validate({**given, **more})

    def engine(self, url: str, **more: Any) -> Engine:
        return engine_kinds()[self.kind].create("studio", self.settings(url, **more), None)

    def spec(self, prompt: str = "a red boat on a quiet lake") -> RenderSpec:
        width, height = self.size
        return RenderSpec(
            job_id=new_id(), kind=MediaKind.VIDEO, prompt=prompt, width=width, height=height,
            fps=FPS, frames=self.seconds * FPS, seed=7, model=self.model,
        )  # fmt: skip


CASES = (
    Case("runway", RunwayServer, "veo3.1", seconds=8, cost=CREDITS),
    Case("ark", ArkServer, "dreamina-seedance-2-0-260128", stops=("queued",), cost=TOKENS),
    Case("dashscope", DashScopeServer, "wan2.7-t2v", stops=("queued",), cost=5),
    Case(
        "minimax",
        MiniMaxServer,
        "MiniMax-H3",
        size=(1366, 768),
        stops=(),
        experimental=True,
        cost=5,
    ),
    Case("xai", XaiServer, "grok-imagine-video-1.5", seconds=8, stops=(), cost=TICKS),
    Case("fal", FalServer, MODEL, experimental=True),
    Case(
        "gemini",
        GeminiServer,
        "gemini-omni-1.2-flash",
        experimental=True,
        cost=GEMINI_TOKENS,
    ),
)
