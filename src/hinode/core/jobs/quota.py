"""The videos left to an account by the daily limit of its plan and by its credits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.types import PlanLimits
from hinode.core.credits import repository as balances
from hinode.core.errors import JSONScalar
from hinode.core.jobs.tables import jobs
from hinode.db.compiled_statement import CompiledStatement

WINDOW = timedelta(hours=24)
UNLIMITED_VIDEOS = 9_999
"""Number of remaining videos that is reported without a limit."""

UNLIMITED_CREDITS = 1_000_000_000
"""Balance that is reported for unlimited credits."""

# The newest jobs of the window, at most the plan's limit, so that the cost of the query depends on
# the plan and not on the number of jobs. Failed and canceled jobs do not count. Literals: a partial
# index is used only if the query repeats its condition.
_NEWEST = (
    sa.select(jobs.c.created_at, jobs.c.outputs)
    .where(
        jobs.c.account_id == sa.bindparam("account"),
        jobs.c.created_at > sa.bindparam("since"),
        sa.text("kind = 'video' AND state NOT IN ('failed', 'canceled')"),
    )
    .order_by(jobs.c.created_at.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
).subquery()
_COUNTS: list[sa.ColumnElement[Any]] = [
    sa.func.coalesce(sa.func.sum(_NEWEST.c.outputs), 0).label("made"),
    sa.func.min(_NEWEST.c.created_at, type_=jobs.c.created_at.type).label("oldest"),
]
_MADE = CompiledStatement(sa.select(*_COUNTS).select_from(_NEWEST))


@dataclass(frozen=True, slots=True)
class VideoQuota:
    """The videos left to an account.

    ``plan_remaining`` is the rest of the plan's daily limit (None: no limit), ``credits`` the
    balance (None: unlimited), ``price`` the price of a default video in credits, ``resets_in_s``
    the whole seconds until the oldest counted video leaves the window (0: none counts).
    """

    plan_remaining: int | None
    credits: int | None
    price: int
    resets_in_s: int

    @property
    def affordable_videos(self) -> int | None:
        """The number of default videos that the credits pay for; None: no limit."""
        if self.credits is None or self.price == 0:
            return None
        return max(0, self.credits // self.price)

    @property
    def remaining(self) -> int:
        """Videos that may be created now, by the plan and by the credits."""
        known = [
            count for count in (self.plan_remaining, self.affordable_videos) if count is not None
        ]
        return min([*known, UNLIMITED_VIDEOS])

    @property
    def is_exhausted(self) -> bool:
        """True when no video can be created now: the daily limit or the credits are used up."""
        return self.plan_remaining == 0 or (
            self.credits is not None and self.credits <= 0 < self.price
        )

    def rate_limit_fields(self) -> dict[str, JSONScalar]:
        """Return the fields of ``rate_limit_and_credit_balance`` in the Sora dialect.

        This server sells no videos, so the number of purchased ones is 0.
        """
        return {
            "rate_limit_reached": self.is_exhausted,
            "access_resets_in_seconds": self.resets_in_s,
            "credit_remaining": UNLIMITED_CREDITS if self.credits is None else max(0, self.credits),
            "estimated_num_videos_remaining": self.remaining,
            "estimated_num_purchased_videos_remaining": 0,
        }


def quota_of(
    conn: sa.Connection, account_id: UUID, limits: PlanLimits, price: int, now: datetime
) -> VideoQuota:
    """Return the videos left to an account; ``price`` is that of a default video in credits."""
    balance = balances.balance(conn, account_id)
    credits = None if balance.unlimited else balance.amount
    most = limits.videos_per_day
    if not most:
        return VideoQuota(None, credits, price, 0)
    since = now - WINDOW
    (found,) = _MADE.all(conn, account=account_id, since=since, most=most)
    waits = 0.0 if found.oldest is None else (found.oldest + WINDOW - now).total_seconds()
    return VideoQuota(max(0, most - int(found.made)), credits, price, max(0, math.ceil(waits)))
