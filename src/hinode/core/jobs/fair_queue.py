"""Fair queueing: accounts alternate at an engine, each one's jobs stay in the order of creation.

A job has a queue rank, and lower ranks start first; equal ranks start in the order of creation. An
account's next job gets the rank after its last queued one, and never a rank below the queue's
head. So a newcomer waits for one job of each other account, whatever these have queued, and no job
can overtake the head of the queue: none starves.
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
