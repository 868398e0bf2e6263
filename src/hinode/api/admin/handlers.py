"""What each route of the admin API asks of the studio: prove the administrator, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.admin.key_requests import read_key, read_key_change
from hinode.api.admin.requests import (
    read_account,
    read_account_change,
    read_grant,
    read_id,
    read_page,
)
from hinode.api.usage import parse_period
from hinode.api.values import Fields
from hinode.core.account_office import AccountOffice, AccountView, Granted
from hinode.core.auth.types import Caller, Scope
from hinode.core.credits.types import LedgerEntry
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.accounting import Period, UsageRow
from hinode.core.jobs.service import JobService
from hinode.core.key_office import FreshKey, KeyOffice, KeyView
from hinode.core.pagination import Page


@dataclass(frozen=True, slots=True)
class AdminVerbs:
    """The studio as administrators use it. All methods raise :class:`HinodeError`."""

    jobs: JobService
    accounts: AccountOffice
    keys: KeyOffice

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling, and that they may administer."""
        return self.jobs.authenticate(secret, Scope.ADMIN)

    def list_accounts(self, secret: str | None, query: Mapping[str, str]) -> Page[AccountView]:
        """List accounts."""
        self.caller(secret)
        return self.accounts.page(read_page(query))

    def account(self, secret: str | None, name: str) -> AccountView:
        """Find an account."""
        self.caller(secret)
        return self.accounts.view(name)

    def create_account(self, fields: Fields) -> AccountView:
        """Make an account, for a caller who was proven."""
        return self.accounts.create(read_account(fields))

    def change_account(self, caller: Caller, name: str, fields: Fields) -> AccountView:
        """Change an account, for a caller who was proven."""
        return self.accounts.change(caller, name, read_account_change(fields))

    def grant(self, caller: Caller, name: str, fields: Fields, key: str | None) -> Granted:
        """Add credits; ``key`` is the idempotency key."""
        return self.accounts.grant(caller, name, read_grant(fields), key)

    def ledger(self, secret: str | None, name: str, query: Mapping[str, str]) -> Page[LedgerEntry]:
        """List what moved an account's balance."""
        self.caller(secret)
        return self.accounts.ledger(name, read_page(query))

    def usage(
        self, secret: str | None, name: str, query: Mapping[str, str]
    ) -> tuple[Period, list[UsageRow]]:
        """Return what an account made, and in which period."""
        self.caller(secret)
        period = parse_period(query, self.accounts.clock.now().date())
        return period, self.accounts.usage(name, period)

    def list_keys(self, secret: str | None, query: Mapping[str, str]) -> Page[KeyView]:
        """List keys."""
        self.caller(secret)
        return self.keys.page(query.get("account") or None, read_page(query))

    def key(self, secret: str | None, key_id: str) -> KeyView:
        """Find a key."""
        self.caller(secret)
        return self.keys.view(_known(key_id))

    def create_key(self, fields: Fields) -> FreshKey:
        """Make a key, for a caller who was proven."""
        return self.keys.create(read_key(fields))

    def change_key(self, caller: Caller, key_id: str, fields: Fields) -> KeyView:
        """Change a key."""
        return self.keys.change(caller, _known(key_id), read_key_change(fields))

    def revoke_key(self, secret: str | None, key_id: str) -> KeyView:
        """Revoke a key."""
        return self.keys.revoke(self.caller(secret), _known(key_id))


def _known(key_id: str) -> UUID:
    found = read_id(key_id)
    if found is None:
        raise HinodeError(ErrorCode.KEY_NOT_FOUND, "There is no API key with this id.", param="id")
    return found
