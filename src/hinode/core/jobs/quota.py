"""How many videos an account may still make: its plan's share of a day, and its credits."""

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
from hinode.db.prepared import Prepared
from hinode.kit.ids import first_id_at
from hinode.media.types import MediaKind

WINDOW = timedelta(hours=24)
UNLIMITED_VIDEOS = 9_999
"""What is told as left where nothing limits it."""

UNLIMITED_CREDITS = 1_000_000_000
"""What is told of credits that are unlimited."""

_SLACK = timedelta(minutes=10)
"""How far the clocks of servers that make ids may differ."""

# The newest jobs of the window, no more of them than the plan counts videos; so the time this takes
# depends on the plan and not on how many jobs there are. What failed or was canceled is given back.
_NEWEST = (
    sa.select(jobs.c.created_at, jobs.c.outputs)
    .where(
        jobs.c.account_id == sa.bindparam("account"),
        jobs.c.id >= sa.bindparam("first"),
        jobs.c.created_at > sa.bindparam("since"),
        jobs.c.kind == MediaKind.VIDEO.value,
        jobs.c.state.notin_([sa.literal_column("'failed'"), sa.literal_column("'canceled'")]),
    )
    .order_by(jobs.c.id.desc())
    .limit(sa.bindparam("most", type_=sa.Integer))
).subquery()
_COUNTS: list[sa.ColumnElement[Any]] = [
    sa.func.coalesce(sa.func.sum(_NEWEST.c.outputs), 0).label("made"),
    sa.func.min(_NEWEST.c.created_at, type_=jobs.c.created_at.type).label("oldest"),
]
_MADE = Prepared(sa.select(*_COUNTS).select_from(_NEWEST))


@dataclass(frozen=True, slots=True)
class VideoQuota:
    """What an account may still make.

    ``plan_remaining`` is what the plan leaves of the day, None without a limit; ``credits`` the
    balance, None: unlimited; ``price`` what a usual video costs; ``resets_in_s`` the whole seconds
    until the oldest counted video leaves the window, 0 when none counts.
    """

    plan_remaining: int | None
    credits: int | None
    price: int
    resets_in_s: int

    @property
    def affordable_videos(self) -> int | None:
        """How many usual videos the credits pay for; None: any number."""
        if self.credits is None or self.price == 0:
            return None
        return max(0, self.credits // self.price)

    @property
    def remaining(self) -> int:
        """How many videos may still be made now, by the plan and by the credits."""
        known = [
            count for count in (self.plan_remaining, self.affordable_videos) if count is not None
        ]
        return min([*known, UNLIMITED_VIDEOS])

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing can be made now: the plan's share is used up, or all credits are."""
        return self.plan_remaining == 0 or (
            self.credits is not None and self.credits <= 0 < self.price
        )

    def rate_limit_fields(self) -> dict[str, JSONScalar]:
        """Return it for programs, in the words that clients of the Sora backend know.

        All credits are spent in the same way here: none of the videos counts as purchased.
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
    """Return what an account may still make."""
    balance = balances.balance(conn, account_id)
    credits = None if balance.unlimited else balance.amount
    most = limits.videos_per_day
    if not most:
        return VideoQuota(None, credits, price, 0)
    since = now - WINDOW
    (found,) = _MADE.all(
        conn, account=account_id, first=first_id_at(since - _SLACK), since=since, most=most
    )
    waits = 0.0 if found.oldest is None else (found.oldest + WINDOW - now).total_seconds()
    return VideoQuota(max(0, most - int(found.made)), credits, price, max(0, math.ceil(waits)))
