"""Log-in by an OpenID Connect provider: its people are accounts by issuer and subject.

An account is never found by its e-mail address: whoever may set that at a provider would take over
the account of another person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import profiles, registration
from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Plan, Role
from hinode.core.auth import sessions
from hinode.core.auth.session_service import IssuedTokens, SessionService
from hinode.core.auth.signup import account_name, create_account
from hinode.core.auth.tables import identities
from hinode.core.auth.types import SessionTerms
from hinode.core.credits import service as credits
from hinode.core.errors import ErrorCode, HinodeError

_LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2: a subject has at most 255 ASCII characters."""

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider says; ``email`` is one that it has verified, or None."""

    issuer: str
    subject: str
    groups: frozenset[str] = frozenset()
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class SignOnRules:
    """The account of a person: who may log in, roles by group, plan and credits of a new one.

    Without ``operator_groups`` a log-in leaves roles alone; without ``allowed_groups`` everybody
    may log in.
    """

    allowed_groups: frozenset[str] = frozenset()
    operator_groups: frozenset[str] = frozenset()
    plan: Plan = Plan.FREE
    group_plans: Mapping[str, Plan] = field(default_factory=dict)
    credits: int = 0

    def plan_of(self, groups: frozenset[str]) -> Plan:
        """Return the plan of a new account."""
        return next((plan for one, plan in self.group_plans.items() if one in groups), self.plan)

    def role_of(self, groups: frozenset[str]) -> Role | None:
        """Return the role of a member of these groups; None: it is not changed."""
        if not self.operator_groups:
            return None
        return Role.OPERATOR if groups & self.operator_groups else Role.USER


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """Logs people of a provider in; the first time they get an account."""

    sessions: SessionService
    rules: SignOnRules

    def count_attempt(self) -> None:
        """Count an attempt, before the provider is asked about it. Raises :class:`HinodeError`."""
        self.sessions.login_throttle.at_login_link()

    def log_in(self, person: Identity, terms: SessionTerms) -> IssuedTokens:
        """Open a session of a person's account. Raises :class:`HinodeError`."""
        self._check(person)
        try:
            return self._log_in(person, terms)
        except sa.exc.IntegrityError:  # the same person logged in twice for the first time
            return self._log_in(person, terms)

    def _log_in(self, person: Identity, terms: SessionTerms) -> IssuedTokens:
        now = self.sessions.clock.now()
        with self.sessions.db.write() as conn:
            account_id = _account_of(conn, person) or self._admit(conn, person, now)
            _check_not_banned(conn, account_id)
            role = self.rules.role_of(person.groups)
            if role is not None and accounts.set_role(conn, account_id, role):
                sessions.revoke_all(conn, account_id, now)
            owner = accounts.by_ids(conn, {account_id})[account_id]
            opened = self.sessions.open_for(conn, owner.name, replace(terms, operator=True))
        return self.sessions.let_in(opened)

    def _check(self, person: Identity) -> None:
        if not 0 < len(person.subject) <= _LONGEST_SUBJECT:
            raise _refused("The provider's subject is empty or too long.")
        allowed = self.rules.allowed_groups
        if allowed and not allowed & person.groups:
            raise _refused("No group of this person may log in here.")

    def _admit(self, conn: sa.Connection, person: Identity, now: datetime) -> UUID:
        """Create the account of a person who was never here."""
        rules, clock = self.rules, self.sessions.clock
        name = _NOT_IN_NAMES.sub("", (person.name or "").lower())[:20]
        plan = rules.plan_of(person.groups)
        made = create_account(conn, account_name(name or None), plan, unlimited=False, clock=clock)
        if rules.credits:
            credits.grant(conn, made.id, rules.credits, clock)
        if person.name:
            profiles.change(conn, made.id, display_name=person.name[:80])
        if person.email:
            _set_email(conn, made.id, person.email)
        conn.execute(
            identities.insert().values(
                issuer=person.issuer, subject=person.subject, account_id=made.id, created_at=now
            )
        )
        return made.id


def _account_of(conn: sa.Connection, person: Identity) -> UUID | None:
    this = (identities.c.issuer == person.issuer) & (identities.c.subject == person.subject)
    return conn.scalar(sa.select(identities.c.account_id).where(this))


def _set_email(conn: sa.Connection, account_id: UUID, email: str) -> None:
    """Set the address of a new account, unless it is another account's or none at all."""
    try:
        registration.change_email(conn, account_id, email)
    except HinodeError:
        return


def _check_not_banned(conn: sa.Connection, account_id: UUID) -> None:
    if accounts.by_ids(conn, {account_id})[account_id].banned_at is not None:
        raise _refused("This account is banned.")


def _refused(message: str) -> HinodeError:
    hint = "Ask the operator of this server."
    return HinodeError(ErrorCode.INVALID_CREDENTIALS, message, hint=hint)
