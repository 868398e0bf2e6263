"""Log-in of the web app: a cookie that page scripts cannot read, and access tokens by it.

The cookie is sent to these routes only, so that no cookie authenticates ``/v1``; a page keeps its
access token in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, ParamSpec

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import JSON, URLENCODED, read_fields
from hinode.api.context import ApiContext
from hinode.api.page_origin import require_own_page, require_this_machine
from hinode.api.parsing import Remedy, RequestSchema, Required, parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import request_body
from hinode.api.signup_body import SignUpBody
from hinode.api.studio.common import DOCS, MAX_BODY_BYTES, Done, StudioSchema, private_json
from hinode.api.studio.session_cookie import (
    COOKIE,
    PATH,
    cookie_terms,
    session_cookie_name,
    session_terms,
    set_session_cookie,
)
from hinode.core.auth.session_service import IssuedTokens, SessionService
from hinode.core.auth.types import Audience
from hinode.core.errors import ErrorCode, HinodeError

_DOCS = DOCS.of("log-in")

P = ParamSpec("P")

_APP = f"{PATH}/app"
_Text = Annotated[str, Field(max_length=1_000)]


class AppLogIn(RequestSchema):
    """Credentials of an account."""

    username: Annotated[Required[_Text], Remedy("An e-mail address, account name or username.")] = (
        Field(description="E-mail address, account name or username.")
    )
    password: Annotated[Required[_Text], Remedy("The account's password.")] = Field(
        description="Password of the account."
    )


class AppLink(RequestSchema):
    """The secret of a log-in link."""

    token: Annotated[Required[_Text], Remedy("What follows `#t=` in the link.")] = Field(
        description="Secret of the link: what follows `#t=`."
    )


class SingleSignOnOption(StudioSchema):
    """Log-in by a provider of the operator's."""

    button: str = Field(description="Words for its button.", examples=["Single sign-on"])
    start: str = Field(
        description="Where the button leads, below this server's address; add `?next=` and a page "
        "of the web app.",
        examples=["/api/auth/oidc/start"],
    )
    logout: str = Field(
        description="Where a browser goes after the log-out here, to end the provider's session.",
        examples=["/api/auth/oidc/logout"],
    )


class LogInOptions(StudioSchema):
    """Ways to log in and to sign up."""

    password: bool = Field(description="True if people log in with a password.")
    signup: Literal["off", "invite", "open"] = Field(
        description="Who may create an account: nobody, people with an invite code, everybody."
    )
    single_sign_on: SingleSignOnOption | None = Field(
        description="Log-in by a provider; null without one."
    )
    session: bool = Field(
        description="True if the request brought a session cookie, which may have ended since."
    )


