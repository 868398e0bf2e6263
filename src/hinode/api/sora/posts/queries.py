"""Reads the queries of feeds and searches: all raise ``HinodeError``, some ``RequestError``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.posts.ids import read_rank
from hinode.api.values import integer
from hinode.core.accounts.names import LONGEST
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.posts.types import Rank
from hinode.core.text_checks import check_storable
from hinode.kit.ids import unspell

DEFAULT_LIMIT, MAX_LIMIT = 8, 100
"""How many posts a page has when a client does not say, and at most."""

LATEST, TOP = "nf2_latest", "nf2_top"
CUTS = (LATEST, TOP)
_PROFILE_CUT = "nf2"
"""What clients send with the feed of a profile; the public feed takes it for the newest."""

DEFAULT_MENTION_LIMIT = 10
"""How many a search finds when a client does not say."""

CAMEO, USERS = "cameo", "users"
INTENTS = (USERS, CAMEO)


@dataclass(frozen=True, slots=True)
class MentionQuery:
    """Whose username begins with ``prefix``: ``characters``, or people."""

    prefix: str
    characters: bool
    limit: int


def read_mention_query(query: Mapping[str, str]) -> MentionQuery:
    """Read ``username`` with or without its @, ``intent`` and ``limit``."""
    intent = query.get("intent") or USERS
    if intent not in INTENTS:
        raise _invalid("intent", f"'intent' is {USERS} or {CAMEO}.")
    prefix = query.get("username", "").strip().removeprefix("@")
    check_storable(prefix, "username")
    return MentionQuery(
        prefix[: LONGEST + 1], intent == CAMEO, read_limit(query, DEFAULT_MENTION_LIMIT)
    )


def read_limit(query: Mapping[str, str], default: int = DEFAULT_LIMIT) -> int:
    """Read ``limit``; pages are no longer than ``MAX_LIMIT``, whatever is asked for."""
    limit = integer(query, "limit")
    limit = default if limit is None else limit
    if limit < 1:
        raise _invalid(
            "limit", f"'limit' is 1 or more, not {limit}; pages have {MAX_LIMIT} at most."
        )
    return min(limit, MAX_LIMIT)


def read_cursor(query: Mapping[str, str]) -> UUID | None:
    """Read where the page before ended."""
    cursor = query.get("cursor") or None
    after = unspell("s_", cursor) if cursor else None
    if cursor and after is None:
        raise _invalid_cursor()
    return after


def read_top_cursor(query: Mapping[str, str]) -> Rank | None:
    """Read where the page before ended, in the top feed."""
    cursor = query.get("cursor") or None
    after = read_rank(cursor) if cursor else None
    if cursor and after is None:
        raise _invalid_cursor()
    return after


def wants_top(query: Mapping[str, str]) -> bool:
    """Say whether ``cut`` asks for the top feed."""
    cut = query.get("cut") or LATEST
    if cut not in (*CUTS, _PROFILE_CUT):
        raise _invalid("cut", f"'cut' is {LATEST} or {TOP}.")
    return cut == TOP


def _invalid_cursor() -> HinodeError:
    return _invalid("cursor", "'cursor' is the 'cursor' of the page before, of the same feed.")


def _invalid(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
