"""The tables `[engines.NAME]`."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.sora.settings import SoraEngineSettings
from hinode.engines.tasks.settings import TasksEngineSettings


class EngineSettings(BaseModel):
    """Settings of one engine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(
        default=1, ge=1, le=64, description="Jobs that one server renders at once."
    )


def _engine_kind(value: object) -> str:
    """Tell tables of remote engines, which say their kind, from those of engines found here."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "here" if kind is None else str(kind)


AnyEngineSettings = Annotated[
    Annotated[EngineSettings, Tag("here")]
    | Annotated[OpenAIEngineSettings, Tag("openai")]
    | Annotated[TasksEngineSettings, Tag("tasks")]
    | Annotated[SoraEngineSettings, Tag("sora")],
    Discriminator(_engine_kind),
]
