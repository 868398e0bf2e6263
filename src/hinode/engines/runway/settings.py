"""The engine kind of Runway's API: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import EngineKind
from hinode.hosted_models.runway import MODELS
from hinode.upstream_accounts import AccountPool


class RunwaySettings(ProviderSettings):
    """An ``[engines.NAME]`` table with ``kind = "runway"``."""

    known_models = MODELS
    kind: Literal["runway"] = Field(description="`runway`: the API of Runway.")
    url: str = Field(
        default="https://api.dev.runwayml.com", description="Base URL of Runway's API."
    )
    key_env: str = Field(
        default="RUNWAYML_API_SECRET", description="Environment variable that holds the key."
    )


def _create(name: str, settings: RunwaySettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.hosted.engine import HostedEngine
    from hinode.engines.runway.provider import RunwayProvider

    return HostedEngine(name, settings, RunwayProvider(settings))


KIND = EngineKind(RunwaySettings, _create, untried=True)
