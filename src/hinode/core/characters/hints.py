"""Suggest a username, a name and instructions for a new character."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import names
from hinode.core.accounts.usernames import LONGEST
from hinode.core.characters.types import CharacterHints

_WORDS = (
    "robin", "willow", "juniper", "ember", "clover", "sparrow", "maple", "river", "hazel",
    "wren", "linden", "rowan", "poppy", "finch", "aspen", "fern", "lark", "sorrel", "heron",
    "cedar", "pebble", "bramble", "comet", "breeze",
)  # fmt: skip
_DEFAULT_OWNER = "friend"


def hints_for(conn: sa.Connection, account_id: UUID, cameo_id: UUID) -> CharacterHints:
    """Return a free username like ``owner.robin``, with a matching name and instructions.

    The choice depends on the cameo's id only, so that a client that polls sees the same hints.
    """
    owner = _username(conn, account_id) or _DEFAULT_OWNER
    choices = {_join(owner, word): word for word in _shuffled(cameo_id)}
    taken = set(conn.scalars(sa.select(names.c.folded).where(names.c.folded.in_(choices))))
    username = next((one for one in choices if one not in taken), None)
    if username is None:
        username = _join(owner, f"robin{cameo_id.hex[-6:]}")
    shown = choices.get(username, "robin").capitalize()
    return CharacterHints(
        display_name=shown,
        username=username,
        instructions=f"Keep the looks of {shown}: face, hair and clothes are those of the clip.",
    )


def _username(conn: sa.Connection, account_id: UUID) -> str | None:
    found = conn.scalar(sa.select(names.c.folded).where(names.c.owner_id == account_id))
    return None if found is None else str(found)


def _shuffled(cameo_id: UUID) -> list[str]:
    first = cameo_id.int % len(_WORDS)
    return [*_WORDS[first:], *_WORDS[:first]]


def _join(owner: str, word: str) -> str:
    room = LONGEST - len(word) - 1
    return f"{owner[:room].rstrip('._')}.{word}"
