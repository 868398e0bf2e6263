"""Endpoints of an account: profile, plan and quota, invites, usernames."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.sora.account_models import (
    InviteAcceptance,
    InviteCode,
    UpstreamMe,
    UpstreamProfile,
    UpstreamQuota,
    UpstreamSubscription,
)
from hinode.engines.sora.api_client import ApiClient, quote_path_part
from hinode.engines.sora.errors import SoraInvalidResponse
from hinode.engines.sora.json_reader import JsonReader


@dataclass(frozen=True, slots=True)
class AccountApi:
    """All raise :class:`hinode.engines.sora.errors.SoraClientError`."""

    api: ApiClient

    async def me(self) -> UpstreamMe:
        """GET ``/me``."""
        return UpstreamMe.read(await self.api.get("/me"))

    async def subscriptions(self) -> tuple[UpstreamSubscription, ...]:
        """GET ``/billing/subscriptions``; none: a free account."""
        response = JsonReader(await self.api.get("/billing/subscriptions"))
        return tuple(UpstreamSubscription.read(one) for one in response.objects("data"))

    async def credit_balance(self) -> float:
        """GET ``/billing/credit_balance``."""
        credits = JsonReader(await self.api.get("/billing/credit_balance")).optional_number(
            "credits"
        )
        if credits is None:
            raise SoraInvalidResponse("The server's answer lacks 'credits'.")
        return credits

    async def quota(self) -> UpstreamQuota:
        """GET ``/nf/check``: the quota left."""
        response = JsonReader(await self.api.get("/nf/check"))
        return UpstreamQuota.read(response.object("rate_limit_and_credit_balance"))

    async def bootstrap(self) -> None:
        """GET ``/m/bootstrap``: activate the account; only the status counts."""
        await self.api.get("/m/bootstrap")

    async def invite_code(self) -> InviteCode:
        """GET ``/project_y/invite/mine``."""
        return InviteCode.read(await self.api.get("/project_y/invite/mine"))

    async def accept_invite(self, code: str) -> InviteAcceptance:
        """POST ``/project_y/invite/accept``."""
        body = {"invite_code": code}
        return InviteAcceptance.read(await self.api.post("/project_y/invite/accept", body))

    async def is_username_free(self, username: str) -> bool:
        """POST ``/project_y/profile/username/check``."""
        body = {"username": username}
        response = await self.api.post("/project_y/profile/username/check", body)
        return JsonReader(response).flag("available")

    async def set_username(self, username: str) -> UpstreamProfile:
        """POST ``/project_y/profile/username/set``."""
        body = {"username": username}
        response = await self.api.post("/project_y/profile/username/set", body)
        return UpstreamProfile.read(JsonReader(response))

    async def profile(self, username: str) -> UpstreamProfile:
        """GET ``/project_y/profile/username/{name}``: anybody's."""
        response = await self.api.get(f"/project_y/profile/username/{quote_path_part(username)}")
        return UpstreamProfile.read(JsonReader(response))
