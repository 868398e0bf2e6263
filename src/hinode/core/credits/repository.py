"""Statements on the ledger and the balances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts.tables import accounts
from hinode.core.credits.tables import balances, ledger
from hinode.core.credits.types import Balance, LedgerEntry, LedgerEntryKind
from hinode.db.compiled_statement import CompiledStatement
from hinode.db.list_order import newest_first, only

# Check and change in one statement: two holds at once cannot both spend the same credits.
_CHANGE = CompiledStatement(
    balances.update()
    .where(
        balances.c.account_id == sa.bindparam("account"),
        balances.c.unlimited | (balances.c.amount + sa.bindparam("change") >= 0),
    )
    .values(
        amount=balances.c.amount + sa.bindparam("change"),
        held=balances.c.held + sa.bindparam("hold_change"),
        spent=balances.c.spent + sa.bindparam("spend_change"),
    )
)
_APPEND = CompiledStatement(ledger.insert())


def create_balance(conn: sa.Connection, account_id: UUID, *, unlimited: bool) -> None:
    """Insert the balance of a new account, 0 credits."""
    conn.execute(balances.insert().values(account_id=account_id, amount=0, unlimited=unlimited))


def balance(conn: sa.Connection, account_id: UUID) -> Balance:
    """Return the balance of an account. Raises ``NoResultFound`` when it has none."""
    row = conn.execute(balances.select().where(balances.c.account_id == account_id)).one()
    return Balance(row.account_id, row.amount, row.unlimited)


def lock(conn: sa.Connection, account_id: UUID) -> None:
    """Lock an account's balance until the end of the transaction, as a hold does."""
    chosen = balances.c.account_id == account_id
    conn.execute(sa.select(balances.c.account_id).where(chosen).with_for_update())


def append(conn: sa.Connection, entry: LedgerEntry, *, held: int = 0, spent: int = 0) -> bool:
    """Change the balance by ``entry.amount`` and insert the entry.

    ``held`` and ``spent`` are the changes of the account's sums of held and spent credits. Return
    False, with nothing written, when a limited balance would fall below zero.
    """
    changes = {"change": entry.amount, "hold_change": held, "spend_change": spent}
    if _CHANGE.run(conn, account=entry.account_id, **changes) != 1:
        return False
    _APPEND.run(
        conn,
        id=entry.id,
        account_id=entry.account_id,
        kind=entry.kind.value,
        amount=entry.amount,
        job_id=entry.job_id,
        created_at=entry.created_at,
        engine=entry.engine,
        upstream=entry.upstream,
        charged=entry.charged,
    )
    return True


def entries(conn: sa.Connection, account_id: UUID) -> list[LedgerEntry]:
    """Return all entries of an account, oldest first."""
    query = ledger.select().where(ledger.c.account_id == account_id).order_by(ledger.c.id)
    return [_entry(row) for row in conn.execute(query)]


def page(
    conn: sa.Connection, account_id: UUID, after: UUID | None, limit: int
) -> list[LedgerEntry]:
    """Return up to ``limit`` entries of an account older than ``after``, newest first."""
    query = ledger.select().where(ledger.c.account_id == account_id)
    if after is not None:
        query = query.where(ledger.c.id < after)
    return [_entry(row) for row in conn.execute(query.order_by(ledger.c.id.desc()).limit(limit))]


def page_of_all(
    conn: sa.Connection,
    account_id: UUID | None,
    kind: LedgerEntryKind | None,
    after: UUID | None,
    limit: int,
) -> list[tuple[LedgerEntry, str]]:
    """Return up to ``limit`` entries older than ``after``, newest first, with account names.

    ``account_id`` and ``kind`` None: of any.
    """
    query = sa.select(ledger, accounts.c.name.label("account")).join(
        accounts, accounts.c.id == ledger.c.account_id
    )
    if account_id is not None:
        query = query.where(ledger.c.account_id == account_id)
    if after is not None:
        query = query.where(ledger.c.id < after)
    rows = conn.execute(_of_kind(query, kind).limit(limit))
    return [(_entry(row), row.account) for row in rows]


def _of_kind(query: sa.Select[Any], kind: LedgerEntryKind | None) -> sa.Select[Any]:
    """Return the query for entries of a kind, newest first."""
    if kind in (LedgerEntryKind.GRANT, LedgerEntryKind.REFUND):
        # A literal: a partial index is used only if the query repeats its condition.
        few = query.where(sa.text("ledger.kind IN ('grant', 'refund')"))
        few = few.where(only(ledger.c.kind, kind.value))
        return few.order_by(ledger.c.kind.desc(), newest_first(ledger.c.id))
    if kind is not None:
        query = query.where(ledger.c.kind == kind.value)
    return query.order_by(ledger.c.id.desc())


def find(conn: sa.Connection, entry_id: UUID) -> LedgerEntry:
    """Return the entry with this id. Raises ``NoResultFound`` when there is none."""
    return _entry(conn.execute(ledger.select().where(ledger.c.id == entry_id)).one())


def set_unlimited(conn: sa.Connection, account_id: UUID, unlimited: bool) -> bool:
    """Set whether an account's credits are unlimited.

    Return False, with nothing changed, when the balance is below zero and cannot become limited.
    """
    fits = sa.true() if unlimited else balances.c.amount >= 0
    result = conn.execute(
        balances.update()
        .where(balances.c.account_id == account_id, fits)
        .values(unlimited=unlimited)
    )
    return result.rowcount == 1


def held(conn: sa.Connection, job_id: UUID) -> LedgerEntry | None:
    """Return the hold entry of a job; None when there is none."""
    query = ledger.select().where(
        ledger.c.job_id == job_id, ledger.c.kind == LedgerEntryKind.HOLD.value
    )
    row = conn.execute(query).one_or_none()
    return _entry(row) if row else None


def _entry(row: sa.Row[tuple[object, ...]]) -> LedgerEntry:
    return LedgerEntry(
        row.id, row.account_id, LedgerEntryKind(row.kind), row.amount, row.job_id, row.created_at,
        row.engine, row.upstream, row.charged,
    )  # fmt: skip
