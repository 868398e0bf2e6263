"""Log-in by the provider of `[oidc]`: browsers go there and come back with a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import compare_digest
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.studio.common import DOCS
from hinode.api.studio.session_cookie import PATH, session_terms, set_session_cookie
from hinode.api.studio.sign_on_cookie import (
    BegunSignOn,
    delete_sign_on_cookie,
    read_sign_on_cookie,
    set_sign_on_cookie,
)
from hinode.core.auth.single_sign_on import Identity
from hinode.core.errors import HinodeError
from hinode.kit.openid_connect import OpenIdClient, SignOnAttempt, SignOnFailed

log = structlog.get_logger("hinode.single_sign_on")

_DOCS = DOCS.of("log-in")

_HERE = f"{PATH}/oidc"
_TO_APP = "../../../app"
"""The web app as seen from these routes, below whatever path a proxy puts the server."""

_PAGE = re.compile(r"/(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/?)*")
_LONGEST = 2_000
_NEXT = {
    "name": "next",
    "in": "query",
    "schema": {"type": "string", "default": "/studio"},
    "description": "Page of the web app to end at, below `/app`.",
}
_ANSWER: list[Mapping[str, Any]] = [
    {"name": name, "in": "query", "schema": {"type": "string"}, "description": text}
    for name, text in (
        ("code", "Code of the provider, which is exchanged once."),
        ("state", "State of the attempt; it must be that of the cookie."),
        ("iss", "Issuer of the answer (RFC 9207)."),
        ("error", "Why the provider gives no code."),
    )
]


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of single sign-on."""
    routes = SingleSignOnRoutes(context)
    for name, endpoint, operation, parameters in (
        ("start", routes.start, "appStartSingleSignOn", [_NEXT]),
        ("callback", routes.callback, "appFinishSingleSignOn", _ANSWER),
        ("logout", routes.log_out, "appEndSingleSignOn", []),
    ):
        table.add(
            _DOCS, "GET", f"{_HERE}/{name}", endpoint, operation, None,
            success=303, public=True, parameters=parameters,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SingleSignOnRoutes:
    """Handlers that browsers come to; all redirect, so that people see a page."""

    context: ApiContext

    async def start(self, request: Request) -> Response:
        """Begin single sign-on: redirect the browser to the provider.

        A cookie binds the attempt to this browser for ten minutes.
        """
        client, attempt = self.context.single_sign_on, SignOnAttempt.new()
        if client is None:
            return _to_login("sign_on_off")
        begun = BegunSignOn(attempt, _page(request.query_params.get("next", "")))
        try:
            url = await client.authorization_url(attempt, self._redirect_uri(request))
        except SignOnFailed as error:
            return _failed(error)
        response = _redirect(url)
        set_sign_on_cookie(request, response, begun, self.context.links.signer, self._now())
        return response

    async def callback(self, request: Request) -> Response:
        """Finish single sign-on: verify the provider's answer and log in to the web app.

        It redirects to the page that was asked for; after a failure to `/app/login?error=` with
        `sign_on_denied`, `sign_on_expired` (also: begun in another browser), `sign_on_refused` or
        `sign_on_failed`, whose reason is in the server's log.
        """
        begun = read_sign_on_cookie(request, self.context.links.signer, self._now())
        response = await self._finish(request, begun)
        delete_sign_on_cookie(request, response)
        return response

    async def log_out(self, request: Request) -> Response:
        """End the session at the provider, after the log-out here: redirect the browser there.

        It comes back to the log-in page; a provider without such a place is not visited.
        """
        client, back = self.context.single_sign_on, self._base(request) + "/app/login"
        if client is None:
            return _to_login(None)
        try:
            return _redirect(await client.end_session_url(back) or f"{_TO_APP}/login")
        except SignOnFailed as error:
            log.warning("the provider of single sign-on has no log-out", reason=str(error))
            return _to_login(None)

    async def _finish(self, request: Request, begun: BegunSignOn | None) -> Response:
        client, given = self.context.single_sign_on, request.query_params
        if client is None:
            return _to_login("sign_on_off")
        state = given.get("state", "")
        if begun is None or not compare_digest(begun.attempt.state.encode(), state.encode()):
            return _to_login("sign_on_expired")
        if given.get("iss", client.issuer) != client.issuer:
            return _failed(SignOnFailed("the answer is of another issuer"))
        code = given.get("code", "")
        if not code or len(code) > _LONGEST:
            return _to_login("sign_on_denied")
        return await self._log_in(request, client, code, begun)

    async def _log_in(
        self, request: Request, client: OpenIdClient, code: str, begun: BegunSignOn
    ) -> Response:
        sign_on, now, here = self.context.core.single_sign_on, self._now(), self._base(request)
        try:
            await self.context.call(sign_on.count_attempt)
            claims = await client.claims(code, begun.attempt, self._redirect_uri(request), now)
            person = _person(client.issuer, claims, self.context.groups_claim)
            issued = await self.context.call(sign_on.log_in, person, session_terms(request))
        except SignOnFailed as error:
            return _failed(error)
        except HinodeError as error:
            log.warning("single sign-on was refused", reason=error.message)
            return _to_login("sign_on_refused")
        response = _redirect(_TO_APP + _page(begun.page))
        # The provider sent the browser below the base: there the page's calls are too.
        path = f"{urlsplit(here).path}{PATH}/app"
        set_session_cookie(request, response, issued, issued.cookie or "", now, path)
        return response

    def _base(self, request: Request) -> str:
        return self.context.links.base(request).rstrip("/")

    def _redirect_uri(self, request: Request) -> str:
        return f"{self._base(request)}{_HERE}/callback"

    def _now(self) -> datetime:
        return self.context.core.sessions.clock.now()


def _person(issuer: str, claims: Mapping[str, Any], groups_claim: str) -> Identity:
    groups, email = claims.get(groups_claim), claims.get("email")
    name = claims.get("name") or claims.get("preferred_username")
    if isinstance(groups, str):
        groups = [groups]
    return Identity(
        issuer,
        str(claims["sub"]),
        frozenset(str(one) for one in groups) if isinstance(groups, list) else frozenset(),
        # Also as text: some providers send it so.
        email
        if isinstance(email, str) and claims.get("email_verified") in (True, "true")
        else None,
        name if isinstance(name, str) else None,
    )


def _page(wanted: str) -> str:
    """Return a page below `/app`: what a request names, if it is a plain path of ours."""
    return wanted if len(wanted) <= 200 and _PAGE.fullmatch(wanted) else "/studio"


def _failed(error: SignOnFailed) -> Response:
    log.warning("single sign-on failed", reason=str(error))
    return _to_login("sign_on_failed")


def _to_login(error: str | None) -> Response:
    return _redirect(f"{_TO_APP}/login" + (f"?error={error}" if error else ""))


def _redirect(url: str) -> Response:
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(url, 303, headers=headers)
