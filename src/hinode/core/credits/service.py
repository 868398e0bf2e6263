"""The money of a job: held when it is made, settled or refunded when it ends."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.credits import repository
from hinode.core.credits.types import LedgerEntry, LedgerEntryKind
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

MAX_GRANT = 1_000_000_000_000
"""Credits of one grant at most: sums of them stay far within what the databases can count."""


def grant(
    conn: sa.Connection,
    account_id: UUID,
    amount: int,
    clock: Clock,
    entry_id: UUID | None = None,
) -> None:
    """Add credits to an account. Raises :class:`HinodeError` unless 1 to ``MAX_GRANT``.

    ``entry_id`` is that of the ledger's entry, if it is known before.
    """
    if not 1 <= amount <= MAX_GRANT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE, f"A grant is 1 to {MAX_GRANT} credits.", param="credits"
        )
    entry = LedgerEntry(
        entry_id or new_id(), account_id, LedgerEntryKind.GRANT, amount, None, clock.now()
    )
    repository.append(conn, entry)


def set_unlimited(conn: sa.Connection, account_id: UUID, *, unlimited: bool) -> None:
    """Make an account's credits unlimited, or count them from now on.

    Raises :class:`HinodeError` when it has spent more than it was given, which no counted one may.
    """
    if not repository.set_unlimited(conn, account_id, unlimited):
        left = repository.balance(conn, account_id).amount
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The balance of this account is {left}; below zero it can only be unlimited.",
            param="unlimited",
            hint=f"Grant it {-left} credits or more first.",
        )


def hold(conn: sa.Connection, account_id: UUID, job_id: UUID, price: int, clock: Clock) -> None:
    """Reserve the price of a job. Raises :class:`HinodeError` when the balance is too low."""
    if not _append(conn, account_id, LedgerEntryKind.HOLD, -price, job_id, clock):
        left = repository.balance(conn, account_id).amount
        raise HinodeError(
            ErrorCode.INSUFFICIENT_CREDITS,
            f"This job costs {price} credits and the balance is {left}.",
            hint="Ask the operator for more, or ask for fewer seconds.",
        )


def settle(conn: sa.Connection, job_id: UUID, charged: int, clock: Clock) -> None:
    """Charge what was rendered, at most what was held, and give the rest back."""
    entry = _held(conn, job_id)
    rest = max(0, -entry.amount - charged)
    _append(conn, entry.account_id, LedgerEntryKind.SETTLE, rest, job_id, clock)


def refund(conn: sa.Connection, job_id: UUID, clock: Clock) -> None:
    """Give back all that was held for a job."""
    entry = _held(conn, job_id)
    _append(conn, entry.account_id, LedgerEntryKind.REFUND, -entry.amount, job_id, clock)


def _held(conn: sa.Connection, job_id: UUID) -> LedgerEntry:
    entry = repository.held(conn, job_id)
    if entry is None:
        raise LookupError(f"job {job_id} has no hold")
    return entry


def _append(
    conn: sa.Connection,
    account_id: UUID,
    kind: LedgerEntryKind,
    amount: int,
    job_id: UUID | None,
    clock: Clock,
) -> bool:
    entry = LedgerEntry(new_id(), account_id, kind, amount, job_id, clock.now())
    return repository.append(conn, entry)
