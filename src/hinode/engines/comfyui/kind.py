"""The engine kind of ComfyUI servers, and those of its workflows."""

from __future__ import annotations

from hinode.engines.base import Engine
from hinode.engines.comfyui.settings import ComfyUISettings
from hinode.engines.kinds import EngineKind
from hinode.upstream_accounts import AccountPool


def _create(name: str, settings: ComfyUISettings, _accounts: AccountPool | None) -> Engine:
    # Imported here: the settings are loaded by commands that need no HTTP client.
    from hinode.engines.comfyui.engine import ComfyUIEngine

    return ComfyUIEngine(name, settings)


KIND = EngineKind(ComfyUISettings, _create)
