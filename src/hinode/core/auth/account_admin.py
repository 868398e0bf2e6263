"""Change the address, password, username, plan and sessions of an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hinode.core.accounts import invites, profiles, registration, service, usernames
from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Account, Invites, Plan, PlanLimits, UsernameKind
from hinode.core.auth.session_service import IssuedTokens, SessionService
from hinode.kit.passwords import hash_password

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class AccountCommands:
    """Operations of `hinode account`; accounts are given by name or e-mail address.

    All methods raise :class:`hinode.core.errors.HinodeError` for an unknown account.
    """

    db: Database
    sessions: SessionService
    plans: Mapping[Plan, PlanLimits]

    def change(
        self,
        account: str,
        *,
        plan: Plan | None = None,
        email: str | None = None,
        username: str | None = None,
        password: str | None = None,
    ) -> Account:
        """Set the given fields in one transaction; None leaves a field unchanged.

        A new password ends all sessions of the account.
        """
        hashed = None
        if password is not None:
            hashed = hash_password(registration.check_password(password))
        with self.db.write() as conn:
            owner = service.get(conn, account)
            if plan is not None:
                accounts.set_plan(conn, owner.id, plan)
            if email is not None:
                registration.change_email(conn, owner.id, email)
            if username is not None:
                usernames.claim(conn, username, UsernameKind.ACCOUNT, owner.id)
            if hashed is not None:
                profiles.change(conn, owner.id, password=hashed)
                self.sessions.end_sessions(conn, owner.id)
            return service.get(conn, account)

    def invites(self, account: str) -> Invites:
        """Return the invite code of an account with its redemptions."""
        with self.db.read() as conn:
            owner = service.get(conn, account)
            code, redeemed = invites.code_of(conn, owner.id)
        return Invites(code, redeemed, self.plans[owner.plan].invites)

    def mint(self, account: str, lasts: timedelta | None) -> IssuedTokens:
        """Open a session and return its tokens.

        ``lasts`` is the lifetime of the access token; None: the configured one.
        """
        return self.sessions.mint(account, lasts or self.sessions.rules.access)

    def log_out(self, account: str) -> int:
        """End all sessions of an account; return their number."""
        with self.db.write() as conn:
            return self.sessions.end_sessions(conn, service.get(conn, account).id)
