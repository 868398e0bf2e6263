"""Reading the query strings of lists and downloads. Everything here raises ``HinodeError``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from hinode.api.values import integer
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import unspell
from hinode.media.types import ArtifactRole

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRule:
    """What a list is of: how ids begin, and how many of them a page may have."""

    noun: str
    prefix: str
    least: int = 0
    most: int = 100
    default: int = 20


VIDEO_PAGES = PageRule("video", "video_")

VARIANTS: Mapping[str, ArtifactRole] = {
    "video": ArtifactRole.VIDEO,
    "thumbnail": ArtifactRole.THUMBNAIL,
    "spritesheet": ArtifactRole.SPRITESHEET,
}
_ORDERS: Mapping[str, bool] = {"desc": False, "asc": True}


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list is wanted."""

    limit: int
    after: UUID | None
    ascending: bool


def read_page(query: Mapping[str, str], rule: PageRule = VIDEO_PAGES) -> PageQuery:
    """Read ``limit``, ``order`` and ``after``."""
    limit = integer(query, "limit")
    if limit is None:
        limit = rule.default
    if not rule.least <= limit <= rule.most:
        raise _bad("limit", f"'limit' is {rule.least} to {rule.most}, not {limit}.")
    after = query.get("after") or None
    cursor = unspell(rule.prefix, after) if after else None
    if after and cursor is None:
        raise _bad("after", f"'after' is the id of the last {rule.noun} that you have.")
    return PageQuery(limit, cursor, _one_of(query, "order", _ORDERS, "desc"))


def read_variant(query: Mapping[str, str]) -> tuple[ArtifactRole, int]:
    """Read ``variant`` and ours, ``index``: which file of which output."""
    output = integer(query, "index") or 0
    if not 0 <= output <= 99:
        raise _bad("index", "'index' counts the outputs of a job from 0.")
    return _one_of(query, "variant", VARIANTS, "video"), output


def _one_of(query: Mapping[str, str], name: str, allowed: Mapping[str, T], default: str) -> T:
    given = query.get(name) or default
    if given not in allowed:
        offered = ", ".join(f"'{one}'" for one in allowed)
        raise _bad(name, f"'{name}' is one of {offered}, not '{given[:40]}'.")
    return allowed[given]


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
