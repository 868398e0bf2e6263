"""The caller's own account, and what it chooses from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.studio.common import DOCS, StudioRoutes, StudioSchema, private_json
from hinode.api.unix_times import to_unix
from hinode.core.auth.types import Caller, Scope
from hinode.core.jobs.accounting import CreditSummary
from hinode.core.jobs.own_account import OwnAccountView
from hinode.core.text_checks import MAX_PROMPT
from hinode.media.types import Style

_DOCS = DOCS.of("account")

PlanName = Literal["free", "plus", "pro", "team"]
_MAX_OUTPUTS = 4


class OwnCredits(StudioSchema):
    """Credits of an account."""

    balance: int | None = Field(description="Credits left; null if unlimited.")
    unlimited: bool = Field(description="True if credits are unlimited.")
    held: int = Field(description="Credits held for unfinished jobs.")
    spent: int = Field(description="Credits charged so far.")


class OwnLimits(StudioSchema):
    """Limits of an account, and what it uses of them; null is no limit."""

    unfinished_jobs: int = Field(description="Jobs that have not ended.")
    max_unfinished_jobs: int | None = Field(description="Most of them at once.")
    stored_bytes: int = Field(description="Bytes of uploaded files and of inputs of jobs.")
    max_stored_bytes: int | None = Field(description="Most of them.")
    max_body_bytes: int = Field(description="Largest body of a request.")
    max_prompt_characters: int = Field(description="Longest prompt.")
    max_outputs: int = Field(description="Most outputs of a job; a model may allow fewer.")
    max_priority: Literal["low", "normal", "high"] = Field(
        description="Highest priority that a request may ask for."
    )


class OwnAccount(StudioSchema):
    """The caller's account."""

    id: str = Field(description="Id of the account (UUID).")
    name: str = Field(description="Unique name of the account.")
    username: str | None = Field(description="Username; null until it is set.")
    display_name: str = Field(description="Name that is shown.")
    email: str = Field(description="E-mail address.")
    role: Literal["user", "operator"] = Field(description="Role of the account.")
    operator: bool = Field(description="True if these credentials may call the admin API.")
    scopes: list[str] = Field(description="Parts of the API that these credentials may use.")
    plan: PlanName = Field(description="Plan of the account.")
    credits: OwnCredits = Field(description="Its credits.")
    limits: OwnLimits = Field(description="Its limits.")
    created_at: int = Field(description="Time of creation in Unix seconds.")


class StyleObject(StudioSchema):
    """A style that a video may have."""

    id: str = Field(description="Value of the field `style`.", examples=["anime"])


class StyleList(StudioSchema):
    """The styles."""

    data: list[StyleObject] = Field(description="The styles.")


class MeRoutes(StudioRoutes):
    """Handlers of the caller's own account."""

    async def me(self, request: Request) -> Response:
        """Retrieve the caller's account: role, plan, credits and limits."""

        def view(caller: Caller) -> tuple[Caller, OwnAccountView]:
            return caller, self.context.core.own_account.view(caller)

        caller, found = await self.auth.call(request, view)
        return private_json(me_object(self.context, caller, found))

    async def styles(self, request: Request) -> Response:
        """List the styles that a video may have."""
        await self.auth.caller(request)
        return private_json({"data": [{"id": one.value} for one in Style]})


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the caller's own account."""
    routes = MeRoutes(context)
    table.add(_DOCS, "GET", "/v1/me", routes.me, "retrieveMe", OwnAccount)
    table.add(_DOCS, "GET", "/v1/styles", routes.styles, "listStyles", StyleList)


def me_object(context: ApiContext, caller: Caller, found: OwnAccountView) -> dict[str, Any]:
    """Return the JSON of an account for its owner."""
    account, profile = found.account, found.profile
    return {
        "id": str(account.id),
        "name": account.name,
        "username": profile.username,
        "display_name": profile.display_name,
        "email": profile.email,
        "role": account.role.value,
        "operator": Scope.ADMIN in caller.scopes,
        "scopes": sorted(caller.scopes),
        "plan": account.plan.value,
        "credits": credits_object(found.credits),
        "limits": _limits(context, caller, found),
        "created_at": to_unix(account.created_at),
    }


def credits_object(summary: CreditSummary) -> dict[str, Any]:
    """Return the JSON of an account's credits."""
    return {
        "balance": summary.balance,
        "unlimited": summary.balance is None,
        "held": summary.held,
        "spent": summary.spent,
    }


def _limits(context: ApiContext, caller: Caller, found: OwnAccountView) -> dict[str, Any]:
    lifecycle = context.core.jobs.lifecycle
    return {
        "unfinished_jobs": found.unfinished,
        "max_unfinished_jobs": lifecycle.limits.max_unfinished or None,
        "stored_bytes": found.kept_bytes,
        "max_stored_bytes": lifecycle.storage_quota.limit or None,
        "max_body_bytes": context.upload_limit,
        "max_prompt_characters": MAX_PROMPT,
        "max_outputs": _MAX_OUTPUTS,
        "max_priority": caller.limits.max_priority.value,
    }
