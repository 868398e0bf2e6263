"""The routes that find whom a prompt may call, and what they ask of the studio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.posts.profile_serializers import mention_json, user_json
from hinode.api.sora.posts.queries import read_mention_query
from hinode.core.characters.user_search import FoundUser


@dataclass(frozen=True, slots=True)
class UserSearchResult:
    """Who was found, and by whose account."""

    users: list[FoundUser]
    viewer: UUID


@dataclass(frozen=True, slots=True)
class SoraUserEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    async def by_username(self, request: Request, name: str) -> Response:
        """Return who has a username: a person, or a character of one's own or a public one."""
        found = await self.context.call(self._by_username, secret_of(request), name)
        links = self.context.links
        base = links.base(request)
        return _json(user_json(found.users[0], found.viewer, links, base))

    async def search(self, request: Request) -> Response:
        """Return whom an `@` may mean: usernames that begin like this, in alphabetical order.

        With `intent=cameo`, characters of one's own and public ones; with `users`, people.
        """
        secret, query = secret_of(request), request.query_params
        found = await self.context.call(self._search, secret, query)
        links = self.context.links
        base = links.base(request)
        items = [mention_json(one, found.viewer, links, base) for one in found.users]
        return _json({"items": items, "cursor": None})

    async def references(self, request: Request) -> Response:
        """Return the caller's references: none, because this server keeps no such things.

        Sora's own page asks for them when it starts.
        """
        await self.context.call(self.context.core.auth.caller, secret_of(request))
        return _json({"items": [], "cursor": None})

    def _by_username(self, secret: str | None, name: str) -> UserSearchResult:
        caller = self.context.core.auth.caller(secret)
        return UserSearchResult(
            [self.context.core.user_search.by_username(caller, name)], caller.account_id
        )

    def _search(self, secret: str | None, query: Mapping[str, str]) -> UserSearchResult:
        caller, wanted = self.context.core.auth.caller(secret), read_mention_query(query)
        users = self.context.core.user_search
        if wanted.characters:
            found = users.find_characters(caller, wanted.prefix, wanted.limit)
        else:
            found = users.find_accounts(wanted.prefix, wanted.limit)
        return UserSearchResult(found, caller.account_id)


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
