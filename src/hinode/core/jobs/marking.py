"""The visible mark that plans of accounts force on what these render."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Plan
from hinode.core.auth.types import Caller
from hinode.core.jobs.requests import ImageRequest, VideoRequest

if TYPE_CHECKING:
    from hinode.db.database import Database

R = TypeVar("R", ImageRequest, VideoRequest)


def with_forced_mark(db: Database, marked: Collection[Plan], caller: Caller, request: R) -> R:
    """Return the request with the visible mark if the caller's plan is among those ``marked``."""
    if not marked or request.params.watermark:
        return request
    with db.read() as conn:
        plan = accounts.by_ids(conn, {caller.account_id})[caller.account_id].plan
    if plan not in marked:
        return request
    return replace(request, params=replace(request.params, watermark=True))
