"""The JSON format in which accounts are exported and imported.

The members are those of sora2api's export (its public request models, as of November 2026):
``email``, ``access_token``, ``session_token``, ``refresh_token``, ``client_id``, ``remark``,
``is_active``, ``image_enabled``, ``video_enabled``, ``image_concurrency``, ``video_concurrency``.
Its shorter names ``token``, ``st`` and ``rt`` are read as well; proxies of accounts are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.upstreams.types import (
    UNLIMITED,
    Slots,
    UpstreamAccount,
    UpstreamAccountCreate,
    UpstreamAccountState,
)
from hinode.upstream_accounts import TokenSet

MOST = 10_000


class ImportMode(StrEnum):
    """The tokens that an import takes from each account.

    ``offline`` takes all tokens without a request to the server; ``at``, ``st`` and ``rt`` take the
    access, session or refresh token, which is checked at the server at once.
    """

    OFFLINE = "offline"
    AT = "at"
    ST = "st"
    RT = "rt"


def written(account: UpstreamAccount, tokens: TokenSet) -> dict[str, object]:
    """Return an account with its decrypted tokens as an object of the export."""
    slots = account.slots
    return {
        "email": account.email,
        "access_token": tokens.access,
        "session_token": tokens.session,
        "refresh_token": tokens.refresh,
        "client_id": tokens.client_id,
        "remark": account.label,
        "is_active": account.state is not UpstreamAccountState.DISABLED,
        "image_enabled": slots.images != 0,
        "video_enabled": slots.videos != 0,
        "image_concurrency": slots.images or UNLIMITED,
        "video_concurrency": slots.videos or UNLIMITED,
    }


def read(value: object, engine: str, mode: ImportMode) -> list[UpstreamAccountCreate]:
    """Parse an export: a list, or an object with a list ``tokens`` or ``accounts``.

    Raises :class:`HinodeError` whose ``param`` is the invalid member.
    """
    items = value.get("tokens", value.get("accounts")) if isinstance(value, Mapping) else value
    if not isinstance(items, list) or len(items) > MOST:
        raise _bad("tokens", f"An import is a list of at most {MOST} accounts.")
    return [_account(item, place, engine, mode) for place, item in enumerate(items)]


def _account(item: object, place: int, engine: str, mode: ImportMode) -> UpstreamAccountCreate:
    if not isinstance(item, Mapping):
        raise _bad(f"tokens[{place}]", f"tokens[{place}] is an object.")

    def text(*names: str) -> str | None:
        for name in names:
            found = item.get(name)
            if found is not None and not isinstance(found, str):
                raise _bad(f"tokens[{place}].{name}", f"tokens[{place}].{name} is a string.")
            if found and found.strip():
                return str(found.strip())
        return None

    tokens = TokenSet(
        text("access_token", "token", "at"),
        text("session_token", "st"),
        text("refresh_token", "rt"),
        text("client_id"),
    )
    return UpstreamAccountCreate(
        engine,
        _chosen(tokens, mode, place),
        text("remark", "label") or "",
        text("email"),
        Slots(_slots(item, place, "video"), _slots(item, place, "image")),
        enabled=item.get("is_active") is not False,
    )


def _chosen(tokens: TokenSet, mode: ImportMode, place: int) -> TokenSet:
    """Return the tokens that a mode takes, with those that can refresh them.

    Raises :class:`HinodeError` when the token of the mode is missing.
    """
    match mode:
        case ImportMode.OFFLINE:
            chosen, needed = tokens, tokens.access or tokens.session or tokens.refresh
        case ImportMode.AT:
            chosen, needed = tokens, tokens.access
        case ImportMode.ST:
            chosen, needed = TokenSet(session=tokens.session), tokens.session
        case ImportMode.RT:
            chosen = TokenSet(refresh=tokens.refresh, client_id=tokens.client_id)
            needed = tokens.refresh
    if not needed:
        raise _bad(f"tokens[{place}]", f"tokens[{place}] has no token for the mode '{mode}'.")
    return chosen


def _slots(item: Mapping[str, object], place: int, kind: str) -> int:
    if item.get(f"{kind}_enabled") is False:
        return 0
    found = item.get(f"{kind}_concurrency")
    if found is None:
        return UNLIMITED
    if isinstance(found, bool) or not isinstance(found, int):
        name = f"tokens[{place}].{kind}_concurrency"
        raise _bad(name, f"{name} is a whole number.")
    return found


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
