"""Statements on characters; their usernames are in the table ``names``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import names
from hinode.core.accounts.usernames import begin_with
from hinode.core.characters.tables import characters
from hinode.core.characters.types import Character, Visibility
from hinode.db.compiled_statement import CompiledStatement

_COLUMNS = (
    *(column for column in characters.c if column.name != "deleted_at"),
    names.c.shown.label("username"),
)
_NAMED = sa.select(*_COLUMNS).select_from(
    characters.outerjoin(names, names.c.owner_id == characters.c.id)
)
_ALIVE = characters.c.deleted_at.is_(None)
_IS_PUBLIC = characters.c.visibility == Visibility.PUBLIC.value
_OF_ACCOUNT = CompiledStatement(
    _NAMED.where(characters.c.account_id == sa.bindparam("account"), _ALIVE).order_by(
        characters.c.id.desc()
    )
)


def insert(conn: sa.Connection, character: Character) -> None:
    """Insert a character. Raises ``IntegrityError`` when its cameo has a character already."""
    values = asdict(character)
    del values["username"]
    values["visibility"] = character.visibility.value
    conn.execute(characters.insert().values(**values))


def find_own(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character | None:
    """Find a character of this account; None when it is unknown or deleted."""
    return _one(conn, characters.c.id == character_id, characters.c.account_id == account_id)


def find_visible(conn: sa.Connection, account_id: UUID, character_id: UUID) -> Character | None:
    """Find a character of this account or a public one, by its id or its cameo's id."""
    meant = sa.or_(characters.c.id == character_id, characters.c.cameo_id == character_id)
    return _one(conn, meant, _visible_to(account_id))


def of_cameo(conn: sa.Connection, account_id: UUID, cameo_id: UUID) -> Character | None:
    """Find the character of a cameo of this account; None when there is none."""
    return _one(conn, characters.c.cameo_id == cameo_id, characters.c.account_id == account_id)


def of_account(conn: sa.Connection, account_id: UUID) -> list[Character]:
    """Return all characters of an account, newest first."""
    return [_character(row) for row in _OF_ACCOUNT.all(conn, account=account_id)]


def by_ids(conn: sa.Connection, ids: Sequence[UUID]) -> list[Character]:
    """Return characters of any account, deleted ones too, in the order of the ids."""
    found = {one.id: one for one in _many(conn, characters.c.id.in_(ids))}
    return [found[one] for one in ids if one in found]


def visible_of(conn: sa.Connection, account_id: UUID, ids: Sequence[UUID]) -> list[Character]:
    """Return the characters among ``ids`` that an account may use, in the order of the ids."""
    chosen = _many(conn, characters.c.id.in_(ids), _ALIVE, _visible_to(account_id))
    found = {one.id: one for one in chosen}
    return [found[one] for one in ids if one in found]


def by_usernames(
    conn: sa.Connection, account_id: UUID, folded: Collection[str]
) -> dict[str, Character]:
    """Return characters that an account may use, by their usernames in lower case."""
    found = _many(conn, names.c.folded.in_(folded), _ALIVE, _visible_to(account_id))
    return {one.username.lower(): one for one in found if one.username is not None}


def named_like(conn: sa.Connection, account_id: UUID, prefix: str, limit: int) -> list[Character]:
    """Return up to ``limit`` characters that an account may use and whose usernames begin with a
    prefix, ordered by username.
    """
    query = _NAMED.where(begin_with(prefix), _ALIVE, _visible_to(account_id))
    rows = conn.execute(query.order_by(names.c.folded).limit(limit))
    return [_character(row) for row in rows]


def page(
    conn: sa.Connection, owner_id: UUID, *, public_only: bool, limit: int, before: UUID | None
) -> list[Character]:
    """Return up to ``limit`` characters of an account older than ``before``, newest first."""
    query = _NAMED.where(characters.c.account_id == owner_id, _ALIVE)
    if public_only:
        query = query.where(_IS_PUBLIC)
    if before is not None:
        query = query.where(characters.c.id < before)
    rows = conn.execute(query.order_by(characters.c.id.desc()).limit(limit))
    return [_character(row) for row in rows]


def update(conn: sa.Connection, character: Character) -> None:
    """Update the changeable columns of a character; its username is in the table ``names``."""
    conn.execute(
        characters.update()
        .where(characters.c.id == character.id)
        .values(
            name=character.name,
            key=character.key,
            visibility=character.visibility.value,
            instructions=character.instructions,
            safety_instructions=character.safety_instructions,
        )
    )


def mark_deleted(conn: sa.Connection, character_id: UUID, now: datetime) -> None:
    """Mark a character as deleted; jobs that use it can still read its image."""
    conn.execute(characters.update().where(characters.c.id == character_id).values(deleted_at=now))


def purge(conn: sa.Connection, before: datetime) -> list[str]:
    """Delete the rows of characters marked as deleted before a time; return their storage keys."""
    gone = characters.delete().where(characters.c.deleted_at < before).returning(characters.c.key)
    return list(conn.scalars(gone))


def known_keys(conn: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Return the keys among ``keys`` that belong to a character."""
    return set(conn.scalars(sa.select(characters.c.key).where(characters.c.key.in_(keys))))


def _visible_to(account_id: UUID) -> sa.ColumnElement[bool]:
    return sa.or_(characters.c.account_id == account_id, _IS_PUBLIC)


def _one(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Character | None:
    row = conn.execute(_NAMED.where(_ALIVE, *conditions)).one_or_none()
    return _character(row) if row else None


def _many(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Character]:
    return [_character(row) for row in conn.execute(_NAMED.where(*conditions))]


def _character(row: Any) -> Character:
    values = row._asdict()
    values["visibility"] = Visibility(row.visibility)
    return Character(**values)
