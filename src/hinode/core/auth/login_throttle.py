"""Rate limits of log-in, sign-up and invite codes, by client address and by account."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hinode.core.accounts.email_address import normalize_email
from hinode.core.auth import request_context
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit import secrets

PER_ADDRESS, PER_ACCOUNT = 30, 10
"""Attempts per minute."""

USERNAME_CHECKS = 60
"""Checks of usernames per minute and account: enough for people and clients, few for a list."""


@dataclass(frozen=True, slots=True)
class LoginThrottle:
    """Counts attempts; all methods raise :class:`HinodeError` when a limit is reached.

    Attempts for unknown accounts count as well, so that the limit does not reveal which exist.
    """

    limiter: RateLimiter

    def at_log_in(self, who: str) -> None:
        """Count an attempt to log in, by client address and by the name that was given."""
        self._count_address("log in")
        self._count(f"log in as {normalize_email(who)}", PER_ACCOUNT)

    def admits_log_in(self, who: str, account_id: UUID | None) -> bool:
        """Count an attempt by the account of a name, None without one; False at the limit.

        It raises nothing: an error would tell that two names are one account's.
        """
        account = account_id or normalize_email(who)
        return self.limiter.admit(_key(f"log in to {account}"), PER_ACCOUNT) is None

    def at_sign_up(self) -> None:
        """Count an attempt to sign up, by client address."""
        self._count_address("sign up")

    def at_login_link(self) -> None:
        """Count an attempt to log in with a link, by client address."""
        self._count_address("log in")

    def at_invite(self, account_id: UUID) -> None:
        """Count an attempt to redeem an invite code, by account."""
        self._count(f"invite of {account_id}", PER_ACCOUNT)

    def at_password_change(self, account_id: UUID) -> None:
        """Count an attempt to change a password, by account."""
        self._count(f"password of {account_id}", PER_ACCOUNT)

    def at_key_create(self, account_id: UUID) -> None:
        """Count a key that an account makes for itself."""
        self._count(f"keys of {account_id}", PER_ACCOUNT)

    def at_username_check(self, account_id: UUID) -> None:
        """Count a question whether a username is free, by account."""
        self._count(f"usernames of {account_id}", USERNAME_CHECKS)

    def _count_address(self, what: str) -> None:
        visit = request_context.present.get()
        if visit is not None and visit.address is not None:
            self._count(f"{what} from {visit.address}", PER_ADDRESS)

    def _count(self, what: str, per_minute: int) -> None:
        wait = self.limiter.admit(_key(what), per_minute)
        if wait is not None:
            raise HinodeError(
                ErrorCode.RATE_LIMITED,
                "There were too many attempts.",
                hint="Try again in a minute.",
                retry_after=wait,
            )


def _key(what: str) -> UUID:
    return UUID(hex=secrets.digest(what)[:32])
