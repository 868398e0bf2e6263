"""An account's own endpoints: who it is, its plan and quota, invites, names."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.account_shapes import (
    Accepted,
    InviteCode,
    Me,
    Profile,
    Quota,
    Subscription,
)
from hinode.engines.sora.calls import Calls, part
from hinode.engines.sora.failures import BadAnswer
from hinode.engines.sora.fields import Fields


@dataclass(frozen=True, slots=True)
class AccountCalls:
    """All raise :class:`hinode.engines.sora.failures.SoraFailure`."""

    calls: Calls

    async def me(self) -> Me:
        """GET ``/me``."""
        return Me.read(await self.calls.get("/me"))

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """GET ``/billing/subscriptions``; none: a free account."""
        answer = Fields(await self.calls.get("/billing/subscriptions"))
        return tuple(Subscription.read(one) for one in answer.objects("data"))

    async def credit_balance(self) -> float:
        """GET ``/billing/credit_balance``."""
        credits = Fields(await self.calls.get("/billing/credit_balance")).maybe_number("credits")
        if credits is None:
            raise BadAnswer("The server's answer lacks 'credits'.")
        return credits

    async def quota(self) -> Quota:
        """GET ``/nf/check``: how much it may still make."""
        answer = Fields(await self.calls.get("/nf/check"))
        return Quota.read(answer.object("rate_limit_and_credit_balance"))

    async def bootstrap(self) -> None:
        """GET ``/m/bootstrap``: activate the account; only the status says anything."""
        await self.calls.get("/m/bootstrap")

    async def invite_code(self) -> InviteCode:
        """GET ``/project_y/invite/mine``."""
        return InviteCode.read(await self.calls.get("/project_y/invite/mine"))

    async def accept_invite(self, code: str) -> Accepted:
        """POST ``/project_y/invite/accept``."""
        body = {"invite_code": code}
        return Accepted.read(await self.calls.post("/project_y/invite/accept", body))

    async def is_username_free(self, username: str) -> bool:
        """POST ``/project_y/profile/username/check``."""
        body = {"username": username}
        answer = await self.calls.post("/project_y/profile/username/check", body)
        return Fields(answer).flag("available")

    async def set_username(self, username: str) -> Profile:
        """POST ``/project_y/profile/username/set``."""
        body = {"username": username}
        answer = await self.calls.post("/project_y/profile/username/set", body)
        return Profile.read(Fields(answer))

    async def profile(self, username: str) -> Profile:
        """GET ``/project_y/profile/username/{name}``: anybody's."""
        answer = await self.calls.get(f"/project_y/profile/username/{part(username)}")
        return Profile.read(Fields(answer))
