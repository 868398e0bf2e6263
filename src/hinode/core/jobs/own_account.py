"""The caller's own account: who it is, what it has and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from hinode.core.accounts import profiles
from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Account, Profile
from hinode.core.assets import repository as assets
from hinode.core.auth.types import Caller
from hinode.core.credits import repository as ledger
from hinode.core.credits.types import LedgerEntry
from hinode.core.files import repository as files
from hinode.core.jobs import accounting
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.service import JobService
from hinode.core.pagination import Page, PageQuery, paginate


@dataclass(frozen=True, slots=True)
class OwnAccountView:
    """An account for its owner: its credits, unfinished jobs and kept bytes."""

    account: Account
    profile: Profile
    credits: CreditSummary
    unfinished: int
    kept_bytes: int


@dataclass(frozen=True, slots=True)
class OwnAccountService:
    """Operations of callers on their own accounts."""

    jobs: JobService

    def ledger(self, caller: Caller, wanted: PageQuery) -> Page[LedgerEntry]:
        """Return a page of the ledger of the caller's account, newest first."""
        with self.jobs.db.read() as conn:
            return paginate(wanted, partial(ledger.page, conn, caller.account_id))

    def view(self, caller: Caller) -> OwnAccountView:
        """Return the caller's account."""
        account_id = caller.account_id
        with self.jobs.db.read() as conn:
            profile = profiles.find(conn, account_id)
            if profile is None:
                raise LookupError(f"account {account_id} has no profile")
            return OwnAccountView(
                account=accounts.by_ids(conn, [account_id])[account_id],
                profile=profile,
                credits=accounting.credit_summary(conn, account_id),
                unfinished=accounting.unfinished_of_account(conn, account_id),
                kept_bytes=files.kept_bytes(conn, account_id)
                + assets.kept_input_bytes(conn, account_id),
            )
