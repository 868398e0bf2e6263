"""The engine kind of fal's queue: its settings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hinode.engines.base import Engine
from hinode.engines.hosted.settings import ExperimentalSettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool


class FalSettings(ExperimentalSettings):
    """An ``[engines.NAME]`` table with ``kind = "fal"``."""

    kind: Literal["fal"] = Field(description="`fal`: the queue of fal, for any of its models.")
    url: str = Field(default="https://queue.fal.run", description="Base URL of fal's queue.")
    key_env: str = Field(default="FAL_KEY", description="Environment variable that holds the key.")
    duration_as: Literal["text", "number", "suffixed"] = Field(
        default="text",
        description='How the models there take a length: `text` ("8"), `number` (8) or `suffixed` '
        '("8s"); the page of a model says it.',
    )


def _create(name: str, settings: FalSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.fal.provider import FalProvider
    from hinode.engines.hosted.engine import HostedEngine

    settings.require_experimental(name)
    return HostedEngine(name, settings, FalProvider(settings))


KIND = EngineKind(FalSettings, _create, untried=True)
