"""Routes that find the users whom a prompt may mention."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import query_parameters
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts import schemas
from hinode.api.sora.profiles import user_json
from hinode.core.accounts.usernames import LONGEST
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.user_search import FoundUser
from hinode.core.text_checks import check_storable

_BASE = "/backend/project_y"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve user search."""
    routes = UserRoutes(context)
    table.add(
        DOCS, "GET", f"{_BASE}/profile/username/{{name}}", routes.retrieve, "soraProfileNamed",
        schemas.UserOrCharacterProfile, 404,
    )  # fmt: skip
    table.add(
        DOCS, "GET", f"{_BASE}/profile/search_mentions", routes.search, "soraSearchMentions",
        schemas.MentionList, 400, parameters=query_parameters(schemas.MentionQuery),
    )  # fmt: skip
    table.add(
        DOCS, "GET", f"{_BASE}/references/mine", routes.list_references, "soraReferences",
        schemas.ReferenceList,
    )  # fmt: skip


@dataclass(slots=True)
class UserRoutes:
    """Endpoints of user search."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    async def retrieve(self, request: Request, name: str) -> Response:
        """Retrieve a user by username: an account, or a character that the caller may use."""
        caller, user = await self.auth.call(request, self._retrieve, name)
        return json_response(self._user(request, caller, user))

    async def search(self, request: Request) -> Response:
        """Search users by a prefix of the username, in alphabetical order."""
        caller, found = await self.auth.call(request, self._search, dict(request.query_params))
        profiles = [self._user(request, caller, one) for one in found]
        items = [{"token": f"<@{one['user_id']}>", "profile": one} for one in profiles]
        return json_response({"items": items, "cursor": None})

    async def list_references(self, request: Request) -> Response:
        """List the caller's references: always empty.

        For compatibility: Sora's web page requests them at start.
        """
        await self.auth.caller(request)
        return json_response({"items": [], "cursor": None})

    def _retrieve(self, caller: Caller, name: str) -> tuple[Caller, FoundUser]:
        return caller, self.context.core.user_search.by_username(caller, name)

    def _search(self, caller: Caller, params: dict[str, str]) -> tuple[Caller, list[FoundUser]]:
        query = parse(schemas.MentionQuery, params)
        prefix = query.username.strip().removeprefix("@")
        check_storable(prefix, "username")
        # One more character than any username has, so that a longer prefix finds nothing.
        prefix = prefix[: LONGEST + 1]
        search = self.context.core.user_search
        if query.intent == "cameo":
            return caller, search.find_characters(caller, prefix, query.limit)
        return caller, search.find_accounts(prefix, query.limit)

    def _user(self, request: Request, caller: Caller, user: FoundUser) -> dict[str, Any]:
        links = self.context.links
        return user_json(user, caller.account_id, links, links.base(request))
