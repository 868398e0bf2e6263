"""The engine kind of MiniMax's API: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.engines.kinds import EngineKind
from hinode.hosted_models.minimax import MODELS
from hinode.upstream_accounts import AccountPool


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


def _create(name: str, settings: MiniMaxSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.hosted.engine import HostedEngine
    from hinode.engines.minimax.provider import MiniMaxProvider

    settings.require_experimental(name)
    return HostedEngine(name, settings, MiniMaxProvider(settings))


KIND = EngineKind(MiniMaxSettings, _create, untried=True)
