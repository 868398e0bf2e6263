"""The order of an engine's queue: accounts take turns, each one's jobs in the order they came.

A job's turn is a number, and lower numbers go first; jobs of one turn in the order they came. An
account's next job gets the turn after its last queued one, and never an earlier turn than the
queue's head has. So a newcomer waits for one job of each other account, whatever these have
queued, and nobody can overtake the head of the queue: every job's time comes.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.db.compiled_statement import CompiledStatement

FIRST_RANK = 1
_ENGINE = jobs.c.engine == sa.bindparam("engine_name")
# Partial indexes are used when a query has their condition in the same words.
_QUEUED = sa.text("state = 'queued'")
_UNFINISHED = sa.text("state IN ('queued', 'running')")
_LAST_OF_ACCOUNT = (
    sa.select(sa.func.max(jobs.c.queue_rank))
    .where(jobs.c.account_id == sa.bindparam("account"), _QUEUED, _UNFINISHED, _ENGINE)
    .scalar_subquery()
)
_HEAD = sa.select(sa.func.min(jobs.c.queue_rank)).where(_QUEUED, _ENGINE).scalar_subquery()
_RANKS = CompiledStatement(sa.select(_LAST_OF_ACCOUNT.label("last"), _HEAD.label("head")))
_RANK, _JOB = sa.bindparam("queue_rank", type_=sa.Integer), sa.bindparam("job", type_=sa.Uuid)
_AHEAD = CompiledStatement(
    sa.select(sa.func.count()).where(
        _QUEUED,
        _ENGINE,
        sa.tuple_(jobs.c.queue_rank, jobs.c.id) < sa.tuple_(_RANK, _JOB),
    )
)


def next_queue_rank(conn: sa.Connection, account_id: UUID, engine: str) -> int:
    """Return the rank of an account's next job in the queue of an engine."""
    found = _RANKS.first(conn, account=account_id, engine_name=engine)
    last, head = (found.last, found.head) if found else (None, None)
    return max((last or 0) + 1, head or FIRST_RANK)


def count_ahead(conn: sa.Connection, engine: str, queue_rank: int, job_id: UUID) -> int:
    """Count the queued jobs that an engine renders before this one, as the queue is now."""
    ((ahead,),) = _AHEAD.all(conn, engine_name=engine, queue_rank=queue_rank, job=job_id)
    return int(ahead)
