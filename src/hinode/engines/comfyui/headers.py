"""The headers of requests to ComfyUI, which a proxy before it may ask for."""

from __future__ import annotations

import os

from hinode.engines.base import EngineError
from hinode.engines.comfyui.settings import ComfyUISettings, EnvironmentValue


def headers_from(name: str, settings: ComfyUISettings) -> dict[str, str]:
    """Return the headers with their values. Raises :class:`EngineError` for one without."""
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
