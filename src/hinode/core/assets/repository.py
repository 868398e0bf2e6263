"""Statements on assets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from uuid import UUID

import sqlalchemy as sa

from hinode.core.assets.tables import KEPT_INPUT, assets
from hinode.core.assets.types import INPUTS, Asset
from hinode.media.types import ArtifactRole

_INSERT = assets.insert()
# Hidden files are found only by the statements that remove or restore them.
_VISIBLE = sa.select(*(assets.c[one.name] for one in fields(Asset))).where(
    assets.c.removal_due.is_(None)
)
_FIND = _VISIBLE.where(
    assets.c.job_id == sa.bindparam("job"),
    assets.c.output == sa.bindparam("place"),
    assets.c.role == sa.bindparam("kind"),
)
_KEPT_INPUTS = sa.select(sa.func.coalesce(sa.func.sum(assets.c.bytes), 0)).where(
    assets.c.account_id == sa.bindparam("account"), sa.text(KEPT_INPUT)
)


def insert(conn: sa.Connection, rows: Iterable[Asset]) -> None:
    """Insert assets."""
    values = [{**asdict(asset), "role": asset.role.value} for asset in rows]
    if values:
        conn.execute(_INSERT, values)


def find(conn: sa.Connection, job_id: UUID, output: int, role: ArtifactRole) -> Asset | None:
    """Find the file of a job's output with this role; None when there is none."""
    chosen = {"job": job_id, "place": output, "kind": role.value}
    row = conn.execute(_FIND, chosen).one_or_none()
    return _asset(row) if row else None


def of_job(conn: sa.Connection, job_id: UUID) -> list[Asset]:
    """Return all files of a job, by output and role."""
    query = _VISIBLE.where(assets.c.job_id == job_id).order_by(assets.c.output, assets.c.role)
    return [_asset(row) for row in conn.execute(query)]


def of_jobs(conn: sa.Connection, job_ids: Sequence[UUID]) -> dict[UUID, list[Asset]]:
    """Return the files of each job, ordered by output and role."""
    found: dict[UUID, list[Asset]] = {job_id: [] for job_id in job_ids}
    query = _VISIBLE.where(assets.c.job_id.in_(job_ids)).order_by(assets.c.output, assets.c.role)
    for row in conn.execute(query):
        found[row.job_id].append(_asset(row))
    return found


def inputs_of(conn: sa.Connection, job_id: UUID) -> list[Asset]:
    """Return the input files of a job, ordered by index and role."""
    return [asset for asset in of_job(conn, job_id) if asset.role in INPUTS]


def delete_of_jobs(conn: sa.Connection, job_ids: Sequence[UUID]) -> list[str]:
    """Delete the rows of the files of jobs; return their storage keys.

    The caller deletes the objects after its commit.
    """
    chosen = assets.c.job_id.in_(job_ids)
    keys = list(conn.scalars(sa.select(assets.c.key).where(chosen)))
    conn.execute(assets.delete().where(chosen))
    return keys


def delete_due(conn: sa.Connection, uptime: int, limit: int) -> list[str]:
    """Delete the rows of hidden files whose grace period is over; return their storage keys.

    ``uptime`` is the counted uptime in milliseconds.
    """
    due = sa.select(assets.c.id).where(assets.c.removal_due <= uptime).limit(limit)
    gone = assets.delete().where(assets.c.id.in_(due), assets.c.removal_due.is_not(None))
    return list(conn.scalars(gone.returning(assets.c.key)))


def kept_input_bytes(conn: sa.Connection, account_id: UUID) -> int:
    """Return the bytes of the inputs of an account's jobs that are not hidden."""
    return int(conn.execute(_KEPT_INPUTS, {"account": account_id}).scalar_one())


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return the keys among ``keys`` that belong to an asset."""
    return set(conn.scalars(sa.select(assets.c.key).where(assets.c.key.in_(keys))))


def _asset(row: sa.Row[tuple[object, ...]]) -> Asset:
    values = dict(row._mapping)
    values["role"] = ArtifactRole(row.role)
    return Asset(**values)
