"""What each route of this part asks of the studio: prove the caller, then one verb."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.core.accounts.types import Invites, Plan, PlanLimits, Profile
from hinode.core.catalog.types import Model
from hinode.core.jobs.quota import VideoQuota
from hinode.core.membership import Membership
from hinode.media.types import MediaKind


@dataclass(frozen=True, slots=True)
class SoraAccountHandlers:
    """Accounts as this dialect uses them. All methods raise :class:`HinodeError`."""

    accounts: Membership

    def me(self, secret: str | None) -> Profile:
        """Return who is calling."""
        return self.accounts.profile(self.accounts.caller(secret).account_id)

    def quota(self, secret: str | None) -> VideoQuota:
        """Return what the account may still make."""
        return self.accounts.quota(self.accounts.caller(secret))

    def invites(self, secret: str | None) -> Invites:
        """Return the account's own invite code."""
        return self.accounts.invites(self.accounts.caller(secret))

    def bootstrap(self, secret: str | None) -> None:
        """Activate the account if it may be."""
        self.accounts.bootstrap(self.accounts.caller(secret))

    def accept_invite(self, secret: str | None, code: str) -> bool:
        """Activate the account by a code; False when it was active before."""
        return self.accounts.accept_invite(self.accounts.caller(secret), code)

    def username_is_free(self, secret: str | None, username: str) -> bool:
        """Say whether the account could have a username."""
        return self.accounts.username_is_free(self.accounts.caller(secret), username)

    def set_username(self, secret: str | None, username: str) -> Profile:
        """Give the account a username."""
        return self.accounts.set_username(self.accounts.caller(secret), username)

    def models(self, secret: str | None) -> list[Model]:
        """Return the models that render videos."""
        self.accounts.caller(secret)
        found = self.accounts.jobs.catalog.models()
        return [one for one in found if one.kind is MediaKind.VIDEO]

    def parameters(self, secret: str | None) -> tuple[Plan, PlanLimits]:
        """Return the account's plan and what it allows."""
        plan = self.accounts.plan_of(self.accounts.caller(secret))
        return plan, self.accounts.plan_limits(plan)
