"""Credits: balances and the entries of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LedgerEntryKind(StrEnum):
    """The reason of a ledger entry."""

    GRANT = "grant"
    HOLD = "hold"
    SETTLE = "settle"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger; ``amount`` is what it added to the balance, in whole credits."""

    id: UUID
    account_id: UUID
    kind: LedgerEntryKind
    amount: int
    job_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """The credits of an account; an unlimited one may go below zero."""

    account_id: UUID
    amount: int
    unlimited: bool
