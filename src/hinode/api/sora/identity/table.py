"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from hinode.api.context import ApiContext
from hinode.api.sora.adding import add
from hinode.api.sora.identity import wire
from hinode.api.sora.identity.door_routes import COOKIE, DoorRoutes
from hinode.api.sora.identity.routes import IdentityRoutes
from hinode.api.sora.posts.wire import Profile

_INVITE = "/backend/project_y/invite"
_USERNAME = "/backend/project_y/profile/username"
_INITIALIZE = "/backend/project_y/initialize_async"


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    _add_accounts(app, IdentityRoutes(context))
    _add_door(app, DoorRoutes(context))


def _add_accounts(app: FastAPI, routes: IdentityRoutes) -> None:
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
        add(app, "GET", path, endpoint, operation, shape)
    add(app, "POST", _INITIALIZE, routes.initialize, "soraInitializeAgain", wire.Done)
    add(app, "GET", f"{_INVITE}/mine", routes.invites, "soraInvites", wire.OwnInvites, 403)
    add(
        app, "POST", f"{_INVITE}/accept", routes.accept_invite, "soraAcceptInvite",
        wire.InviteAccepted, 400, 429, requestBody=_body("invite_code"),
    )  # fmt: skip
    add(
        app, "POST", f"{_USERNAME}/check", routes.check_username, "soraCheckUsername",
        wire.UsernameAvailable, 400, requestBody=_body("username"),
    )  # fmt: skip
    add(
        app, "POST", f"{_USERNAME}/set", routes.set_username, "soraSetUsername",
        Profile, 400, requestBody=_body("username"),
    )  # fmt: skip


def _add_door(app: FastAPI, routes: DoorRoutes) -> None:
    cookie = {"name": COOKIE, "in": "cookie", "schema": {"type": "string"}}
    add(
        app, "GET", "/api/auth/session", routes.session, "soraSession", wire.SessionOrNothing, 401,
        open_to_all=True, parameters=[cookie],
    )  # fmt: skip
    add(
        app, "POST", "/api/auth/signup", routes.sign_up, "soraSignUp", wire.OpenedSession,
        400, 401, 429, open_to_all=True,
        requestBody=_body("email", "password", optional=("username", "invite_code")),
    )  # fmt: skip
    add(
        app, "POST", "/api/auth/login", routes.log_in, "soraLogIn", wire.OpenedSession,
        400, 401, 429, open_to_all=True, requestBody=_body("email", "password"),
    )  # fmt: skip
    add(
        app, "POST", "/api/auth/logout", routes.log_out, "soraLogOut", wire.Done, 401,
        open_to_all=True, parameters=[cookie],
    )  # fmt: skip
    add(
        app, "POST", "/oauth/token", routes.token, "soraToken", wire.Grant, 400, open_to_all=True,
        requestBody=_body("refresh_token", optional=("grant_type", "client_id", "redirect_uri")),
    )  # fmt: skip
    add(
        app, "GET", "/.well-known/jwks.json", routes.keys, "soraKeys", wire.KeySet,
        open_to_all=True,
    )  # fmt: skip


def _body(*required: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    properties = {name: {"type": "string"} for name in (*required, *optional)}
    schema = {"type": "object", "properties": properties, "required": list(required)}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
