"""Settings of every provider of videos as jobs."""

from __future__ import annotations

from pydantic import Field

from hinode.engines.remote.settings import UpstreamSettings


class HostedSettings(UpstreamSettings):
    """An ``[engines.NAME]`` table of a server that renders jobs and may call back."""

    callback_base_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="Public URL of this Hinode for callbacks; empty: polling only.",
    )
