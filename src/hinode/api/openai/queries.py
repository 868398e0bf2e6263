"""Reading the query strings of the video routes. Everything here raises ``StudioError``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from hinode.api.values import integer
from hinode.kit.ids import from_video_id
from hinode.media.kinds import ArtifactRole
from hinode.studio.errors import ErrorCode, StudioError

T = TypeVar("T")

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

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


def read_page(query: Mapping[str, str]) -> PageQuery:
    """Read ``limit``, ``order`` and ``after``."""
    limit = integer(query, "limit")
    if limit is None:
        limit = DEFAULT_LIMIT
    if not 0 <= limit <= MAX_LIMIT:
        raise _bad("limit", f"'limit' is 0 to {MAX_LIMIT}, not {limit}.")
    after = query.get("after") or None
    cursor = from_video_id(after) if after else None
    if after and cursor is None:
        raise _bad("after", "'after' is the id of the last video that you have.")
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


def _bad(param: str, message: str) -> StudioError:
    return StudioError(ErrorCode.INVALID_VALUE, message, param=param)
