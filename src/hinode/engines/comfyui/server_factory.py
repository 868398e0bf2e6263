"""Make the server of an engine from its settings, with the headers that a proxy asks for."""

from __future__ import annotations

import os

from hinode.engines.base import EngineError
from hinode.engines.comfyui.server import ComfyUIServer
from hinode.engines.comfyui.settings import ComfyUISettings, EnvironmentValue
from hinode.engines.remote.factory import bearer, create_client


def open_server(name: str, settings: ComfyUISettings) -> ComfyUIServer:
    """Return the server of an engine. Raises :class:`EngineError` for bad settings."""
    headers = _headers(name, settings)
    client = create_client(name, settings, lambda key: {**bearer(key), **headers})
    return ComfyUIServer(client, settings.retry_backoff_seconds)


def _headers(name: str, settings: ComfyUISettings) -> dict[str, str]:
    return {header: _value(name, header, given) for header, given in settings.headers.items()}


def _value(name: str, header: str, given: str | EnvironmentValue) -> str:
    value = given if isinstance(given, str) else os.environ.get(given.env)
    if value is None:
        variable = given.env if isinstance(given, EnvironmentValue) else ""
        problem = f"the environment has no {variable}, which headers.{header} names"
    elif not value.isascii() or not value.isprintable():
        problem = f"headers.{header} is no value of a header"
    else:
        return value.strip()
    raise EngineError("engine_misconfigured", f"The engine '{name}': {problem}.")
