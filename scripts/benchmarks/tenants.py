"""A thousand accounts with their drafts, put into a database by its own statements.

One real job with its file is the template; the database multiplies it, which takes seconds where
the studio would take hours. What comes out are rows that the studio could have written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.accounts.types import Plan
from hinode.core.assets.tables import assets
from hinode.core.auth.key_admin import KeyCreate
from hinode.core.auth.types import Caller, Scope
from hinode.core.catalog.service import GenerationParams
from hinode.core.jobs.account_admin import AccountCreate
from hinode.core.jobs.requests import VideoRequest
from hinode.core.jobs.tables import jobs
from hinode.db.database import Database
from hinode.kit.ids import new_id
from hinode.media.types import Artifact, ArtifactRole
from hinode.services import Services

ACCOUNTS = 1_000
ACTIVE = 8
"""Accounts that have keys and ask for their lists."""

_STEP_MS = 60_000
"""Between two drafts of an account: a thousand of them fit into a day, and count in its quota."""

# Time-ordered ids: 48 bits of milliseconds, the version, the variant, and a number of their own.
ID_TEXT = {
    "sqlite": "printf('%012x', {ms}) || '70008' || printf('%015x', {kind} * 100000000 + {n})",
    "postgresql": "(lpad(to_hex(CAST({ms} AS bigint)), 12, '0') || '70008'"
    " || lpad(to_hex(CAST({kind} * 100000000 + {n} AS bigint)), 15, '0'))::uuid",
}
_JOB, _ASSET = 0, 1
_N = "(r.round * 1000 + b.place)"


@dataclass(frozen=True, slots=True)
class Tenants:
    """Who is there: the keys of its active accounts, and the job that the others are copies of."""

    keys: tuple[str, ...]
    template: UUID


def create(services: Services, folder: Path) -> Tenants:
    """Make the accounts, and for each active one a key and a queued video."""
    active = [_active_tenant(services, place) for place in range(ACTIVE)]
    template = _template(services, active[0][1], folder)
    ids = [caller.account_id for _, caller in active]
    now = services.clock.now()
    others = [
        {"id": new_id(), "name": f"other{n}", "plan": Plan.FREE.value, "created_at": now}
        for n in range(ACCOUNTS - ACTIVE)
    ]
    places = sa.Table(
        "bench_places", sa.MetaData(), sa.Column("place", sa.Integer), sa.Column("id", sa.Uuid)
    )
    with services.db.write() as conn:
        conn.execute(accounts.insert(), others)
        places.create(conn)
        all_accounts = [*ids, *(one["id"] for one in others)]
        rows = [{"place": place, "id": one} for place, one in enumerate(all_accounts)]
        conn.execute(places.insert(), rows)
    return Tenants(tuple(key for key, _ in active), template)


def add_drafts(db: Database, tenants: Tenants, rounds: range, places: range) -> None:
    """Give each account in ``places`` one draft per round, and let the database tidy up."""
    with db.write() as conn:
        for table, overrides in ((jobs, _job_columns(db)), (assets, _asset_columns(db))):
            conn.execute(_copies(table, overrides), _parameters(tenants, rounds, places, db))
    # What a server at rest has behind it, so that none of it falls into the measurement.
    statements = ("ANALYZE",) if db.is_sqlite else ("VACUUM ANALYZE jobs, assets", "CHECKPOINT")
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for statement in statements:
            conn.execute(sa.text(statement))


def _active_tenant(services: Services, place: int) -> tuple[str, Caller]:
    name = f"member{place}"
    services.core.accounts.create(AccountCreate(name, Plan.PRO, unlimited=True))
    made = services.core.keys.create(KeyCreate(name, "bench", frozenset({Scope.SORA})))
    caller = services.core.auth.authenticate(made.secret, Scope.SORA)
    services.core.jobs.create_video(caller, VideoRequest("a fox", GenerationParams()))
    return made.secret, caller


def _template(services: Services, caller: Caller, folder: Path) -> UUID:
    job = services.core.jobs.create_video(
        caller, VideoRequest("a fox runs through snow", GenerationParams())
    )
    order = services.core.execution.begin(job.id)
    assert order is not None
    path = folder / "template.mp4"
    path.write_bytes(b"film")
    film = Artifact(0, ArtifactRole.VIDEO, path, "video/mp4", 720, 1280, 120, 4.0)
    assert services.core.execution.complete(order.job, [film])
    return job.id


def _job_columns(db: Database) -> Mapping[str, str]:
    ms = f"(t.created_at - r.round * {_STEP_MS})"
    return {
        "id": _id(db, ms, _JOB),
        "account_id": "b.id",
        "key_id": "NULL",
        "created_at": ms,
        "started_at": f"(t.started_at - r.round * {_STEP_MS})",
        "ended_at": f"(t.ended_at - r.round * {_STEP_MS} + b.place)",
    }


def _asset_columns(db: Database) -> Mapping[str, str]:
    ms = f"(j.created_at - r.round * {_STEP_MS})"
    return {
        "id": _id(db, ms, _ASSET),
        "account_id": "b.id",
        "job_id": _id(db, ms, _JOB),
        "key": f"'outputs/' || CAST({_N} AS text) || '/video.mp4'",
    }


def _id(db: Database, ms: str, kind: int) -> str:
    return ID_TEXT["sqlite" if db.is_sqlite else "postgresql"].format(ms=ms, kind=kind, n=_N)


def _copies(table: sa.Table, overrides: Mapping[str, str]) -> sa.TextClause:
    names = [column.name for column in table.columns]
    chosen = ", ".join(overrides.get(name, f"t.{name}") for name in names)
    template_id = "t.id" if table is jobs else "t.job_id"
    return sa.text(
        f"INSERT INTO {table.name} ({', '.join(names)}) "
        "WITH RECURSIVE r(round) AS (SELECT CAST(:first AS bigint) UNION ALL"
        " SELECT round + 1 FROM r WHERE round + 1 < :stop) "
        f"SELECT {chosen} FROM r, bench_places b, {table.name} t, jobs j "
        f"WHERE {template_id} = :template AND j.id = :template"
        " AND b.place >= :lowest AND b.place < :highest"
    )


def _parameters(tenants: Tenants, rounds: range, places: range, db: Database) -> dict[str, object]:
    return {
        "first": rounds.start,
        "stop": rounds.stop,
        "lowest": places.start,
        "highest": places.stop,
        "template": tenants.template.hex if db.is_sqlite else tenants.template,
    }
