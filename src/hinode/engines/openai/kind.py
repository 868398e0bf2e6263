"""The engine kind of servers with ``/v1/videos``."""

from __future__ import annotations

from hinode.engines.base import Engine
from hinode.engines.kinds import EngineKind
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.upstream_accounts import AccountPool


def _create(name: str, settings: OpenAIEngineSettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.openai.engine import OpenAIEngine

    return OpenAIEngine(name, settings)


KIND = EngineKind(OpenAIEngineSettings, _create)
