"""Fair queueing: accounts take turns at an engine; the jobs of one account stay in FIFO order.

Jobs start by queue rank, then by creation. The next job of an account gets the rank after its last
queued one, but never a rank below the head of the queue. So the first job of a new account waits
for at most one job of each other account, however many these have queued; and no job starves,
because none can overtake the head.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.jobs.tables import jobs
from hinode.db.compiled_statement import CompiledStatement

FIRST_RANK = 1
_ENGINE = jobs.c.engine == sa.bindparam("engine_name")
# Literals, not parameters: a partial index is used only if the query repeats its condition.
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
    """Return the queue rank of an account's next job at an engine, 1 in an empty queue."""
    found = _RANKS.first(conn, account=account_id, engine_name=engine)
    last, head = (found.last, found.head) if found else (None, None)
    return max((last or 0) + 1, head or FIRST_RANK)


def count_ahead(conn: sa.Connection, engine: str, queue_rank: int, job_id: UUID) -> int:
    """Count the queued jobs of an engine that are ahead of this one now."""
    ((ahead,),) = _AHEAD.all(conn, engine_name=engine, queue_rank=queue_rank, job=job_id)
    return int(ahead)
