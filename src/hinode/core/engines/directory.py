"""The capabilities of all engines: of this process, and of the workers on other hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.engines import repository
from hinode.kit import dataclass_json

if TYPE_CHECKING:
    from hinode.db.database import Database

log = structlog.get_logger("hinode.engines")


@dataclass(slots=True)
class EngineDirectory(Mapping[str, EngineCapabilities]):
    """The capabilities by the engine's name; ``here`` are those of this process, which come first.

    ``declare`` returns them; they change where a model is got while the server runs. Pages and
    checks read the directory in the event loop, so all are kept in memory.
    """

    db: Database
    declare: Callable[[], Mapping[str, EngineCapabilities]]
    here: Mapping[str, EngineCapabilities] = field(init=False, default_factory=dict)
    _all: Mapping[str, EngineCapabilities] = field(init=False, default_factory=dict)

    def refresh(self) -> None:
        """Read what engines declare here, and what workers have published.

        Raises ``sqlalchemy.exc.SQLAlchemyError``.
        """
        self.here = self.declare()
        with self.db.read() as conn:
            published = repository.published_capabilities(conn)
        found = {name: parse_capabilities(name, text) for name, text in published.items()}
        others = {name: one for name, one in found.items() if one is not None}
        self._all = {**others, **self.here}

    def __getitem__(self, name: str) -> EngineCapabilities:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


@lru_cache(maxsize=128)  # read every 15 seconds, changed with a release: parsed and warned of once
def parse_capabilities(name: str, text: str) -> EngineCapabilities | None:
    """Return what a worker published; None if it runs a release that says it otherwise."""
    try:
        return dataclass_json.decode(EngineCapabilities, text.encode())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("an engine of another release is not described", engine=name, reason=str(error))
        return None
