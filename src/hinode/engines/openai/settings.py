"""The engine kind of servers with ``/v1/videos``: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.kinds import EngineKind
from hinode.engines.remote.settings import UpstreamSettings
from hinode.upstream_accounts import AccountPool


class OpenAIEngineSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table with ``kind = "openai"``."""

    kind: Literal["openai"] = Field(description="`openai`: a server with /v1/videos.")
    profile: Literal["openai", "hinode", "vllm-omni", "sglang", "litellm", "openrouter"] = Field(
        default="openai", description="The server's software: each accepts other fields."
    )


def _create(name: str, settings: OpenAIEngineSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.openai.engine import OpenAIEngine

    return OpenAIEngine(name, settings)


KIND = EngineKind(OpenAIEngineSettings, _create)
