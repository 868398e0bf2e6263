"""Profiles, invites and quotas of people with accounts in the Sora dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from hinode.core.accounts import invites, profiles, usernames
from hinode.core.accounts.types import Invites, Plan, PlanLimits, Profile, UsernameKind
from hinode.core.auth import signup
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.types import Caller
from hinode.core.catalog.params import GenerationParams
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.limits import quota_exceeded
from hinode.core.jobs.quota import VideoQuota, quota_of
from hinode.core.jobs.service import JobService
from hinode.media.types import MediaKind

_USUAL = "10"
"""Seconds of a usual video in the Sora dialect."""


@dataclass(frozen=True, slots=True)
class AccountService:
    """Accounts as their owners use them. All methods raise :class:`HinodeError`."""

    jobs: JobService
    sessions: SessionService

    def profile(self, account_id: UUID) -> Profile:
        """Return what is known of an account's person."""
        with self.jobs.db.read() as conn:
            found = profiles.find(conn, account_id)
        if found is None:
            raise HinodeError(ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.")
        return found

    def profiles(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Profile]:
        """Return the profiles of those of these accounts that there are."""
        with self.jobs.db.read() as conn:
            return profiles.find_many(conn, account_ids)

    def plan_of(self, caller: Caller) -> Plan:
        """Return the plan of the caller's account."""
        return self.profile(caller.account_id).plan

    def plan_limits(self, plan: Plan) -> PlanLimits:
        """Return what a plan allows."""
        return self.sessions.rules.plans[plan]

    def username_is_free(self, caller: Caller, username: str) -> bool:
        """Say whether the caller's account could have this username, or has it."""
        try:
            usernames.check_username(username)
        except HinodeError:
            return False
        with self.jobs.db.read() as conn:
            owner = usernames.owner_of(conn, username)
        return owner is None or owner.owner_id == caller.account_id

    def set_username(self, caller: Caller, username: str) -> Profile:
        """Give the caller's account this username in place of the one it has."""
        with self.jobs.db.write() as conn:
            usernames.claim(conn, username, UsernameKind.ACCOUNT, caller.account_id)
        return self.profile(caller.account_id)

    def invites(self, caller: Caller) -> Invites:
        """Return the account's own invite code. Raises ``NOT_ACTIVATED`` until it is active."""
        profile = self.profile(caller.account_id)
        if profile.activated_at is None:
            raise _inactive("It is activated with an invite code, or here by bootstrap.")
        with self.jobs.db.read() as conn:
            code, redeemed = invites.code_of(conn, caller.account_id)
        return Invites(code, redeemed, self.plan_limits(profile.plan).invites)

    def accept_invite(self, caller: Caller, code: str) -> bool:
        """Activate the account by somebody's code; False when it was active before."""
        self.sessions.login_throttle.at_invite(caller.account_id)
        if self.profile(caller.account_id).activated_at is not None:
            return False
        rules, clock = self.sessions.rules, self.jobs.clock
        with self.jobs.db.write() as conn:
            return signup.accept_invite(conn, caller.account_id, code, rules.plans, clock)

    def bootstrap(self, caller: Caller) -> None:
        """Activate the account, where everybody may sign up; else it must be active already."""
        if self.profile(caller.account_id).activated_at is not None:
            return
        if self.sessions.rules.signup != "open":
            raise _inactive("It is activated with an invite code.")
        with self.jobs.db.write() as conn:
            profiles.activate(conn, caller.account_id, self.jobs.clock.now())

    def quota(self, caller: Caller) -> VideoQuota:
        """Return what the caller's account may still make."""
        limits = caller.plan or self.plan_limits(self.plan_of(caller))
        price = self._usual_price()
        with self.jobs.db.read() as conn:
            return quota_of(conn, caller.account_id, limits, price, self.jobs.clock.now())

    def check_quota(self, caller: Caller) -> VideoQuota:
        """Return the quota; raise ``QUOTA_EXHAUSTED`` when nothing can be made now.

        A video needs both: a place in the plan's day, and credits. Making one looks again, when
        no other can be made of the account: here those learn early for whom nothing is left.
        """
        quota = self.quota(caller)
        if quota.is_exhausted:
            raise quota_exceeded(quota)
        return quota

    def _usual_price(self) -> int:
        """Return what the default model takes for ten seconds, or for its usual length."""
        seconds = self.jobs.catalog.get(None, MediaKind.VIDEO).seconds
        params = GenerationParams(seconds=_USUAL if int(_USUAL) in seconds else None)
        return self.jobs.catalog.resolve(params, MediaKind.VIDEO).price


def _inactive(hint: str) -> HinodeError:
    # In this word clients recognise an account that is to be activated.
    return HinodeError(
        ErrorCode.NOT_ACTIVATED, "Unauthorized: this account is not activated.", hint=hint
    )
