"""How this dialect spells posts and the places of feeds, and how it reads them again."""

from __future__ import annotations

from uuid import UUID

from hinode.core.posts.service import not_found
from hinode.core.posts.types import Rank
from hinode.kit.ids import spell, unspell


def post_id(value: UUID) -> str:
    """Spell a post; clients find the ids of remixes by this very form."""
    return spell("s_", value)


def require_post_id(text: str) -> UUID:
    """Read a post's id. Raises :class:`HinodeError`, as for one that nobody has."""
    found = unspell("s_", text)
    if found is None:
        raise not_found()
    return found


def rank_cursor(rank: Rank) -> str:
    """Spell a place of the top feed."""
    return f"{rank.score}.{post_id(rank.id)}"


def read_rank(text: str) -> Rank | None:
    """Read a place of the top feed; None when it is none."""
    score, _, name = text.partition(".")
    found = unspell("s_", name)
    if found is None or not (score.isascii() and score.isdecimal() and len(score) <= 18):
        return None
    return Rank(int(score), found)
