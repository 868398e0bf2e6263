"""The limits of each plan from the settings ``plans``."""

from __future__ import annotations

from collections.abc import Mapping

from hinode.config.plans import PlanSettings
from hinode.config.settings import Settings
from hinode.core.accounts.types import Plan, PlanLimits

__all__ = ["plan_limits"]


def plan_limits(settings: Settings) -> Mapping[Plan, PlanLimits]:
    """Return the limits of every plan."""
    return {plan: _limits(settings.plans.of(plan)) for plan in Plan}


def _limits(given: PlanSettings) -> PlanLimits:
    return PlanLimits(given.videos_per_day, given.max_unfinished, given.invites)
