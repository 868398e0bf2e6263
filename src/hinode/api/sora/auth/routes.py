"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.auth import schemas
from hinode.api.sora.auth.endpoints import SoraAccountEndpoints
from hinode.api.sora.auth.session_endpoints import SESSION_COOKIE, SoraSessionEndpoints
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts.schemas import ProfileObject

_INVITE = "/backend/project_y/invite"
_USERNAME = "/backend/project_y/profile/username"
_INITIALIZE = "/backend/project_y/initialize_async"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    _add_account_routes(table, SoraAccountEndpoints(context))
    _add_session_routes(table, SoraSessionEndpoints(context))


def _add_account_routes(table: RouteTable, routes: SoraAccountEndpoints) -> None:
    get_routes = (
        ("/backend/me", routes.me, "soraMe", schemas.MeObject),
        ("/backend/project_y/v2/me", routes.my_profile, "soraMyProfile", schemas.MyProfile),
        ("/backend/authenticate", routes.authenticate, "soraAuthenticate",
            schemas.AuthenticationStatus),
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
    )  # fmt: skip
    for path, endpoint, operation, response_model in get_routes:
        table.add(DOCS, "GET", path, endpoint, operation, response_model)
    table.add(
        DOCS, "POST", _INITIALIZE, routes.initialize, "soraInitializeAgain", schemas.SuccessResponse
    )
    table.add(
        DOCS, "GET", f"{_INVITE}/mine", routes.invites, "soraInvites", schemas.InviteStatus, 403
    )
    table.add(
        DOCS, "POST", f"{_INVITE}/accept", routes.accept_invite, "soraAcceptInvite",
        schemas.InviteAccepted, 400, 429, body=_body("invite_code"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_USERNAME}/check", routes.check_username, "soraCheckUsername",
        schemas.UsernameAvailability, 400, body=_body("username"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_USERNAME}/set", routes.set_username, "soraSetUsername",
        ProfileObject, 400, body=_body("username"),
    )  # fmt: skip


def _add_session_routes(table: RouteTable, routes: SoraSessionEndpoints) -> None:
    cookie = {"name": SESSION_COOKIE, "in": "cookie", "schema": {"type": "string"}}
    table.add(
        DOCS, "GET", "/api/auth/session", routes.session, "soraSession", schemas.OptionalSession,
        401,
        public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/signup", routes.sign_up, "soraSignUp", schemas.SessionWithTokens,
        400, 401, 429, public=True,
        body=_body("email", "password", optional=("username", "invite_code")),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/login", routes.log_in, "soraLogIn", schemas.SessionWithTokens,
        400, 401, 429, public=True, body=_body("email", "password"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/logout", routes.log_out, "soraLogOut", schemas.SuccessResponse,
        401,
        public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/oauth/token", routes.token, "soraToken", schemas.TokenResponse, 400,
        public=True,
        body=_body("refresh_token", optional=("grant_type", "client_id", "redirect_uri")),
    )  # fmt: skip
    table.add(
        DOCS, "GET", "/.well-known/jwks.json", routes.jwks, "soraKeys", schemas.JsonWebKeySet,
        public=True,
    )  # fmt: skip


def _body(*required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in (*required, *optional)}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
