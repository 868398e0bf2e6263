"""The engine kind of MiniMax's API: its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from hinode.engines.hosted.kind import provider_kind
from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.hosted_models.minimax import MODELS

if TYPE_CHECKING:
    from hinode.engines.minimax.provider import MiniMaxProvider


class MiniMaxSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "minimax"``."""

    known_models = MODELS
    kind: Literal["minimax"] = Field(description="`minimax`: the API of MiniMax.")
    url: str = Field(
        default="https://api.minimax.io",
        description="Base URL: the international one, or https://api.minimaxi.com.",
    )
    key_env: str = Field(
        default="MINIMAX_API_KEY", description="Environment variable that holds the key."
    )


def _load() -> type[MiniMaxProvider]:
    from hinode.engines.minimax.provider import MiniMaxProvider

    return MiniMaxProvider


KIND = provider_kind(MiniMaxSettings, _load)
