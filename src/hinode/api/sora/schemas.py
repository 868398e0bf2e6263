"""The shapes that all parts of the Sora dialect share, as documentation.

Answers are written by hand; a test holds these shapes against what really goes over the wire.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SoraSchema(BaseModel):
    """A documented object: every key that it may have, and no other."""

    model_config = ConfigDict(extra="forbid")


class SoraErrorBody(SoraSchema):
    """What went wrong; ``details`` are facts for programs, where there are any."""

    message: str
    type: str
    param: str | None = Field(description="The field that is meant, where one is.")
    code: str = Field(description="Stable, for programs.")
    details: dict[str, str | int | float | bool | None] | None = None


class SoraErrorEnvelope(BaseModel):
    """Every failure, whatever its status: ``error`` is always an object."""

    error: SoraErrorBody
