"""Reads what the admin API is sent about engines. All raise ``HinodeError`` or ``RequestError``."""

from __future__ import annotations

from uuid import UUID

from hinode.api.admin.requests import read_id, read_word, refuse_unknown
from hinode.api.values import Fields, boolean, integer, missing, text
from hinode.core.engines.types import AdminState
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.upstream_desk import UpstreamChange
from hinode.core.upstreams.types import NewUpstreamAccount, Slots, Tokens

_TOKENS = ("access_token", "session_token", "refresh_token", "client_id")
_SLOTS = ("video_concurrency", "image_concurrency")


def read_admin_state(fields: Fields) -> AdminState:
    """Read what an engine is told to do."""
    refuse_unknown(fields, ("admin_state",))
    given = text(fields, "admin_state")
    if given is None:
        raise missing("admin_state", f"One of {', '.join(AdminState)}.")
    return read_word(AdminState, given, "admin_state")


def read_new(fields: Fields) -> NewUpstreamAccount:
    """Read an account to be added."""
    refuse_unknown(fields, ("engine", "email", "label", *_TOKENS, *_SLOTS))
    engine = text(fields, "engine")
    if engine is None:
        raise missing("engine", "The name of an engine with accounts, as in hinode.toml.")
    usual = Slots()
    videos, images = (integer(fields, name) for name in _SLOTS)
    return NewUpstreamAccount(
        engine,
        Tokens(*(text(fields, name) for name in _TOKENS)),
        text(fields, "label") or "",
        text(fields, "email"),
        Slots(
            usual.videos if videos is None else videos, usual.images if images is None else images
        ),
    )


def read_change(fields: Fields) -> UpstreamChange:
    """Read what shall be another of an account."""
    refuse_unknown(fields, ("enabled", "label", *_SLOTS))
    videos, images = (integer(fields, name) for name in _SLOTS)
    return UpstreamChange(boolean(fields, "enabled"), text(fields, "label"), videos, images)


def read_account_id(given: str) -> UUID:
    """Read the id of an account at an engine's server."""
    found = read_id(given)
    if found is None:
        raise HinodeError(
            ErrorCode.UPSTREAM_NOT_FOUND,
            "There is no account of an engine with this id.",
            param="id",
        )
    return found
