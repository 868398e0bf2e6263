"""The engine kind of Ark, the platform of ByteDance and BytePlus: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import EngineKind
from hinode.hosted_models.ark import MODELS
from hinode.upstream_accounts import AccountPool


class ArkSettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "ark"``."""

    known_models = MODELS
    kind: Literal["ark"] = Field(description="`ark`: Ark, which renders Seedance.")
    url: str = Field(
        default="https://ark.ap-southeast.bytepluses.com/api/v3",
        description="Base URL: that of BytePlus, or "
        "https://ark.cn-beijing.volces.com/api/v3 of Volcengine.",
    )
    key_env: str = Field(
        default="ARK_API_KEY", description="Environment variable that holds the key."
    )


def _create(name: str, settings: ArkSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.ark.provider import ArkProvider
    from hinode.engines.hosted.engine import HostedEngine

    return HostedEngine(name, settings, ArkProvider(settings))


KIND = EngineKind(ArkSettings, _create, untried=True)
