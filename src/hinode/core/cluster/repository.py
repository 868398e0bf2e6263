"""Statements on the cluster's keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from hinode.core.cluster.tables import cluster_keys
from hinode.core.cluster.types import ClusterKey, KeyPurpose
from hinode.kit.cluster_secret import ClusterSecret

_KEYS = cluster_keys.c
_LOCK = 0x4B455953  # arbitrary, but equal in all processes


def lock(conn: sa.Connection) -> None:
    """Keep others from adding keys until the transaction ends; SQLite has one writer anyway."""
    if conn.dialect.name != "sqlite":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def secret_ids(conn: sa.Connection) -> set[str]:
    """Return the ids of the secrets with which the keys are encrypted."""
    return set(conn.scalars(sa.select(_KEYS.secret_id).distinct()))


def keys(
    conn: sa.Connection, secret: ClusterSecret, *purposes: KeyPurpose
) -> tuple[ClusterKey, ...]:
    """Return the keys of these purposes, or all, as encrypted with a secret, newest first."""
    found = cluster_keys.select().where(_KEYS.secret_id == secret.id)
    if purposes:
        found = found.where(_KEYS.purpose.in_(purposes))
    rows = conn.execute(found.order_by(_KEYS.signs_at.desc(), _KEYS.id.desc()))
    return tuple(
        ClusterKey(
            KeyPurpose(row.purpose),
            row.id,
            row.encrypted,
            row.public,
            row.signs_at,
            row.honoured_until,
        )
        for row in rows
    )


def public_halves(conn: sa.Connection, purpose: KeyPurpose) -> list[str]:
    """Return what may be known of the keys of a purpose, newest first."""
    found = sa.select(_KEYS.public, _KEYS.signs_at).distinct()
    newest_first = found.where(_KEYS.purpose == purpose).order_by(_KEYS.signs_at.desc())
    return list(conn.scalars(newest_first))


def insert(conn: sa.Connection, secret: ClusterSecret, key: ClusterKey) -> None:
    """Store a key that is encrypted with a secret."""
    conn.execute(
        cluster_keys.insert().values(
            purpose=key.purpose,
            id=key.id,
            secret_id=secret.id,
            encrypted=key.encrypted,
            public=key.public,
            signs_at=key.signs_at,
            honoured_until=key.honoured_until,
        )
    )


def copy(conn: sa.Connection, old: ClusterSecret, new: ClusterSecret) -> None:
    """Store all keys also as encrypted with a new secret."""
    for key in keys(conn, old):
        insert(conn, new, replace(key, encrypted=new.encrypt(old.decrypt(key.encrypted))))


def keep_only(conn: sa.Connection, secret: ClusterSecret) -> int:
    """Delete what is encrypted with other secrets; return the number of their keys."""
    return conn.execute(cluster_keys.delete().where(_KEYS.secret_id != secret.id)).rowcount


def honour_until(
    conn: sa.Connection, purpose: KeyPurpose, ids: Collection[str], until: datetime
) -> None:
    """Let keys that another replaces end at a time, unless they end before."""
    ends = _KEYS.honoured_until
    conn.execute(
        cluster_keys.update()
        .where(
            _KEYS.purpose == purpose,
            _KEYS.id.in_(ids),
            ends.is_(None) | (ends > until),
        )
        .values(honoured_until=until)
    )


def delete(conn: sa.Connection, purpose: KeyPurpose, ids: Collection[str]) -> None:
    """Delete keys of a purpose."""
    conn.execute(cluster_keys.delete().where(_KEYS.purpose == purpose, _KEYS.id.in_(ids)))


def delete_ended(conn: sa.Connection, now: datetime) -> int:
    """Delete the keys that are not honoured any more; return their number."""
    return conn.execute(cluster_keys.delete().where(_KEYS.honoured_until <= now)).rowcount