class AppAccess(StudioSchema):
    """An access token of the page. Times are in Unix seconds."""

    access_token: str = Field(
        description="Token for `Authorization: Bearer …`; keep it in memory only."
    )
    token_type: Literal["Bearer"] = Field(description="Always `Bearer`.")
    expires_at: int = Field(description="Expiry of the token, an hour from now at most.")
    session_expires_at: int = Field(description="End of the session unless it is used again.")


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of log-in."""
    routes = LogInRoutes(context)
    table.add(_DOCS, "GET", _APP, routes.options, "appLogInOptions", LogInOptions, public=True)
    for path, endpoint, operation, schema in (
        ("login", routes.log_in, "appLogIn", AppLogIn),
        ("signup", routes.sign_up, "appSignUp", SignUpBody),
        ("link", routes.log_in_by_link, "appLogInByLink", AppLink),
    ):
        table.add(
            _DOCS, "POST", f"{_APP}/{path}", endpoint, operation, AppAccess, 400, 401, 429,
            public=True, body=request_body(schema, JSON, URLENCODED),
        )  # fmt: skip
    cookie = {
        "name": COOKIE,
        "in": "cookie",
        "description": "The session cookie of the web app; over HTTPS `__Secure-hinode_session`.",
        "schema": {"type": "string"},
    }
    table.add(
        _DOCS, "POST", f"{_APP}/token", routes.renew, "appRenewAccess", AppAccess, 401,
        public=True, parameters=[cookie],
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_APP}/logout", routes.log_out, "appLogOut", Done, 401,
        public=True, parameters=[cookie],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogInRoutes:
    """Handlers of log-in; all but the first accept requests of this server's pages only."""

    context: ApiContext

    @property
    def _sessions(self) -> SessionService:
        return self.context.core.sessions

    async def options(self, request: Request) -> Response:
        """Retrieve what the log-in page offers, and whether there is a session to go on with."""
        rules, button = self._sessions.rules, self.context.sign_on_button
        paths = {name: f"{PATH}/oidc/{name}" for name in ("start", "logout")}
        return private_json(
            {
                "password": rules.password_login,
                "signup": rules.signup if rules.password_login else "off",
                "single_sign_on": {"button": button, **paths} if button else None,
                "session": session_cookie_name(request) in request.cookies,
            }
        )

    async def log_in(self, request: Request) -> Response:
        """Log in to the web app with a password.

        The response sets the session cookie, which page scripts cannot read.
        """
        body = parse(AppLogIn, await self._body(request))
        return await self._open(
            request, self._sessions.log_in, body.username, body.password, session_terms(request)
        )

    async def sign_up(self, request: Request) -> Response:
        """Create an account and log in to the web app.

        The server's setting `signup` determines whether an invite code is required.
        """
        body = parse(SignUpBody, await self._body(request))
        return await self._open(
            request, self._sessions.sign_up, body.signup, session_terms(request)
        )

    async def log_in_by_link(self, request: Request) -> Response:
        """Log in to the web app with the link that the server or `hinode login-link` printed.

        A link logs in as the first account, once, within ten minutes, and only in a browser on the
        server's machine; it is not accepted by a server that has a public URL or trusts a proxy.
        """
        body = parse(AppLink, await self._body(request))
        require_this_machine(request)
        if self._public_url or self.context.trusted_proxies:
            raise HinodeError(
                ErrorCode.INVALID_CREDENTIALS,
                "This server is reached through a proxy, where log-in links do not work.",
                hint="Set a password with `hinode account password NAME` and log in with it.",
            )
        links = self.context.core.login_links
        return await self._open(request, links.log_in, body.token, session_terms(request))

    async def renew(self, request: Request) -> Response:
        """Retrieve a new access token of the web app by its session cookie."""
        require_own_page(request, self._public_url)
        cookie = request.cookies.get(session_cookie_name(request))
        if cookie is None:
            raise HinodeError(ErrorCode.ACCESS_REVOKED, "There is no session.", hint="Log in.")
        issued = await self.context.call(self._sessions.renew, cookie, Audience.APP)
        return self._with_cookie(request, issued, cookie)

    async def log_out(self, request: Request) -> Response:
        """Log out of the web app: end the session and revoke its tokens."""
        require_own_page(request, self._public_url)
        name = session_cookie_name(request)
        await self.context.call(self._sessions.log_out, request.cookies.get(name), None)
        response = private_json({"success": True})
        response.delete_cookie(name, **cookie_terms(request))
        return response

    @property
    def _public_url(self) -> str:
        return self.context.links.public_url

    async def _body(self, request: Request) -> dict[str, Any]:
        """Return the fields of a body that nobody's key came with: it is not decompressed."""
        require_own_page(request, self._public_url)
        return await read_fields(request, MAX_BODY_BYTES, compressed=False)

    async def _open(
        self,
        request: Request,
        log_in: Callable[P, IssuedTokens],
        *given: P.args,
        **named: P.kwargs,
    ) -> Response:
        issued = await self.context.call(log_in, *given, **named)
        return self._with_cookie(request, issued, issued.cookie or "")

    def _with_cookie(self, request: Request, issued: IssuedTokens, cookie: str) -> Response:
        response = private_json(
            {
                "access_token": issued.access.secret,
                "token_type": "Bearer",
                "expires_at": int(issued.access.expires_at.timestamp()),
                "session_expires_at": int(issued.expires_at.timestamp()),
            }
        )
        set_session_cookie(request, response, issued, cookie, self._sessions.clock.now())
        return response
