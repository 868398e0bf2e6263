"""Load engines: installed ones by entry point, others from tables of the settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from hinode.engines.base import Engine, EngineError
from hinode.engines.kinds import kind_of
from hinode.upstream_accounts import AccountPool

ENTRY_POINT_GROUP = "hinode.engines"


class EngineRegistry:
    """The engines of one instance, by name.

    ``left_out`` are the names of those that are installed, and not used on purpose.
    """

    def __init__(self, engines: Iterable[Engine], left_out: Collection[str] = ()) -> None:
        self.left_out = frozenset(left_out)
        self._engines = {engine.name: engine for engine in engines}

    def get(self, name: str) -> Engine:
        """Return an engine. Raises :class:`EngineError` when it is not installed here."""
        engine = self._engines.get(name)
        if engine is None:
            raise EngineError("engine_missing", f"The engine '{name}' is not installed here.")
        return engine

    def only(self, names: Collection[str]) -> EngineRegistry:
        """Return a registry of these engines. Raises :class:`EngineError` for one that is missing.

        The error lists the engines that are here.
        """
        missing = sorted(set(names) - set(self._engines))
        if missing:
            raise EngineError(
                "engine_missing",
                f"The engine '{missing[0]}' is not installed here; there are: "
                f"{', '.join(sorted(self._engines))}. Name one of these, or add "
                f"[engines.{missing[0]}] to hinode.toml.",
            )
        others = set(self._engines) - set(names)
        return EngineRegistry((self._engines[name] for name in names), others)

    def all(self) -> list[Engine]:
        """Return all engines, by name."""
        return [self._engines[name] for name in sorted(self._engines)]


AccountPoolFactory = Callable[[str], AccountPool]
"""Returns the accounts of an engine, by its name."""


def installed_engines(
    settings: Mapping[str, object] | None = None, account_pools: AccountPoolFactory | None = None
) -> EngineRegistry:
    """Load all installed engines, and make those of the settings.

    ``settings`` are the ``[engines.NAME]`` tables; those with a kind make an engine of that name.
    Engines with accounts get them from ``account_pools``, and are left out without it. Raises
    :class:`EngineError` when one cannot be loaded or made.
    """
    engines = {point.name: _load_engine(point) for point in entry_points(group=ENTRY_POINT_GROUP)}
    for name, given in (settings or {}).items():
        kind = kind_of(given)
        if kind is None or (kind.has_accounts and account_pools is None):
            continue
        if name in engines:
            raise EngineError(
                "engine_misconfigured",
                f"The name '{name}' is taken by an installed engine: take another.",
            )
        pool = account_pools(name) if kind.has_accounts and account_pools is not None else None
        engines[name] = kind.create(name, given, pool)
    return EngineRegistry(engines.values())


def _load_engine(point: EntryPoint) -> Engine:
    try:
        engine: Engine = point.load()()
    except Exception as error:
        package = point.dist.name if point.dist else "an unknown package"
        raise EngineError(
            "engine_broken", f"The engine '{point.name}' of {package} cannot be loaded: {error}"
        ) from error
    return engine
