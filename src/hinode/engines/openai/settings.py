"""What the operator says of a server with ``/v1/videos``; no HTTP here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.remote.settings import UpstreamSettings


class OpenAIEngineSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table with ``kind = "openai"``."""

    kind: Literal["openai"] = Field(description="`openai`: a server with /v1/videos.")
    profile: Literal["openai", "hinode", "vllm-omni", "sglang", "litellm", "openrouter"] = Field(
        default="openai", description="Which server it is: they differ in what they understand."
    )
