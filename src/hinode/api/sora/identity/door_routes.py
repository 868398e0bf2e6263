"""The routes that tokens come from: sign-up, log-in, the session's cookie, the refresh token."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bearer import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.jsontext import dump
from hinode.api.sora.identity import asked, translate
from hinode.api.sora.identity.routes import BODY_LIMIT, answer
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.front_door import Admission, FrontDoor

COOKIE = "__Secure-next-auth.session-token"
_KEYS_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class DoorRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    @property
    def _door(self) -> FrontDoor:
        return self.context.members.door

    async def session(self, request: Request) -> Response:
        """Return a session and a fresh access token, by its cookie or by an access token.

        Without either the answer is an empty object; with one that is not good it is a 401.
        """
        cookie, token = request.cookies.get(COOKIE), secret_of(request)
        if cookie:
            found = await self.context.call(self._door.renew, cookie)
        elif token:
            found = await self.context.call(self._door.renew_by_access, token)
        else:
            return answer({})
        return answer(translate.session(found))

    async def token(self, request: Request) -> Response:
        """Exchange a refresh token for an access token and the next refresh token.

        Each is good for one use: one that comes again ends the session, for whoever has a copy.
        """
        refresh = asked.read_refresh(await read_fields(request, BODY_LIMIT))
        found = await self.context.call(self._door.refresh, refresh)
        return answer(translate.grant(found, self._door.clock.now()))

    async def sign_up(self, request: Request) -> Response:
        """Make an account (ours); it depends on the setting `signup` whether a code is needed."""
        _refuse_other_sites(request)
        wanted = asked.read_sign_up(await read_fields(request, BODY_LIMIT))
        return self._opened(await self.context.call(self._door.sign_up, wanted))

    async def log_in(self, request: Request) -> Response:
        """Open a session (ours); the answer sets its cookie and tells its tokens once."""
        _refuse_other_sites(request)
        wanted = asked.read_log_in(await read_fields(request, BODY_LIMIT))
        found = await self.context.call(self._door.log_in, wanted.who, wanted.password)
        return self._opened(found)

    async def log_out(self, request: Request) -> Response:
        """End the session of the cookie or of the access token, and all its tokens (ours)."""
        _refuse_other_sites(request)
        cookie, token = request.cookies.get(COOKIE), secret_of(request)
        await self.context.call(self._door.log_out, cookie, token)
        response = answer({"success": True})
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax")
        return response

    async def keys(self, _request: Request) -> Response:
        """Return the public key that access tokens are signed with (RFC 7517)."""
        found = await self.context.call(self._door.published_keys)
        headers = {"cache-control": f"public, max-age={_KEYS_SECONDS}"}
        return Response(dump(found), media_type="application/json", headers=headers)

    def _opened(self, admission: Admission) -> Response:
        response = answer(translate.opened(admission))
        lasts = admission.expires_at - self._door.clock.now()
        response.set_cookie(
            COOKIE,
            admission.cookie or "",
            max_age=int(lasts.total_seconds()),
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response


def _refuse_other_sites(request: Request) -> None:
    """Refuse a form that a page of another site sent: its answer could set or end our cookie.

    Browsers say so themselves (W3C Fetch Metadata). Scripts of other sites may call: of their
    answers no cookie is kept.
    """
    sent = (request.headers.get("sec-fetch-site"), request.headers.get("sec-fetch-mode"))
    if sent == ("cross-site", "navigate"):
        raise StudioError(
            ErrorCode.LOGIN_REFUSED, "Forms on pages of other sites are not accepted here."
        )
