"""Statements on batches and their lines; every change of a status is a compare-and-set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.batches.tables import batch_lines, batches
from hinode.core.batches.types import (
    ENDED,
    Batch,
    BatchLine,
    BatchStatus,
    CreatedLine,
    FileError,
    LineFailure,
    LineNotRun,
    LineResponse,
    LineState,
)
from hinode.core.batches.validation import CustomIds
from hinode.core.jobs.tables import jobs
from hinode.core.jobs.types import JobState
from hinode.core.pagination import Page

_CHUNK = 1_000
_ENDED_JOBS = tuple(one.value for one in JobState if one.ended)


def insert(conn: sa.Connection, batch: Batch) -> None:
    """Insert a batch without lines."""
    columns = {one.name: getattr(batch, one.name) for one in fields(batch)}
    columns |= {"status": batch.status.value, "errors": None, "metadata": _dumped(batch.metadata)}
    conn.execute(batches.insert().values(**columns))


def find(conn: sa.Connection, batch_id: UUID) -> Batch | None:
    """Find a batch of any account."""
    row = conn.execute(batches.select().where(batches.c.id == batch_id)).one_or_none()
    return _batch(row) if row else None


def find_own(conn: sa.Connection, account_id: UUID, batch_id: UUID) -> Batch | None:
    """Find a batch of this account."""
    batch = find(conn, batch_id)
    return batch if batch is not None and batch.account_id == account_id else None


def page(conn: sa.Connection, account_id: UUID, limit: int, after: UUID | None) -> Page[Batch]:
    """Return a page of an account's batches older than the id ``after``, newest first."""
    query = batches.select().where(batches.c.account_id == account_id)
    if after is not None:
        query = query.where(batches.c.id < after)
    query = query.order_by(batches.c.id.desc()).limit(limit + 1)
    rows = Page.first_of(conn.execute(query).all(), limit)
    return rows.of([_batch(row) for row in rows.items])


def count_unfinished(conn: sa.Connection, account_id: UUID) -> int:
    """Count the batches of an account that have not ended."""
    query = sa.select(sa.func.count()).where(
        batches.c.account_id == account_id, batches.c.status.not_in([one.value for one in ENDED])
    )
    return int(conn.scalar(query) or 0)


def move(
    conn: sa.Connection,
    batch_id: UUID,
    sources: Sequence[BatchStatus],
    target: BatchStatus,
    **values: Any,
) -> bool:
    """Move a batch to a status; False when it has none of ``sources``."""
    here = (batches.c.id == batch_id) & batches.c.status.in_([one.value for one in sources])
    changed = batches.update().where(here).values(status=target.value, **values)
    return conn.execute(changed).rowcount == 1


def set_errors(conn: sa.Connection, batch_id: UUID, errors: Sequence[FileError]) -> None:
    """Store what is wrong with the input file."""
    text = _dumped([asdict(one) for one in errors])
    conn.execute(batches.update().where(batches.c.id == batch_id).values(errors=text))


def insert_lines(conn: sa.Connection, batch_id: UUID, found: CustomIds) -> None:
    """Insert the lines of a batch, all pending, and count them."""
    state = LineState.PENDING.value
    for start in range(0, len(found), _CHUNK):
        rows = [
            {"batch_id": batch_id, "number": number, "custom_id": custom_id, "state": state}
            for number, custom_id in found[start : start + _CHUNK]
        ]
        conn.execute(batch_lines.insert(), rows)
    conn.execute(batches.update().where(batches.c.id == batch_id).values(total=len(found)))


def next_pending(conn: sa.Connection, batch_id: UUID, limit: int) -> list[int]:
    """Return the first lines that have no job yet."""
    query = sa.select(batch_lines.c.number).where(
        batch_lines.c.batch_id == batch_id, batch_lines.c.state == LineState.PENDING.value
    )
    return list(conn.scalars(query.order_by(batch_lines.c.number).limit(limit)))


def count_created(conn: sa.Connection, account_id: UUID) -> int:
    """Count the lines of all batches of an account whose jobs have not ended."""
    query = (
        sa.select(sa.func.count())
        .select_from(batch_lines.join(batches, batches.c.id == batch_lines.c.batch_id))
        .where(
            batches.c.account_id == account_id,
            batches.c.status.not_in([one.value for one in ENDED]),
            batch_lines.c.state == LineState.CREATED.value,
        )
    )
    return int(conn.scalar(query) or 0)


