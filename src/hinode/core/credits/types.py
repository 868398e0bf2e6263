"""Types of credits: balances and ledger entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LedgerEntryKind(StrEnum):
    """The operation behind a ledger entry."""

    GRANT = "grant"
    HOLD = "hold"
    SETTLE = "settle"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of the ledger; ``amount`` is the signed change of the balance in whole credits.

    A settle ends a hold: its amount is what it gives back of it, and ``charged`` what it keeps. It
    has the ``engine`` that rendered the job and the model's name there, ``upstream``.
    """

    id: UUID
    account_id: UUID
    kind: LedgerEntryKind
    amount: int
    job_id: UUID | None
    created_at: datetime
    engine: str | None = None
    upstream: str | None = None
    charged: int | None = None


@dataclass(frozen=True, slots=True)
class RenderedBy:
    """The engine that rendered a job, and the model's name at its server."""

    engine: str
    upstream: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of an account in whole credits; below zero only if it is unlimited."""

    account_id: UUID
    amount: int
    unlimited: bool
