"""Finding engines: built-in and third-party ones register under the same entry point group."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

from hinode.engines.base import Engine, EngineError

GROUP = "hinode.engines"


class EngineRegistry:
    """The engines of one Hinode, by name."""

    def __init__(self, engines: Iterable[Engine]) -> None:
        self._engines = {engine.name: engine for engine in engines}

    def get(self, name: str) -> Engine:
        """Return an engine. Raises :class:`EngineError` when it is not installed here."""
        engine = self._engines.get(name)
        if engine is None:
            raise EngineError("engine_missing", f"The engine '{name}' is not installed here.")
        return engine

    def all(self) -> list[Engine]:
        """Return all engines, by name."""
        return [self._engines[name] for name in sorted(self._engines)]


def installed_engines() -> EngineRegistry:
    """Load every engine that an installed package registers.

    Raises :class:`EngineError` when one of them cannot be loaded.
    """
    return EngineRegistry(_load(point) for point in entry_points(group=GROUP))


def _load(point: EntryPoint) -> Engine:
    try:
        engine: Engine = point.load()()
    except Exception as error:
        package = point.dist.name if point.dist else "an unknown package"
        raise EngineError(
            "engine_broken", f"The engine '{point.name}' of {package} cannot be loaded: {error}"
        ) from error
    return engine
