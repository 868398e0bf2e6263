"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.adding import DOCS
from hinode.api.sora.identity import wire
from hinode.api.sora.identity.door_routes import COOKIE, DoorRoutes
from hinode.api.sora.identity.routes import IdentityRoutes
from hinode.api.sora.posts.wire import Profile

_INVITE = "/backend/project_y/invite"
_USERNAME = "/backend/project_y/profile/username"
_INITIALIZE = "/backend/project_y/initialize_async"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    _add_accounts(table, IdentityRoutes(context))
    _add_door(table, DoorRoutes(context))


def _add_accounts(table: RouteTable, routes: IdentityRoutes) -> None:
    plain = (
        ("/backend/me", routes.me, "soraMe", wire.Me),
        ("/backend/project_y/v2/me", routes.my_profile, "soraMyProfile", wire.MyProfile),
        ("/backend/authenticate", routes.authenticate, "soraAuthenticate", wire.Authenticated),
        ("/backend/models", routes.models, "soraModels", wire.ModelNames),
        ("/backend/parameters", routes.parameters, "soraParameters", wire.Parameters),
        (_INITIALIZE, routes.initialize, "soraInitialize", wire.Done),
        (
            "/backend/billing/subscriptions", routes.subscriptions, "soraSubscriptions",
            wire.Subscriptions,
        ),
        (
            "/backend/billing/credit_balance", routes.credit_balance, "soraCreditBalance",
            wire.CreditBalance,
        ),
        ("/backend/nf/check", routes.check, "soraCheck", wire.Check),
        ("/backend/m/bootstrap", routes.bootstrap, "soraBootstrap", wire.Done),
    )  # fmt: skip
    for path, endpoint, operation, shape in plain:
        table.add(DOCS, "GET", path, endpoint, operation, shape)
    table.add(DOCS, "POST", _INITIALIZE, routes.initialize, "soraInitializeAgain", wire.Done)
    table.add(DOCS, "GET", f"{_INVITE}/mine", routes.invites, "soraInvites", wire.OwnInvites, 403)
    table.add(
        DOCS, "POST", f"{_INVITE}/accept", routes.accept_invite, "soraAcceptInvite",
        wire.InviteAccepted, 400, 429, body=_body("invite_code"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_USERNAME}/check", routes.check_username, "soraCheckUsername",
        wire.UsernameAvailable, 400, body=_body("username"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", f"{_USERNAME}/set", routes.set_username, "soraSetUsername",
        Profile, 400, body=_body("username"),
    )  # fmt: skip


def _add_door(table: RouteTable, routes: DoorRoutes) -> None:
    cookie = {"name": COOKIE, "in": "cookie", "schema": {"type": "string"}}
    table.add(
        DOCS, "GET", "/api/auth/session", routes.session, "soraSession", wire.SessionOrNothing, 401,
        public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/signup", routes.sign_up, "soraSignUp", wire.OpenedSession,
        400, 401, 429, public=True,
        body=_body("email", "password", optional=("username", "invite_code")),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/login", routes.log_in, "soraLogIn", wire.OpenedSession,
        400, 401, 429, public=True, body=_body("email", "password"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/api/auth/logout", routes.log_out, "soraLogOut", wire.Done, 401,
        public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/oauth/token", routes.token, "soraToken", wire.Grant, 400, public=True,
        body=_body("refresh_token", optional=("grant_type", "client_id", "redirect_uri")),
    )  # fmt: skip
    table.add(
        DOCS, "GET", "/.well-known/jwks.json", routes.keys, "soraKeys", wire.KeySet,
        public=True,
    )  # fmt: skip


def _body(*required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in (*required, *optional)}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
