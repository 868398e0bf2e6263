"""Fair queueing: accounts take turns at an engine; priorities weight the turns.

Jobs start by queue rank, then by creation. The jobs of one account and priority stay in FIFO order,
a turn apart: the shorter a priority's turn, the larger its share. The first of them enters half a
turn behind the head of the queue, so a new account waits for about one job of each other account,
however many these have queued. No job starves, whatever its priority: none can overtake the head,
so the head's rank grows until it is the job's.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from hinode.core.auth.types import Priority
from hinode.core.jobs.tables import jobs
from hinode.db.compiled_statement import CompiledStatement

TURNS = {Priority.HIGH: 4, Priority.NORMAL: 16, Priority.LOW: 128}
"""Ranks between two jobs of one account: for one job of low priority, 8 of normal and 32 of high
priority start."""

_MAX_RANK = 2**31 - 1
MAX_AHEAD = 200
"""Limit of the count of jobs ahead, so that its cost does not grow with the queue."""

_ENGINE = jobs.c.engine == sa.bindparam("engine_name")
# Literals, not parameters: a partial index is used only if the query repeats its condition. The
# counts are in the order of the queue, so that PostgreSQL reads the index of the queue.
_QUEUED = sa.text("state = 'queued'")
_UNFINISHED = sa.text("state IN ('queued', 'running')")
_LAST_OF_KIND = (
    sa.select(sa.func.max(jobs.c.queue_rank))
    .where(
        jobs.c.account_id == sa.bindparam("account"),
        jobs.c.priority == sa.bindparam("priority_name"),
        _QUEUED,
        _UNFINISHED,
        _ENGINE,
    )
    .scalar_subquery()
)
_HEAD = sa.select(sa.func.min(jobs.c.queue_rank)).where(_QUEUED, _ENGINE).scalar_subquery()
_RANKS = CompiledStatement(sa.select(_LAST_OF_KIND.label("last"), _HEAD.label("head")))
_RANK, _JOB = sa.bindparam("queue_rank", type_=sa.Integer), sa.bindparam("job", type_=sa.Uuid)
# The pixels of a long video are beyond the usual integers of PostgreSQL.
_ONE = sa.literal_column("CAST(1 AS BIGINT)", sa.BigInteger)
_PIXELS = _ONE * jobs.c.width * jobs.c.height * jobs.c.frames * jobs.c.outputs
_ahead = (
    sa.select(jobs.c.model, _PIXELS.label("pixels"))
    .where(_QUEUED, _ENGINE, sa.tuple_(jobs.c.queue_rank, jobs.c.id) < sa.tuple_(_RANK, _JOB))
    .order_by(jobs.c.queue_rank, jobs.c.id)
    .limit(sa.literal_column(str(MAX_AHEAD)))
    .subquery()
)
_AHEAD = CompiledStatement(
    sa.select(
        _ahead.c.model,
        sa.func.count().label("jobs"),
        sa.func.sum(_ahead.c.pixels).label("pixels"),
    ).group_by(_ahead.c.model)
)
_QUEUE_HEAD = CompiledStatement(
    # The id as the driver has it: two hundred ids are not parsed for each list of jobs.
    sa.select(
        jobs.c.queue_rank,
        sa.type_coerce(jobs.c.id, sa.String).label("id"),
        jobs.c.model,
        _PIXELS.label("pixels"),
    )
    .where(_QUEUED, _ENGINE)
    .order_by(jobs.c.queue_rank, jobs.c.id)
    .limit(sa.literal_column(str(MAX_AHEAD)))
)
_earlier = jobs.alias("earlier")
JOBS_AHEAD = sa.case(
    (
        jobs.c.state == sa.literal_column("'queued'"),
        sa.select(sa.func.count())
        .select_from(
            sa.select(_earlier.c.id)
            .where(
                sa.text("earlier.state = 'queued'"),
                _earlier.c.engine == jobs.c.engine,
                sa.tuple_(_earlier.c.queue_rank, _earlier.c.id)
                < sa.tuple_(jobs.c.queue_rank, jobs.c.id),
            )
            .order_by(_earlier.c.queue_rank, _earlier.c.id)
            .limit(sa.literal_column(str(MAX_AHEAD)))
            .correlate(jobs)
            .subquery()
        )
        .scalar_subquery(),
    ),
).label("ahead")
"""Column of a query on jobs: the jobs ahead of a queued one, at most ``MAX_AHEAD``, else NULL."""


def next_queue_rank(conn: sa.Connection, account_id: UUID, engine: str, priority: Priority) -> int:
    """Return the queue rank of an account's next job of a priority at an engine."""
    found = _RANKS.first(conn, account=account_id, engine_name=engine, priority_name=priority.value)
    last, head = (found.last, found.head) if found else (None, None)
    turn = TURNS[priority]
    behind_head = (head or 0) + turn // 2
    return min(_MAX_RANK, behind_head if last is None else max(last + turn, behind_head))


@dataclass(frozen=True, slots=True)
class QueuedWork:
    """Queued jobs of a model, and the pixels of all their frames."""

    model: str
    jobs: int
    pixels: int


def jobs_ahead(conn: sa.Connection, engine: str, queue_rank: int, job_id: UUID) -> list[QueuedWork]:
    """Return the queued jobs of an engine that are ahead of this one now, up to ``MAX_AHEAD``."""
    rows = _AHEAD.all(conn, engine_name=engine, queue_rank=queue_rank, job=job_id)
    return [QueuedWork(one.model, int(one.jobs), int(one.pixels)) for one in rows]


def queue_head(conn: sa.Connection, engine: str) -> list[tuple[tuple[int, str], str, int]]:
    """Return the first ``MAX_AHEAD`` jobs of an engine's queue: the place, the model, the pixels.

    A place is the rank and the id in hexadecimal; places sort as the queue does.
    """
    return [
        ((rank, found if isinstance(found, str) else found.hex), model, int(pixels))
        for rank, found, model, pixels in _QUEUE_HEAD.all(conn, engine_name=engine)
    ]


def ahead_text(ahead: int) -> str:
    """Return a count of jobs ahead as text: "200+" at the limit of the count."""
    return f"{ahead}+" if ahead >= MAX_AHEAD else str(ahead)
