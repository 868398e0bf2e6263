"""The routes that tokens come from: sign-up, log-in, the session's cookie, the refresh token."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.auth import requests, serializers
from hinode.api.sora.auth.endpoints import MAX_BODY_BYTES, json_response
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.front_door import Admission, FrontDoor

SESSION_COOKIE = "__Secure-next-auth.session-token"
_JWKS_MAX_AGE = 3_600


@dataclass(frozen=True, slots=True)
class SoraSessionEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    @property
    def _auth_service(self) -> FrontDoor:
        return self.context.core.auth.door

    async def session(self, request: Request) -> Response:
        """Return a session and a fresh access token, by its cookie or by an access token.

        Without either the answer is an empty object; with one that is not good it is a 401.
        """
        cookie, token = request.cookies.get(SESSION_COOKIE), secret_of(request)
        if cookie:
            found = await self.context.call(self._auth_service.renew, cookie)
        elif token:
            found = await self.context.call(self._auth_service.renew_by_access, token)
        else:
            return json_response({})
        return json_response(serializers.session(found))

    async def token(self, request: Request) -> Response:
        """Exchange a refresh token for an access token and the next refresh token.

        Each is good for one use: one that comes again ends the session, for whoever has a copy.
        """
        refresh = requests.read_refresh_token(await read_fields(request, MAX_BODY_BYTES))
        found = await self.context.call(self._auth_service.refresh, refresh)
        return json_response(serializers.token_response(found, self._auth_service.clock.now()))

    async def sign_up(self, request: Request) -> Response:
        """Make an account (ours); it depends on the setting `signup` whether a code is needed."""
        _reject_cross_site_form(request)
        wanted = requests.read_signup(await read_fields(request, MAX_BODY_BYTES))
        return self._session_response(await self.context.call(self._auth_service.sign_up, wanted))

    async def log_in(self, request: Request) -> Response:
        """Open a session (ours); the answer sets its cookie and tells its tokens once."""
        _reject_cross_site_form(request)
        wanted = requests.read_login(await read_fields(request, MAX_BODY_BYTES))
        found = await self.context.call(
            self._auth_service.log_in, wanted.identifier, wanted.password
        )
        return self._session_response(found)

    async def log_out(self, request: Request) -> Response:
        """End the session of the cookie or of the access token, and all its tokens (ours)."""
        _reject_cross_site_form(request)
        cookie, token = request.cookies.get(SESSION_COOKIE), secret_of(request)
        await self.context.call(self._auth_service.log_out, cookie, token)
        response = json_response({"success": True})
        response.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    async def jwks(self, _request: Request) -> Response:
        """Return the public key that access tokens are signed with (RFC 7517)."""
        found = await self.context.call(self._auth_service.published_keys)
        headers = {"cache-control": f"public, max-age={_JWKS_MAX_AGE}"}
        return Response(dump(found), media_type="application/json", headers=headers)

    def _session_response(self, issued: Admission) -> Response:
        response = json_response(serializers.new_session(issued))
        lifetime = issued.expires_at - self._auth_service.clock.now()
        response.set_cookie(
            SESSION_COOKIE,
            issued.cookie or "",
            max_age=int(lifetime.total_seconds()),
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response


def _reject_cross_site_form(request: Request) -> None:
    """Refuse a form that a page of another site sent: its answer could set or end our cookie.

    Browsers say so themselves (W3C Fetch Metadata). Scripts of other sites may call: of their
    answers no cookie is kept.
    """
    sent = (request.headers.get("sec-fetch-site"), request.headers.get("sec-fetch-mode"))
    if sent == ("cross-site", "navigate"):
        raise HinodeError(
            ErrorCode.INVALID_CREDENTIALS, "Forms on pages of other sites are not accepted here."
        )
