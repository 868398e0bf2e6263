"""The tables `[engines.NAME]`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from hinode.engines.diffusers.weights.settings import LocalModelSettings
from hinode.engines.kinds import EngineKind, KindSettings, engine_kinds
from hinode.open_models.checkpoints import Checkpoint, find


class EngineSettings(BaseModel):
    """Settings of one installed engine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(
        default=1, ge=1, le=64, description="Jobs that one server renders at once."
    )

    def checkpoint_of(self, upstream: str | None) -> Checkpoint | None:
        """Return the open-weight model of that name; None for an unknown one."""
        return find(upstream) if upstream else None


def _engine_kind(value: object) -> str:
    """Return the tag of a table: its kind, or ``installed`` without one."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "installed" if kind is None else str(kind)


def _union(kinds: Mapping[str, EngineKind]) -> Any:
    """Return the union of the schemas of a table, one per installed kind."""
    schemas: dict[str, type[BaseModel]] = {"installed": EngineSettings}
    schemas |= {name: kind.settings for name, kind in kinds.items()}
    tagged = tuple(Annotated[schema, Tag(name)] for name, schema in schemas.items())
    return Annotated[Union[tagged], Discriminator(_engine_kind)]  # noqa: UP007


if TYPE_CHECKING:
    AnyEngineSettings = EngineSettings | KindSettings
else:
    AnyEngineSettings = _union(engine_kinds())


def with_local_models(
    table: AnyEngineSettings, folder: Path, download: bool, min_free_disk_mb: int
) -> AnyEngineSettings:
    """Return a table with this host's folder of models, where it renders with models and says none.

    So it is with ``download``, whether a missing one is got, which leaves so much of the disk free.
    """
    if not isinstance(table, LocalModelSettings):
        return table
    given = table.model_dump(include={"model_folder", "download_models"}, exclude_none=True)
    own = table.model_copy(update={"model_folder": folder, "download_models": download} | given)
    own.leave_free(min_free_disk_mb)
    return own
