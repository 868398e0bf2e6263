"""Settings of the engine kind of Ark, the platform of ByteDance and BytePlus."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.ark import MODELS


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
