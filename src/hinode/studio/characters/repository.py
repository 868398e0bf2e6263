"""Reading and writing characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.db.prepared import Prepared
from hinode.studio.characters.tables import characters
from hinode.studio.characters.types import Character

_OF_ACCOUNT = Prepared(
    characters.select()
    .where(characters.c.account_id == sa.bindparam("account"))
    .order_by(characters.c.id.desc())
)


def insert(conn: sa.Connection, character: Character) -> None:
    """Add a character."""
    conn.execute(characters.insert().values(**asdict(character)))


def find_own(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character | None:
    """Find a character of this account only."""
    query = characters.select().where(
        characters.c.id == character_id, characters.c.account_id == account_id
    )
    row = conn.execute(query).one_or_none()
    return _character(row) if row else None


def of_account(conn: sa.Connection, account_id: UUID) -> list[Character]:
    """Return an account's characters, newest first."""
    return [_character(row) for row in _OF_ACCOUNT.all(conn, account=account_id)]


def by_ids(conn: sa.Connection, ids: Sequence[UUID]) -> list[Character]:
    """Return characters of any account, in no order."""
    query = characters.select().where(characters.c.id.in_(ids))
    return [_character(row) for row in conn.execute(query)]


def _character(row: Any) -> Character:
    return Character(**row._asdict())
