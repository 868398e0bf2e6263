"""Profiles, invites, activation and quotas of accounts in the Sora dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hinode.core.accounts import invites, profiles, usernames
from hinode.core.accounts.types import Invites, Plan, PlanLimits, Profile, UsernameKind
from hinode.core.auth import signup
from hinode.core.auth.reserved_names import check_not_reserved, is_reserved
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.types import Caller
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.limits import quota_exceeded
from hinode.core.jobs.quota import VideoQuota, quota_of
from hinode.core.jobs.service import JobService
from hinode.media.types import MediaKind

_USUAL = "10"
"""Length in seconds of the video by which the Sora dialect estimates the remaining videos."""


@dataclass(frozen=True, slots=True)
class AccountService:
    """Operations of owners on their own accounts; all methods raise :class:`HinodeError`."""

    jobs: JobService
    sessions: SessionService

    def profile(self, account_id: UUID) -> Profile:
        """Return the profile of an account. Raises ``PROFILE_NOT_FOUND`` for an unknown id."""
        with self.jobs.db.read() as conn:
            found = profiles.find(conn, account_id)
        if found is None:
            raise HinodeError(ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.")
        return found

    def profiles(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Profile]:
        """Return profiles by account id; unknown ids are left out."""
        with self.jobs.db.read() as conn:
            return profiles.find_many(conn, account_ids)

    def plan_of(self, caller: Caller) -> Plan:
        """Return the plan of the caller's account."""
        return self.profile(caller.account_id).plan

    def plan_limits(self, plan: Plan) -> PlanLimits:
        """Return the limits of a plan."""
        return self.sessions.rules.plans[plan]

    def username_is_free(self, caller: Caller, username: str) -> bool:
        """Return whether the username is valid and not reserved, and free or the caller's own.

        Raises ``RATE_LIMITED`` after too many questions.
        """
        self.sessions.login_throttle.at_username_check(caller.account_id)
        try:
            usernames.check_username(username)
        except HinodeError:
            return False
        with self.jobs.db.read() as conn:
            if is_reserved(conn, username, caller.account_id):
                return False
            owner = usernames.owner_of(conn, username)
        return owner is None or owner.owner_id == caller.account_id

    def set_username(self, caller: Caller, username: str) -> Profile:
        """Set the username of the caller's account; it replaces the previous one."""
        with self.jobs.db.write() as conn:
            check_not_reserved(conn, username, caller.account_id)
            usernames.claim(conn, username, UsernameKind.ACCOUNT, caller.account_id)
        return self.profile(caller.account_id)

    def invites(self, caller: Caller) -> Invites:
        """Return the account's invite code. Raises ``NOT_ACTIVATED`` until it is activated."""
        profile = self.profile(caller.account_id)
        if profile.activated_at is None:
            raise _inactive("Activate it with an invite code or with the request 'bootstrap'.")
        with self.jobs.db.read() as conn:
            code, redeemed = invites.code_of(conn, caller.account_id)
        return Invites(code, redeemed, self.plan_limits(profile.plan).invites)

    def accept_invite(self, caller: Caller, code: str) -> bool:
        """Activate the account with an invite code; return False when it is active already."""
        self.sessions.login_throttle.at_invite(caller.account_id)
        if self.profile(caller.account_id).activated_at is not None:
            return False
        rules, clock = self.sessions.rules, self.jobs.clock
        with self.jobs.db.write() as conn:
            return signup.accept_invite(conn, caller.account_id, code, rules.plans, clock)

    def bootstrap(self, caller: Caller) -> None:
        """Activate the account if sign-up is open.

        Raises ``NOT_ACTIVATED`` for an inactive account if sign-up is not open.
        """
        if self.profile(caller.account_id).activated_at is not None:
            return
        if self.sessions.rules.signup != "open":
            raise _inactive("Activate it with an invite code.")
        with self.jobs.db.write() as conn:
            profiles.activate(conn, caller.account_id, self.jobs.clock.now())

    def quota(self, caller: Caller) -> VideoQuota:
        """Return the videos left to the caller's account."""
        limits = caller.plan or self.plan_limits(self.plan_of(caller))
        price = self._usual_price()
        with self.jobs.db.read() as conn:
            return quota_of(conn, caller.account_id, limits, price, self.jobs.clock.now())

    def check_quota(self, caller: Caller) -> VideoQuota:
        """Return the quota; raise ``QUOTA_EXHAUSTED`` when no video can be created now.

        An early check, so that a request without quota fails before its uploads are processed. The
        binding check is that of the create, which runs under the lock of the account's balance.
        """
        quota = self.quota(caller)
        if quota.is_exhausted:
            raise quota_exceeded(quota)
        return quota

    def _usual_price(self) -> int:
        """Return the price of ten seconds of the default model, else of its default length."""
        seconds = self.jobs.catalog.get(None, MediaKind.VIDEO).seconds
        params = GenerationParams(seconds=_USUAL if int(_USUAL) in seconds else None)
        return self.jobs.catalog.resolve(params, MediaKind.VIDEO).price


def _inactive(hint: str) -> HinodeError:
    # Clients of the Sora backend recognise an inactive account by the word "Unauthorized".
    return HinodeError(
        ErrorCode.NOT_ACTIVATED, "Unauthorized: this account is not activated.", hint=hint
    )
