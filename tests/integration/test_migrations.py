"""Databases of earlier versions, with what is in them, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import hinode
from hinode.db.database import Database
from hinode.db.schema import HEAD, current, upgrade
from hinode.kit.ids import new_id

MIGRATIONS = Path(hinode.__file__).parent / "db" / "migrations"
PRICE = 100
LEDGER = {
    "queued": {"hold": -PRICE},
    "completed": {"hold": -PRICE, "settle": 40},
    "failed": {"hold": -PRICE, "refund": PRICE},
}
KEY = {"name": "k", "digest": "d", "hint": "h", "scopes": "videos", "created_at": 1}
JOB = {
    "kind": "video",
    "action": "create",
    "model": "sora-2",
    "engine": "preview",
    "prompt": "a fox",
    "width": 2,
    "height": 2,
    "fps": 30,
    "frames": 120,
    "seed": 7,
    "outputs": 1,
    "watermark": False,
    "progress": 0,
    "price": PRICE,
    "created_at": 1,
    "deadline_at": 2,
}


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    """A database as version 0003 left it, with a job in each kind of state."""
    db = Database(database_url)
    with db.write() as conn:
        if not db.is_sqlite:  # it comes migrated
            conn.execute(sa.text("DROP SCHEMA public CASCADE"))
            conn.execute(sa.text("CREATE SCHEMA public"))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = conn
        command.upgrade(config, "0003")
    with db.write() as conn:
        _fill(conn)
    yield db
    db.dispose()


def _fill(conn: sa.Connection) -> None:
    tables = sa.MetaData()
    names = ("accounts", "keys", "jobs", "ledger")
    tables.reflect(conn, only=names)
    accounts, keys, jobs, ledger = (tables.tables[name] for name in names)
    account, key = _id(conn), _id(conn)
    conn.execute(accounts.insert().values(id=account, name="old", plan="free", created_at=1))
    conn.execute(keys.insert().values(id=key, account_id=account, **KEY))
    for state, entries in LEDGER.items():
        job = _id(conn)
        conn.execute(
            jobs.insert().values(id=job, account_id=account, key_id=key, state=state, **JOB)
        )
        for kind, amount in entries.items():
            conn.execute(
                ledger.insert().values(
                    id=_id(conn),
                    account_id=account,
                    kind=kind,
                    amount=amount,
                    job_id=job,
                    created_at=1,
                )
            )


def _id(conn: sa.Connection) -> object:
    """Return an id as the column's reflected type takes it."""
    return new_id().hex if conn.dialect.name == "sqlite" else new_id()


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_jobs_and_keys_of_earlier_versions_know_what_was_charged(old: Database) -> None:
    upgrade(old)

    with old.read() as conn:
        rows = conn.execute(sa.text("SELECT state, charged, turn FROM jobs")).all()
        spent = conn.scalar(sa.text("SELECT spent FROM keys"))
    assert {row.state: (row.charged, row.turn) for row in rows} == {
        "queued": (100, 1),
        "completed": (60, 1),
        "failed": (0, 1),
    }
    assert spent == 100 + 60
    assert current(old) == HEAD


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_accounts_of_earlier_versions_are_active_and_may_invite(old: Database) -> None:
    upgrade(old)

    with old.read() as conn:
        rows = conn.execute(
            sa.text(
                "SELECT name, invite_code, redeemed, activated_at FROM accounts"
                " JOIN profiles ON profiles.account_id = accounts.id"
            )
        ).all()
    ((name, code, redeemed, activated_at),) = rows
    assert (name, redeemed, activated_at) == ("old", 0, 1)
    assert code.isalnum()
