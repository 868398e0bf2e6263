"""Create accounts: by sign-up, by an invite code and by the operator."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import invites, profiles, registration, service, usernames
from hinode.core.accounts.email_address import check_email
from hinode.core.accounts.registration import check_password
from hinode.core.accounts.types import Account, Plan, PlanLimits, Role, UsernameKind
from hinode.core.auth.reserved_names import check_not_reserved
from hinode.core.credits import repository as balances
from hinode.core.credits import service as credits
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.clock import Clock


@dataclass(frozen=True, slots=True)
class AuthPolicy:
    """Rules of sign-up, and lifetimes: ``access`` of access tokens, ``session`` of sessions.

    ``signup_credits`` are granted to each new account. ``plans`` limit redemptions of invites.
    Without ``password_login`` nobody logs in or signs up with a password.
    """

    signup: Literal["off", "invite", "open"]
    signup_credits: int
    access: timedelta
    session: timedelta
    plans: Mapping[Plan, PlanLimits]
    password_login: bool = True

    def check_password_login(self) -> None:
        """Raise :class:`HinodeError` where nobody logs in or signs up with a password."""
        if not self.password_login:
            raise HinodeError(
                ErrorCode.INVALID_CREDENTIALS,
                "Passwords are switched off on this server.",
                hint="Log in to the web app by single sign-on.",
            )


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """The data of a sign-up request."""

    email: str
    password: str
    username: str | None = None
    invite_code: str | None = None


def check(wanted: SignupRequest, rules: AuthPolicy) -> None:
    """Raise :class:`HinodeError` for a request that is invalid without reading the database."""
    if rules.signup == "off":
        raise HinodeError(
            ErrorCode.INVALID_CREDENTIALS,
            "Sign-up is disabled on this server.",
            hint="Ask the operator for an account.",
        )
    check_email(wanted.email)
    check_password(wanted.password)
    if wanted.username is not None:
        usernames.check_username(wanted.username)
    if rules.signup == "invite" and wanted.invite_code is None:
        raise HinodeError(
            ErrorCode.INVITE_INVALID,
            "An invite code is required to sign up on this server.",
            param="invite_code",
            hint="Ask somebody with an account for their invite code.",
        )


def admit(
    conn: sa.Connection, wanted: SignupRequest, hashed: str, rules: AuthPolicy, clock: Clock
) -> Account:
    """Create the account of a sign-up; a valid invite code activates it.

    ``hashed`` is the hash of the password. Raises :class:`HinodeError` after which the caller must
    roll back.
    """
    email = check_email(wanted.email)
    account = create_account(
        conn,
        account_name(wanted.username),
        Plan.FREE,
        unlimited=False,
        clock=clock,
        email=email,
        password=hashed,
        activated=False,
    )
    if rules.signup_credits:
        credits.grant(conn, account.id, rules.signup_credits, clock)
    if wanted.username is not None:
        check_not_reserved(conn, wanted.username, account.id)
        usernames.claim(conn, wanted.username, UsernameKind.ACCOUNT, account.id)
    if wanted.invite_code is not None:
        accept_invite(conn, account.id, wanted.invite_code, rules.plans, clock)
    return account


def create_account(
    conn: sa.Connection,
    name: str,
    plan: Plan,
    *,
    unlimited: bool,
    clock: Clock,
    email: str | None = None,
    password: str | None = None,
    activated: bool = True,
    role: Role = Role.USER,
) -> Account:
    """Create an account with its balance and its profile in the caller's transaction.

    ``password`` is a hash. Raises :class:`HinodeError` when the name or the address is taken.
    """
    account = service.create(conn, name, plan, clock, role)
    balances.create_balance(conn, account.id, unlimited=unlimited)
    registration.register(
        conn,
        account.id,
        email=email,
        password=password,
        activated_at=account.created_at if activated else None,
    )
    return account


def accept_invite(
    conn: sa.Connection,
    account_id: UUID,
    code: str,
    plans: Mapping[Plan, PlanLimits],
    clock: Clock,
) -> bool:
    """Activate an account with an invite code and count the redemption.

    Return False, without counting, when the account is active already. Raises
    :class:`HinodeError` when the code is unknown, the account's own, or redeemed to its limit.
    """
    host = invites.host_of(conn, code)
    if host is None or host[0] == account_id:
        raise _bad_code()
    # Activate before counting: of concurrent requests for one account only one is counted.
    if not profiles.activate(conn, account_id, clock.now()):
        return False
    if not invites.redeem(conn, host[0], plans[host[1]].invites):
        raise _bad_code()
    profiles.change(conn, account_id, invited_by=host[0])
    return True


def account_name(username: str | None) -> str:
    """Return a random account name; it does not contain the address, because others can see it.

    Usernames have no dash, so it cannot collide with one.
    """
    return f"{username or 'user'}-{secrets.token_hex(4)}"


def _bad_code() -> HinodeError:
    return HinodeError(
        ErrorCode.INVITE_INVALID,
        "This invite code is unknown, or it was redeemed as often as it may be.",
        param="invite_code",
        hint="Ask for another invite code.",
    )
