"""Hinode: an open, self-hosted Sora. The public names; every other module is private.

Names are imported lazily (PEP 562): render processes start often and need few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hinode._version import __version__

if TYPE_CHECKING:
    from hinode.app import create_app
    from hinode.config.settings import Settings, load_settings
    from hinode.core.errors import ErrorCode, HinodeError
    from hinode.core.jobs.service import JobService
    from hinode.engines.base import (
        Artifact,
        ArtifactRole,
        Capabilities,
        DigitalSourceType,
        Engine,
        EngineError,
        MediaKind,
        RenderContext,
        RenderSpec,
        Ticket,
    )
    from hinode.engines.registry import EngineRegistry
    from hinode.services import Services, open_services

__all__ = [
    "Artifact",
    "ArtifactRole",
    "Capabilities",
    "DigitalSourceType",
    "Engine",
    "EngineError",
    "EngineRegistry",
    "ErrorCode",
    "HinodeError",
    "JobService",
    "MediaKind",
    "RenderContext",
    "RenderSpec",
    "Services",
    "Settings",
    "Ticket",
    "__version__",
    "create_app",
    "load_settings",
    "open_services",
]

_HOMES = {
    "hinode.app": ("create_app",),
    "hinode.config.settings": ("Settings", "load_settings"),
    "hinode.engines.base": (
        "Artifact",
        "ArtifactRole",
        "Capabilities",
        "DigitalSourceType",
        "Engine",
        "EngineError",
        "MediaKind",
        "RenderContext",
        "RenderSpec",
        "Ticket",
    ),
    "hinode.engines.registry": ("EngineRegistry",),
    "hinode.services": ("Services", "open_services"),
    "hinode.core.errors": ("ErrorCode", "HinodeError"),
    "hinode.core.jobs.service": ("JobService",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name from its module on first use."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'hinode' has no attribute '{name}'")
    return getattr(import_module(_HOME_OF[name]), name)
