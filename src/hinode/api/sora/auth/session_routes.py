"""Routes of sessions: sign-up, log-in, the session's cookie, the refresh token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import JSON, URLENCODED, read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.page_origin import reject_foreign_page
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import request_body
from hinode.api.signup_body import SignUpBody
from hinode.api.sora.auth import schemas, serializers
from hinode.api.sora.openapi import DOCS
from hinode.api.values import Fields, missing
from hinode.core.auth.session_service import IssuedTokens, SessionService

_DOCS = DOCS.of("log-in")

MAX_BODY_BYTES = 64_000
"""Maximum size of a body in bytes."""

SESSION_COOKIE = "__Secure-next-auth.session-token"
_JWKS_MAX_AGE = 3_600


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of sessions and tokens."""
    routes = SessionRoutes(context)
    cookie = {
        "name": SESSION_COOKIE,
        "in": "cookie",
        "description": "The session cookie.",
        "schema": {"type": "string"},
    }
    table.add(
        _DOCS, "GET", "/api/auth/session", routes.session, "soraSession", schemas.OptionalSession,
        401, public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/api/auth/signup", routes.sign_up, "soraSignUp", schemas.SessionWithTokens,
        400, 401, 429, public=True, body=request_body(SignUpBody, JSON, URLENCODED),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/api/auth/login", routes.log_in, "soraLogIn", schemas.SessionWithTokens,
        400, 401, 429, public=True, body=request_body(schemas.LogInRequest, JSON, URLENCODED),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/api/auth/logout", routes.log_out, "soraLogOut", schemas.SuccessResponse,
        401, public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        _DOCS, "POST", "/oauth/token", routes.token, "soraToken", schemas.TokenResponse,
        400, public=True, body=request_body(schemas.TokenRequest, JSON, URLENCODED),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/.well-known/jwks.json", routes.jwks, "soraKeys", schemas.JsonWebKeySet,
        public=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionRoutes:
    """Handlers of sessions, which authenticate by cookie, password or token."""

    context: ApiContext

    @property
    def _service(self) -> SessionService:
        return self.context.core.sessions

    async def session(self, request: Request) -> Response:
        """Retrieve a session with a new access token, by its cookie or an access token.

        Without credentials the body is an empty object; with invalid ones the status is 401.
        """
        cookie, token = request.cookies.get(SESSION_COOKIE), secret_of(request)
        if cookie:
            found = await self.context.call(self._service.renew, cookie)
        elif token:
            found = await self.context.call(self._service.renew_by_access, token)
        else:
            return _json({})
        return _json(serializers.session(found))

    async def token(self, request: Request) -> Response:
        """Exchange a refresh token for new tokens.

        A refresh token can be used once; reuse ends the session, since the token may be stolen.
        """
        body = parse(schemas.TokenRequest, await _public_body(request))
        found = await self.context.call(self._service.refresh, body.refresh_token)
        return _json(serializers.token_response(found, self._service.clock.now()))

    async def sign_up(self, request: Request) -> Response:
        """Create an account and open a session (extension).

        The server's setting `signup` determines whether an invite code is required.
        """
        reject_foreign_page(request, self.context.links.public_url)
        body = parse(SignUpBody, await _public_body(request))
        return self._session_response(await self.context.call(self._service.sign_up, body.signup))

    async def log_in(self, request: Request) -> Response:
        """Log in and open a session (extension).

        The response sets the session cookie and has the tokens, which are not shown again.
        """
        reject_foreign_page(request, self.context.links.public_url)
        body = parse(schemas.LogInRequest, await _public_body(request))
        identifier = body.email or body.username
        if identifier is None:
            raise missing("email", "An e-mail address or, as 'username', a username.")
        found = await self.context.call(self._service.log_in, identifier, body.password)
        return self._session_response(found)

    async def log_out(self, request: Request) -> Response:
        """Log out: end the session and revoke its tokens (extension)."""
        reject_foreign_page(request, self.context.links.public_url)
        cookie, token = request.cookies.get(SESSION_COOKIE), secret_of(request)
        await self.context.call(self._service.log_out, cookie, token)
        response = _json({"success": True})
        response.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    async def jwks(self, _request: Request) -> Response:
        """Retrieve the public key of access tokens as a JSON Web Key Set (RFC 7517)."""
        found = await self.context.call(self._service.published_keys)
        return json_response(found, {"cache-control": f"public, max-age={_JWKS_MAX_AGE}"})

    def _session_response(self, issued: IssuedTokens) -> Response:
        response = _json(serializers.new_session(issued))
        lifetime = issued.expires_at - self._service.clock.now()
        response.set_cookie(
            SESSION_COOKIE,
            issued.cookie or "",
            max_age=int(lifetime.total_seconds()),
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response


async def _public_body(request: Request) -> Fields:
    """Return the fields of a body that nobody's key came with: it is not decompressed."""
    return await read_fields(request, MAX_BODY_BYTES, compressed=False)


def _json(value: dict[str, Any]) -> Response:
    return json_response(value, {"cache-control": "no-store"})
