"""The routes of accounts: who they are, their plan, their quota, their invites, their name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.auth import requests, serializers
from hinode.api.sora.auth.handlers import SoraAccountHandlers
from hinode.api.sora.countries import check_country
from hinode.api.values import Fields

MAX_BODY_BYTES = 64_000
"""Bytes of a body here: no more than a few short texts."""


@dataclass(slots=True)
class SoraAccountEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    handlers: SoraAccountHandlers = field(init=False)

    def __post_init__(self) -> None:
        self.handlers = SoraAccountHandlers(self.context.core.auth)

    async def me(self, request: Request) -> Response:
        """Return who is calling. `username` is null until one is set."""
        return json_response(
            serializers.me(await self.context.call(self.handlers.me, secret_of(request)))
        )

    async def my_profile(self, request: Request) -> Response:
        """Return who is calling, as profile (ours)."""
        found = await self.context.call(self.handlers.me, secret_of(request))
        return json_response(serializers.my_profile(found))

    async def authenticate(self, request: Request) -> Response:
        """Say that the token is good (ours)."""
        found = await self.context.call(self.handlers.me, secret_of(request))
        return json_response({"authenticated": True, "user": serializers.me(found)})

    async def initialize(self, request: Request) -> Response:
        """Say that nothing has to be made ready (ours)."""
        await self.context.call(self.handlers.me, secret_of(request))
        return json_response({"success": True})

    async def models(self, request: Request) -> Response:
        """Return the models that render videos (ours)."""
        found = await self.context.call(self.handlers.models, secret_of(request))
        return json_response(serializers.models(found))

    async def parameters(self, request: Request) -> Response:
        """Return what the account's plan allows (ours); 0: any number."""
        plan, limits = await self.context.call(self.handlers.parameters, secret_of(request))
        return json_response(serializers.parameters(plan, limits))

    async def subscriptions(self, request: Request) -> Response:
        """Return the account's plan; `data` is empty for the free one."""
        found = await self.context.call(self.handlers.me, secret_of(request))
        return json_response(serializers.subscriptions(found))

    async def credit_balance(self, request: Request) -> Response:
        """Return the credits that are left."""
        found = await self.context.call(self.handlers.quota, secret_of(request))
        return json_response(serializers.credit_balance(found))

    async def check(self, request: Request) -> Response:
        """Return how many videos may still be made, by the plan's day and by the credits."""
        found = await self.context.call(self.handlers.quota, secret_of(request))
        return json_response(serializers.check(found))

    async def invites(self, request: Request) -> Response:
        """Return the account's own invite code. Until the account is activated: 401.

        Clients learn here whether their country is served: 403 `unsupported_country_code`.
        """
        check_country(request, self.context)
        found = await self.context.call(self.handlers.invites, secret_of(request))
        return json_response(serializers.invites(found))

    async def bootstrap(self, request: Request) -> Response:
        """Activate the account, where everybody may sign up."""
        await self.context.call(self.handlers.bootstrap, secret_of(request))
        return json_response({"success": True})

    async def accept_invite(self, request: Request) -> Response:
        """Activate the account by somebody's code; for an active one nothing happens."""
        code = requests.read_invite_code(await self._fields(request))
        fresh = await self.context.call(self.handlers.accept_invite, secret_of(request), code)
        return json_response({"success": True, "already_accepted": not fresh})

    async def check_username(self, request: Request) -> Response:
        """Say whether the account could have a username: no character and nobody else has it."""
        name = requests.read_username(await self._fields(request))
        free = await self.context.call(self.handlers.username_is_free, secret_of(request), name)
        return json_response({"available": free})

    async def set_username(self, request: Request) -> Response:
        """Give the account a username, in place of the one it has."""
        name = requests.read_username(await self._fields(request))
        found = await self.context.call(self.handlers.set_username, secret_of(request), name)
        return json_response(serializers.updated_profile(found))

    async def _fields(self, request: Request) -> Fields:
        # The caller first: what is wrong with a body is nobody else's business.
        await self.context.call(self.context.core.auth.caller, secret_of(request))
        return await read_fields(request, MAX_BODY_BYTES)


def json_response(value: dict[str, Any]) -> Response:
    """Answer with an object that is for this caller only."""
    return Response(
        dump(value), media_type="application/json", headers={"cache-control": "no-store"}
    )