def created_jobs(conn: sa.Connection, batch_id: UUID) -> dict[int, UUID]:
    """Return the jobs of the lines whose jobs were not seen to end, by line."""
    query = sa.select(batch_lines.c.number, batch_lines.c.job_id).where(
        batch_lines.c.batch_id == batch_id, batch_lines.c.state == LineState.CREATED.value
    )
    return {row.number: row.job_id for row in conn.execute(query)}


def ended_jobs(conn: sa.Connection, batch_id: UUID) -> list[tuple[int, UUID, JobState]]:
    """Return the jobs among :func:`created_jobs` that have ended."""
    query = (
        sa.select(batch_lines.c.number, jobs.c.id, jobs.c.state)
        .join(jobs, jobs.c.id == batch_lines.c.job_id)
        .where(
            batch_lines.c.batch_id == batch_id,
            batch_lines.c.state == LineState.CREATED.value,
            jobs.c.state.in_(_ENDED_JOBS),
        )
    )
    return [(number, job_id, JobState(state)) for number, job_id, state in conn.execute(query)]


def set_created(conn: sa.Connection, batch_id: UUID, number: int, made: CreatedLine) -> bool:
    """Give a pending line its job; False when it has one or has ended."""
    values = {"job_id": made.job_id, "details": _dumped(made.details)}
    return _move_line(conn, batch_id, number, LineState.PENDING, LineState.CREATED, values)


def end_line(
    conn: sa.Connection,
    batch_id: UUID,
    number: int,
    source: LineState,
    target: LineState,
    failure: LineFailure | None = None,
) -> bool:
    """End a line and count it; False when its state is not ``source``."""
    text = None if failure is None else json.dumps(asdict(failure))
    moved = _move_line(conn, batch_id, number, source, target, {"failure": text})
    if moved:
        _count(conn, batch_id, target, 1)
    return moved


def fail_pending(conn: sa.Connection, batch_id: UUID, failure: LineFailure) -> None:
    """Fail all pending lines of a batch for one reason."""
    pending = (batch_lines.c.batch_id == batch_id) & (
        batch_lines.c.state == LineState.PENDING.value
    )
    values = {"state": LineState.FAILED.value, "failure": json.dumps(asdict(failure))}
    number = conn.execute(batch_lines.update().where(pending).values(**values)).rowcount
    _count(conn, batch_id, LineState.FAILED, number)


def prolong_files(conn: sa.Connection, job_ids: Sequence[UUID], until: datetime) -> None:
    """Keep the files of jobs until a time, if they are not kept for longer."""
    for start in range(0, len(job_ids), _CHUNK):
        some = jobs.c.id.in_(job_ids[start : start + _CHUNK])
        conn.execute(jobs.update().where(some, jobs.c.expires_at < until).values(expires_at=until))


def lines(conn: sa.Connection, batch_id: UUID) -> Iterator[list[BatchLine]]:
    """Yield the lines of a batch in their order, some at a time."""
    after = 0
    while True:
        query = batch_lines.select().where(
            batch_lines.c.batch_id == batch_id, batch_lines.c.number > after
        )
        rows = conn.execute(query.order_by(batch_lines.c.number).limit(_CHUNK)).all()
        if not rows:
            return
        yield [_line(row) for row in rows]
        after = rows[-1].number


def _move_line(
    conn: sa.Connection,
    batch_id: UUID,
    number: int,
    source: LineState,
    target: LineState,
    values: dict[str, Any],
) -> bool:
    here = (batch_lines.c.batch_id == batch_id) & (batch_lines.c.number == number)
    changed = batch_lines.update().where(here, batch_lines.c.state == source.value)
    return conn.execute(changed.values(state=target.value, **values)).rowcount == 1


def _count(conn: sa.Connection, batch_id: UUID, state: LineState, number: int) -> None:
    column = batches.c[state.value]
    counted = batches.update().where(batches.c.id == batch_id)
    conn.execute(counted.values({column: column + number}))


def _batch(row: Any) -> Batch:
    columns = row._asdict()
    errors = json.loads(columns.pop("errors") or "[]")
    metadata = columns.pop("metadata")
    return Batch(
        **{**columns, "status": BatchStatus(columns["status"])},
        errors=tuple(FileError(**one) for one in errors),
        metadata=None if metadata is None else json.loads(metadata),
    )


def _line(row: Any) -> BatchLine:
    return BatchLine(
        row.batch_id,
        row.number,
        row.custom_id,
        LineState(row.state),
        row.job_id,
        json.loads(row.details or "{}"),
        _failure(row.failure),
    )


def _failure(text: str | None) -> LineFailure | None:
    if text is None:
        return None
    stored = json.loads(text)
    return LineResponse(**stored) if "status" in stored else LineNotRun(**stored)


def _dumped(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
