"""Settings of the engine kind of servers with ``/v1/videos``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.remote.settings import UpstreamSettings


class OpenAIEngineSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table with ``kind = "openai"``."""

    kind: Literal["openai"] = Field(description="`openai`: a server with /v1/videos.")
    profile: Literal["openai", "hinode", "vllm-omni", "sglang", "litellm", "openrouter"] = Field(
        default="openai", description="The server's software: each accepts other fields."
    )
