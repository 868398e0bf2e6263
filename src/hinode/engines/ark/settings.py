"""The engine kind of Ark, the platform of ByteDance and BytePlus: its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.ark import MODELS

if TYPE_CHECKING:
    from hinode.engines.ark.provider import ArkProvider


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


def _load() -> type[ArkProvider]:
    from hinode.engines.ark.provider import ArkProvider

    return ArkProvider


KIND = provider_kind(ArkSettings, _load)
