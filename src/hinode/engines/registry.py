"""Finding engines: installed ones by entry point, remote ones by the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from hinode.engines.base import Engine, EngineError
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.sora.account_pool import SoraAccountPool
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.engines.tasks.settings import TasksEngineSettings

ENTRY_POINT_GROUP = "hinode.engines"


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


AccountPoolFactory = Callable[[str], SoraAccountPool]
"""The accounts of an engine, by its name."""


def installed_engines(
    settings: Mapping[str, object] | None = None, account_pools: AccountPoolFactory | None = None
) -> EngineRegistry:
    """Load every engine that an installed package registers, and make those of the settings.

    ``settings`` are the ``[engines.NAME]`` tables; those that say a kind make an engine of that
    name. Those whose servers have accounts take them from ``accounts``. Raises
    :class:`EngineError` when one of them cannot be loaded or made.
    """
    engines = {point.name: _load_engine(point) for point in entry_points(group=ENTRY_POINT_GROUP)}
    for name, given in (settings or {}).items():
        engine = _configured_engine(name, given, account_pools)
        if engine is None:
            continue
        if name in engines:
            raise EngineError(
                "engine_misconfigured", f"The name '{name}' is an installed engine's: take another."
            )
        engines[name] = engine
    return EngineRegistry(engines.values())


def _configured_engine(
    name: str, given: object, account_pools: AccountPoolFactory | None
) -> Engine | None:
    """Make the engine of a table with a kind; None for one without."""
    match given:
        case OpenAIEngineSettings():
            from hinode.engines.openai.engine import OpenAIEngine

            return OpenAIEngine(name, given)
        case TasksEngineSettings():
            from hinode.engines.tasks.engine import TasksEngine

            return TasksEngine(name, given)
        case SoraEngineSettings() if account_pools is not None:
            from hinode.engines.sora.engine import SoraEngine

            return SoraEngine(name, given, account_pools(name))
    return None


def _load_engine(point: EntryPoint) -> Engine:
    try:
        engine: Engine = point.load()()
    except Exception as error:
        package = point.dist.name if point.dist else "an unknown package"
        raise EngineError(
            "engine_broken", f"The engine '{point.name}' of {package} cannot be loaded: {error}"
        ) from error
    return engine
