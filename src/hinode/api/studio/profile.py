"""The caller's profile, password and sessions; sessions of the web app only may change them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.cursor_pages import parse_uuid
from hinode.api.parsing import ClosedRequestSchema, Nullable, Remedy, Required
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body
from hinode.api.studio.common import (
    DOCS,
    Done,
    StudioRoutes,
    StudioSchema,
    private_json,
)
from hinode.api.studio.me import OwnAccount, me_object
from hinode.api.unix_times import to_unix
from hinode.core.auth.own_access import ProfileUpdate
from hinode.core.auth.sessions import Session
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError

_DOCS = DOCS.of("account")

_ME = "/v1/me"
_Text = Annotated[str, Field(max_length=1_000)]


class UpdateMe(ClosedRequestSchema):
    """Fields to update; omitted fields are unchanged."""

    display_name: Annotated[str | None, Field(max_length=80)] = Field(
        default=None, description="Name that is shown; an empty one removes it."
    )
    username: Nullable[str] = Field(
        default=None, description="3 to 30 letters, digits, dots or underscores."
    )
    email: Nullable[_Text] = Field(default=None, description="E-mail address.")


class ChangePassword(ClosedRequestSchema):
    """A new password."""

    current_password: Nullable[_Text] = Field(
        default=None, description="The current password; needed if there is one."
    )
    new_password: Annotated[Required[_Text], Remedy("At least 8 characters.")] = Field(
        description="The new password, 8 to 200 characters."
    )


class OwnSession(StudioSchema):
    """A session of the account. Times are in Unix seconds."""

    id: str = Field(description="Id of the session (UUID).")
    audience: Literal["app", "sora"] = Field(
        description="`app`: the web app; `sora`: a client of the Sora dialect."
    )
    current: bool = Field(description="True for the session of this request.")
    client: str = Field(description="The program that opened it, as it calls itself.")
    created_at: int = Field(description="Time of the log-in.")
    expires_at: int = Field(description="End of the session unless it is used again.")


class OwnSessions(StudioSchema):
    """The sessions of the account, newest first."""

    data: list[OwnSession] = Field(description="The sessions.")


class ProfileRoutes(StudioRoutes):
    """Handlers of the profile, the password and sessions."""

    async def update(self, request: Request) -> Response:
        """Update the caller's profile: display name, username, e-mail address."""
        caller, parsed = await self.body(request, UpdateMe)
        wanted = ProfileUpdate(parsed.display_name, parsed.username, parsed.email)
        await self.context.call(self.context.core.own_access.update_profile, caller, wanted)
        found = await self.context.call(self.context.core.own_account.view, caller)
        return private_json(me_object(self.context, caller, found))

    async def change_password(self, request: Request) -> Response:
        """Change the caller's password; every session ends, also this one.

        Log in again with the new password.
        """
        caller, parsed = await self.body(request, ChangePassword)
        change = self.context.core.own_access.change_password
        await self.context.call(change, caller, parsed.current_password, parsed.new_password)
        return private_json({"success": True})

    async def sessions(self, request: Request) -> Response:
        """List the sessions of the caller's account."""

        def found(caller: Caller) -> tuple[Caller, list[Session]]:
            return caller, self.context.core.own_access.own_sessions(caller)

        caller, sessions = await self.auth.call(request, found)
        return private_json({"data": [_session(one, caller) for one in sessions]})

    async def end_session(self, request: Request, session_id: str) -> Response:
        """End a session of the caller's account; its tokens stop working at once."""
        own = self.context.core.own_access
        await self.auth.call(
            request, lambda caller: own.end_session(caller, parse_id(session_id, "session"))
        )
        return private_json({"success": True})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the profile, the password and sessions."""
    routes = ProfileRoutes(context)
    table.add(
        _DOCS, "PATCH", _ME, routes.update, "updateMe", OwnAccount, 400, 409,
        body=json_body(UpdateMe),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_ME}/password", routes.change_password, "changePassword", Done, 400, 429,
        body=json_body(ChangePassword),
    )  # fmt: skip
    table.add(_DOCS, "GET", f"{_ME}/sessions", routes.sessions, "listSessions", OwnSessions)
    table.add(
        _DOCS, "DELETE", f"{_ME}/sessions/{{session_id}}", routes.end_session, "endSession", Done,
        404,
    )  # fmt: skip


def parse_id(text: str, what: str) -> UUID:
    """Return the id of a resource. Raises :class:`HinodeError` (not found) for anything else."""
    found = parse_uuid(text)
    if found is None:
        raise HinodeError(ErrorCode.PROFILE_NOT_FOUND, f"There is no such {what}.", param="id")
    return found


def _session(one: Session, caller: Caller) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "audience": one.terms.audience.value,
        "current": one.id == caller.session_id,
        "client": one.terms.client,
        "created_at": to_unix(one.created_at),
        "expires_at": to_unix(one.expires_at),
    }
