"""The engine kind of xAI's API: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import EngineKind
from hinode.hosted_models.xai import MODELS
from hinode.upstream_accounts import AccountPool


class XaiSettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "xai"``."""

    known_models = MODELS
    kind: Literal["xai"] = Field(description="`xai`: the API of xAI, for Grok Imagine.")
    url: str = Field(default="https://api.x.ai/v1", description="Base URL of xAI's API.")
    key_env: str = Field(
        default="XAI_API_KEY", description="Environment variable that holds the key."
    )


def _create(name: str, settings: XaiSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.hosted.engine import HostedEngine
    from hinode.engines.xai.provider import XaiProvider

    return HostedEngine(name, settings, XaiProvider(settings))


KIND = EngineKind(XaiSettings, _create, untried=True)
