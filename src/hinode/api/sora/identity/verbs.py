"""What each route of this part asks of the studio: prove the caller, then one verb."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.media.kinds import MediaKind
from hinode.studio.accounts.types import Invites, Plan, PlanLimits, Profile
from hinode.studio.catalog.types import Model
from hinode.studio.jobs.quota import Quota
from hinode.studio.membership import Membership


@dataclass(frozen=True, slots=True)
class IdentityVerbs:
    """Accounts as this dialect uses them. All methods raise :class:`StudioError`."""

    members: Membership

    def me(self, secret: str | None) -> Profile:
        """Return who is calling."""
        return self.members.profile(self.members.caller(secret).account_id)

    def quota(self, secret: str | None) -> Quota:
        """Return what the account may still make."""
        return self.members.quota(self.members.caller(secret))

    def invites(self, secret: str | None) -> Invites:
        """Return the account's own invite code."""
        return self.members.invites(self.members.caller(secret))

    def bootstrap(self, secret: str | None) -> None:
        """Activate the account if it may be."""
        self.members.bootstrap(self.members.caller(secret))

    def accept_invite(self, secret: str | None, code: str) -> bool:
        """Activate the account by a code; False when it was active before."""
        return self.members.accept_invite(self.members.caller(secret), code)

    def username_is_free(self, secret: str | None, username: str) -> bool:
        """Say whether the account could have a username."""
        return self.members.username_is_free(self.members.caller(secret), username)

    def set_username(self, secret: str | None, username: str) -> Profile:
        """Give the account a username."""
        return self.members.set_username(self.members.caller(secret), username)

    def models(self, secret: str | None) -> list[Model]:
        """Return the models that render videos."""
        self.members.caller(secret)
        found = self.members.studio.catalog.models()
        return [one for one in found if one.kind is MediaKind.VIDEO]

    def parameters(self, secret: str | None) -> tuple[Plan, PlanLimits]:
        """Return the account's plan and what it allows."""
        plan = self.members.plan_of(self.members.caller(secret))
        return plan, self.members.plan_limits(plan)
