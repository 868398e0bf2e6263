"""Routes of accounts: profile, plan, quota, invites, username; sessions are in their own file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import JSON, URLENCODED, read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import request_body
from hinode.api.sora.auth import schemas, serializers, session_routes
from hinode.api.sora.countries import check_country
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts.schemas import ProfileObject
from hinode.api.sora.profiles import profile_json
from hinode.api.values import Fields
from hinode.core.accounts.types import Plan, PlanLimits, Profile
from hinode.core.auth.types import Caller, Scope
from hinode.media.types import MediaKind

_DOCS = DOCS.of("account")

_INVITE = "/backend/project_y/invite"
_USERNAME = "/backend/project_y/profile/username"
_INITIALIZE = "/backend/project_y/initialize_async"
_PRIVATE = {"cache-control": "no-store"}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of accounts and sessions."""
    routes = SoraAccountRoutes(context)
    for path, endpoint, operation, response in (
        ("/backend/me", routes.me, "soraMe", schemas.MeObject),
        ("/backend/project_y/v2/me", routes.my_profile, "soraMyProfile", schemas.MyProfile),
        (
            "/backend/authenticate", routes.authenticate, "soraAuthenticate",
            schemas.AuthenticationStatus,
        ),
        ("/backend/models", routes.models, "soraModels", schemas.SoraModelList),
        ("/backend/parameters", routes.parameters, "soraParameters", schemas.PlanParameters),
        (_INITIALIZE, routes.initialize, "soraInitialize", schemas.SuccessResponse),
        (
            "/backend/billing/subscriptions", routes.subscriptions, "soraSubscriptions",
            schemas.SubscriptionList,
        ),
        (
            "/backend/billing/credit_balance", routes.credit_balance, "soraCreditBalance",
            schemas.CreditBalance,
        ),
        ("/backend/nf/check", routes.check, "soraCheck", schemas.QuotaCheck),
        ("/backend/m/bootstrap", routes.bootstrap, "soraBootstrap", schemas.SuccessResponse),
    ):  # fmt: skip
        table.add(_DOCS, "GET", path, endpoint, operation, response)
    table.add(
        _DOCS,
        "POST",
        _INITIALIZE,
        routes.initialize,
        "soraInitializeAgain",
        schemas.SuccessResponse,
    )
    table.add(
        _DOCS, "GET", f"{_INVITE}/mine", routes.invites, "soraInvites", schemas.InviteStatus, 403
    )
    table.add(
        _DOCS, "POST", f"{_INVITE}/accept", routes.accept_invite, "soraAcceptInvite",
        schemas.InviteAccepted, 400, 429, body=request_body(schemas.AcceptInvite, JSON, URLENCODED),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_USERNAME}/check", routes.check_username, "soraCheckUsername",
        schemas.UsernameAvailability, 400,
        body=request_body(schemas.UsernameBody, JSON, URLENCODED),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_USERNAME}/set", routes.set_username, "soraSetUsername",
        ProfileObject, 400, body=request_body(schemas.UsernameBody, JSON, URLENCODED),
    )  # fmt: skip
    session_routes.add_routes(table, context)


@dataclass(slots=True)
class SoraAccountRoutes:
    """Handlers of accounts."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    async def me(self, request: Request) -> Response:
        """Retrieve the caller's account."""
        return _json(serializers.me(await self._profile(request)))

    async def my_profile(self, request: Request) -> Response:
        """Retrieve the caller's profile and account (extension)."""
        return _json(serializers.my_profile(await self._profile(request)))

    async def authenticate(self, request: Request) -> Response:
        """Check the access token and retrieve its account (extension)."""
        found = await self._profile(request)
        return _json({"authenticated": True, "user": serializers.me(found)})

    async def initialize(self, request: Request) -> Response:
        """Return success; for compatibility with clients that call it at start (extension)."""
        await self.auth.caller(request)
        return _json({"success": True})

    async def models(self, request: Request) -> Response:
        """List video models (extension)."""
        await self.auth.caller(request)
        found = self.context.core.jobs.catalog.models()
        return _json(serializers.models([one for one in found if one.kind is MediaKind.VIDEO]))

    async def parameters(self, request: Request) -> Response:
        """Retrieve the limits of the account's plan (extension)."""
        plan, limits = await self.auth.call(request, self._plan)
        return _json(serializers.parameters(plan, limits))

    async def subscriptions(self, request: Request) -> Response:
        """Retrieve the account's subscription.

        `data` is empty for the free plan.
        """
        return _json(serializers.subscriptions(await self._profile(request)))

    async def credit_balance(self, request: Request) -> Response:
        """Retrieve the credit balance."""
        found = await self.auth.call(request, self.context.core.profiles.quota)
        return _json(serializers.credit_balance(found))

    async def check(self, request: Request) -> Response:
        """Retrieve the video quota: videos left by the plan and by the credits."""
        found = await self.auth.call(request, self.context.core.profiles.quota)
        return _json(serializers.check(found))

    async def invites(self, request: Request) -> Response:
        """Retrieve the account's invite code.

        The status is 401 until the account is activated, and 403 `unsupported_country_code` for
        clients in a country that is not served.
        """
        check_country(request, self.context)
        found = await self.auth.call(request, self.context.core.profiles.invites)
        return _json(serializers.invites(found))

    async def bootstrap(self, request: Request) -> Response:
        """Activate the account if sign-up is open."""
        await self.auth.call(request, self.context.core.profiles.bootstrap)
        return _json({"success": True})

    async def accept_invite(self, request: Request) -> Response:
        """Activate the account with an invite code.

        It has no effect on an active account.
        """
        caller, fields = await self._read(request)
        body = parse(schemas.AcceptInvite, fields)
        accept = self.context.core.profiles.accept_invite
        activated = await self.context.call(accept, caller, body.invite_code)
        return _json({"success": True, "already_accepted": not activated})

    async def check_username(self, request: Request) -> Response:
        """Check the availability of a username."""
        caller, fields = await self._read(request)
        body = parse(schemas.UsernameBody, fields)
        is_free = self.context.core.profiles.username_is_free
        return _json({"available": await self.context.call(is_free, caller, body.username)})

    async def set_username(self, request: Request) -> Response:
        """Set the account's username."""
        caller, fields = await self._read(request)
        body = parse(schemas.UsernameBody, fields)
        set_username = self.context.core.profiles.set_username
        found = await self.context.call(set_username, caller, body.username)
        return _json(profile_json(found))

    async def _profile(self, request: Request) -> Profile:
        return await self.auth.call(request, self._own_profile)

    def _own_profile(self, caller: Caller) -> Profile:
        return self.context.core.profiles.profile(caller.account_id)

    def _plan(self, caller: Caller) -> tuple[Plan, PlanLimits]:
        plan = self.context.core.profiles.plan_of(caller)
        return plan, self.context.core.profiles.plan_limits(plan)

    async def _read(self, request: Request) -> tuple[Caller, Fields]:
        # The caller is authenticated first: only callers learn what is wrong with a body.
        caller = await self.auth.caller(request)
        return caller, await read_fields(request, session_routes.MAX_BODY_BYTES)


def _json(value: dict[str, Any]) -> Response:
    return json_response(value, _PRIVATE)
