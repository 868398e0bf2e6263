"""The tables `[plans.NAME]`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class PlanSettings(BaseModel):
    """The limits of the plan `free`; the other plans differ in their defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    videos_per_day: int = Field(
        default=30, ge=0, le=10_000, description="Videos in any 24 hours; 0: any number."
    )
    max_unfinished: int = Field(
        default=3, ge=0, le=1_000, description="Unfinished jobs of the Sora dialect; 0: any number."
    )
    invites: int = Field(
        default=4, ge=0, le=1_000_000, description="People that an account may invite."
    )
    watermark: bool = Field(
        default=False,
        description="Draw the visible mark on all that its accounts render, in every dialect.",
    )


class _Plus(PlanSettings):
    videos_per_day: int = Field(default=60, ge=0, le=10_000)
    max_unfinished: int = Field(default=5, ge=0, le=1_000)
    invites: int = Field(default=6, ge=0, le=1_000_000)


class _Pro(PlanSettings):
    videos_per_day: int = Field(default=300, ge=0, le=10_000)
    max_unfinished: int = Field(default=10, ge=0, le=1_000)
    invites: int = Field(default=10, ge=0, le=1_000_000)


class _Team(PlanSettings):
    videos_per_day: int = Field(default=0, ge=0, le=10_000)
    max_unfinished: int = Field(default=20, ge=0, le=1_000)
    invites: int = Field(default=100, ge=0, le=1_000_000)


class PlansSettings(BaseModel):
    """The plans of accounts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    free: PlanSettings = PlanSettings()
    plus: _Plus = _Plus()
    pro: _Pro = _Pro()
    team: _Team = _Team()

    def of(self, name: str) -> PlanSettings:
        """Return the settings of a plan by its name."""
        found: PlanSettings = getattr(self, name)
        return found
