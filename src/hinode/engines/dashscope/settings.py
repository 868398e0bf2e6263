"""Settings of the engine kind of DashScope, the platform of Alibaba."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.hosted.settings import ProviderSettings
from hinode.hosted_models.dashscope import MODELS


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
