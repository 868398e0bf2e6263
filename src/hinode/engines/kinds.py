"""Kinds of engines, which ``kind = "…"`` in an ``[engines.NAME]`` table names.

Built-in and third-party kinds register alike, under the entry point group ``hinode.engine_kinds``:
the name of the entry point is the kind, its object an :class:`EngineKind`. That object is loaded
with the settings, by every command: it imports its engine only when it makes one. The engine may
import its settings, so they are in a module of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from hinode.engines.base import Engine, EngineError
from hinode.open_models.checkpoints import Checkpoint, find
from hinode.upstream_accounts import AccountPool

ENTRY_POINT_GROUP = "hinode.engine_kinds"


class KindSettings(BaseModel):
    """Base of every kind's settings; each kind adds ``kind: Literal["its name"]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(
        default=16, ge=1, le=2000, description="Jobs that one server of ours runs there at once."
    )

    @property
    def run_timeout(self) -> float | None:
        """The seconds in which a job must be rendered there; None: those of the server."""
        return None

    def checkpoint_of(self, upstream: str | None) -> Checkpoint | None:
        """Return the open-weight model behind a name of the server's; None for an unknown one."""
        return find(upstream) if upstream else None

    def with_files_in(self, folder: Path) -> Self:
        """Return the settings with relative paths as they are from a folder: hinode.toml's."""
        return self


@dataclass(frozen=True, slots=True)
class EngineKind:
    """The settings of a kind, and the function that makes an engine of a name from them.

    With ``has_accounts`` the engine renders with accounts that the operator adds by `hinode engine
    account add`: ``create`` then gets their pool, otherwise None. An ``untried`` kind was written
    by the documents of a service and never run against it: `hinode engine list` says so.
    """

    settings: type[KindSettings]
    create: Callable[[str, Any, AccountPool | None], Engine]
    has_accounts: bool = False
    untried: bool = False


@cache
def engine_kinds() -> Mapping[str, EngineKind]:
    """Load all installed kinds, by name. Raises :class:`EngineError` for one that is broken."""
    return {point.name: _load(point) for point in entry_points(group=ENTRY_POINT_GROUP)}


def kind_of(settings: object) -> EngineKind | None:
    """Return the kind that a table's settings are of; None for a table without a kind."""
    return next(
        (one for one in engine_kinds().values() if type(settings) is one.settings),
        None,
    )


def _load(point: EntryPoint) -> EngineKind:
    package = point.dist.name if point.dist else "an unknown package"
    try:
        kind = point.load()
    except Exception as error:
        raise EngineError(
            "engine_broken",
            f"The engine kind '{point.name}' of {package} cannot be loaded: {error}. "
            "Install that package again (`make setup` in a checkout of Hinode), or remove it.",
        ) from error
    if not isinstance(kind, EngineKind) or "kind" not in kind.settings.model_fields:
        raise EngineError(
            "engine_broken",
            f"The engine kind '{point.name}' of {package} is not an EngineKind whose settings have "
            "a field 'kind'.",
        )
    return kind
