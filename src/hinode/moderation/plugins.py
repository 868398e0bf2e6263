"""Moderators of other packages, by entry point."""

from __future__ import annotations

from importlib.metadata import entry_points

from hinode.moderation.types import Moderator

ENTRY_POINT_GROUP = "hinode.moderators"


class ModeratorMissing(Exception):
    """The moderator of the settings is not installed, or cannot be loaded."""


def load_moderator(name: str) -> Moderator:
    """Return an installed moderator; its entry point is called without arguments.

    Raises :class:`ModeratorMissing`.
    """
    points = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in points:
        present = ", ".join(sorted(points)) or "none"
        raise ModeratorMissing(
            f"The moderator '{name}' of the setting moderation.plugin is not installed here; "
            f"installed: {present}. Install its package."
        )
    try:
        moderator: Moderator = points[name].load()()
    except Exception as error:
        raise ModeratorMissing(f"The moderator '{name}' cannot be loaded: {error}") from error
    return moderator
