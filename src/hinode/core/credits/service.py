"""Credits of accounts: grant, and hold, settle or refund the price of a job.

All functions run in the caller's transaction, so that credits and job state are committed together.
The unique indexes of the ledger reject a second hold of a job, and a second settle or refund.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from hinode.core.credits import repository
from hinode.core.credits.types import LedgerEntry, LedgerEntryKind, RenderedBy
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id

MAX_GRANT = 1_000_000_000_000
"""Maximum of one grant in credits; millions of such grants fit into a BIGINT balance."""


def grant(
    conn: sa.Connection,
    account_id: UUID,
    amount: int,
    clock: Clock,
    entry_id: UUID | None = None,
) -> None:
    """Add credits to an account.

    ``entry_id`` is the id of the new ledger entry; None: a random one. Raises :class:`HinodeError`
    unless ``amount`` is 1 to ``MAX_GRANT``.
    """
    if not 1 <= amount <= MAX_GRANT:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'credits' is 1 to {MAX_GRANT}, not {amount}.",
            param="credits",
        )
    entry = LedgerEntry(
        entry_id or new_id(), account_id, LedgerEntryKind.GRANT, amount, None, clock.now()
    )
    repository.append(conn, entry)


def debit(conn: sa.Connection, account_id: UUID, amount: int, clock: Clock) -> None:
    """Take credits from an account: a grant of less than nothing.

    Raises :class:`HinodeError` when the balance is lower.
    """
    entry = LedgerEntry(new_id(), account_id, LedgerEntryKind.GRANT, -amount, None, clock.now())
    if not repository.append(conn, entry):
        left = repository.balance(conn, account_id).amount
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The balance of this account is {left}; {amount} cannot be taken from it.",
            param="credits",
        )


def set_unlimited(conn: sa.Connection, account_id: UUID, *, unlimited: bool) -> None:
    """Make an account's credits unlimited, or limited to its balance.

    Raises :class:`HinodeError` when the balance is below zero: a limited one cannot be negative.
    """
    if not repository.set_unlimited(conn, account_id, unlimited):
        left = repository.balance(conn, account_id).amount
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"The balance of this account is {left}; a negative balance must stay unlimited.",
            param="unlimited",
            hint=f"Grant the account {-left} credits or more first.",
        )


def hold(conn: sa.Connection, account_id: UUID, job_id: UUID, price: int, clock: Clock) -> None:
    """Hold the price of a job. Raises :class:`HinodeError` when the balance is too low."""
    if not _append(conn, account_id, LedgerEntryKind.HOLD, -price, job_id, clock, held=price):
        raise _insufficient(price, repository.balance(conn, account_id).amount)


def check(conn: sa.Connection, account_id: UUID, price: int) -> None:
    """Raise :class:`HinodeError` when the balance is below a price; hold nothing."""
    balance = repository.balance(conn, account_id)
    if not balance.unlimited and balance.amount < price:
        raise _insufficient(price, balance.amount)


def _insufficient(price: int, left: int) -> HinodeError:
    return HinodeError(
        ErrorCode.INSUFFICIENT_CREDITS,
        f"This job costs {price} credits and the balance is {left}.",
        hint="Ask the operator for credits, or request fewer seconds or outputs.",
    )


def settle(
    conn: sa.Connection, job_id: UUID, charged: int, clock: Clock, rendered_by: RenderedBy
) -> None:
    """Charge ``charged`` credits, at most the hold of the job, and return the rest of the hold.

    Raises ``LookupError`` when the job has no hold.
    """
    held = _held(conn, job_id)
    rest = max(0, -held.amount - charged)
    kept = -held.amount - rest
    entry = LedgerEntry(
        new_id(), held.account_id, LedgerEntryKind.SETTLE, rest, job_id, clock.now(),
        rendered_by.engine, rendered_by.upstream, kept,
    )  # fmt: skip
    repository.append(conn, entry, held=held.amount, spent=kept)


def refund(conn: sa.Connection, job_id: UUID, clock: Clock) -> None:
    """Return the whole hold of a job. Raises ``LookupError`` when it has none."""
    entry = _held(conn, job_id)
    _append(
        conn, entry.account_id, LedgerEntryKind.REFUND, -entry.amount, job_id, clock,
        held=entry.amount,
    )  # fmt: skip


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
    *,
    held: int,
) -> bool:
    entry = LedgerEntry(new_id(), account_id, kind, amount, job_id, clock.now())
    return repository.append(conn, entry, held=held)
