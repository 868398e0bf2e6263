"""The engine kind of DashScope, the platform of Alibaba: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import EngineKind
from hinode.hosted_models.dashscope import MODELS
from hinode.upstream_accounts import AccountPool


class DashScopeSettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "dashscope"``."""

    known_models = MODELS
    kind: Literal["dashscope"] = Field(description="`dashscope`: DashScope, which renders Wan.")
    url: str = Field(
        default="https://dashscope.aliyuncs.com/api/v1",
        description="Base URL: that of Beijing, or "
        "https://dashscope-intl.aliyuncs.com/api/v1 of Singapore.",
    )
    key_env: str = Field(
        default="DASHSCOPE_API_KEY", description="Environment variable that holds the key."
    )


def _create(name: str, settings: DashScopeSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.dashscope.provider import DashScopeProvider
    from hinode.engines.hosted.engine import HostedEngine

    return HostedEngine(name, settings, DashScopeProvider(settings))


KIND = EngineKind(DashScopeSettings, _create, untried=True)
