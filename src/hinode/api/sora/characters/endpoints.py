"""The routes of cameos and characters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.sora.characters.handlers import SoraCharacterHandlers
from hinode.api.sora.characters.ids import cameo_id, character_id
from hinode.api.sora.characters.requests import (
    read_change,
    read_clip,
    read_generation,
    read_new_character,
)
from hinode.api.sora.characters.serializers import cameo_json, character_json
from hinode.api.values import Fields
from hinode.core.auth.types import Caller
from hinode.core.characters.types import VisibleCharacters


@dataclass(slots=True)
class SoraCharacterEndpoints:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    handlers: SoraCharacterHandlers = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.handlers = SoraCharacterHandlers(
            context.core.characters, context.core.cameos, context.core.auth
        )

    async def upload(self, request: Request) -> Response:
        """Take in a clip; `timestamps` are the seconds that show the character, like `0,3`.

        The answer comes at once. What is wrong with the clip itself, the cameo says later.
        """
        caller, fields = await self._authenticated_fields(request)
        made = await self.context.call(self.handlers.upload, caller, *read_clip(fields))
        return _json({"id": cameo_id(made.id)})

    async def from_generation(self, request: Request) -> Response:
        """Take in a video of the account's own instead of a clip."""
        caller, fields = await self._authenticated_fields(request)
        wanted = read_generation(fields)
        made = await self.context.call(self.handlers.from_generation, caller, *wanted)
        return _json({"id": cameo_id(made.id)})

    async def progress(self, request: Request, cameo: str) -> Response:
        """Say how far a cameo is, with its picture when it is done."""
        found = await self.context.call(self.handlers.progress, secret_of(request), cameo)
        links = self.context.links
        return _json(cameo_json(found, links, links.base(request)))

    async def finalize(self, request: Request) -> Response:
        """Make a cameo a character; the same cameo gives the same character again.

        Without a `profile_asset_pointer` its picture is the cameo's.
        """
        caller, fields = await self._authenticated_fields(request)
        new = read_new_character(fields)
        shown = await self.context.call(self.handlers.finalize, caller, new)
        return _json({"character": self._one(request, shown)})

    async def change(self, request: Request, character: str) -> Response:
        """Change a character, named by its own id or by its cameo's; what is absent stays."""
        caller, fields = await self._authenticated_fields(request)
        wanted = read_change(fields)
        shown = await self.context.call(self.handlers.change, caller, character, wanted)
        return _json(self._one(request, shown))

    async def retrieve(self, request: Request, character: str) -> Response:
        """Return a character of the account's own, or a public one (ours)."""
        shown = await self.context.call(self.handlers.retrieve, secret_of(request), character)
        return _json(self._one(request, shown))

    async def remove(self, request: Request, character: str) -> Response:
        """Delete a character and free its name; videos being made with it are finished."""
        await self.context.call(self.handlers.remove, secret_of(request), character)
        return _json({"success": True})

    async def list_characters(self, request: Request, user: str) -> Response:
        """Return a page of an account's characters: all of one's own, the public ones of others."""
        secret, query = secret_of(request), request.query_params
        shown = await self.context.call(self.handlers.page, secret, user, query)
        items = self._items(request, shown)
        last = shown.characters[-1].id if shown.has_more else None
        return _json({"items": items, "cursor": character_id(last) if last else None})

    async def _authenticated_fields(self, request: Request) -> tuple[Caller, Fields]:
        # The caller is proven before the body is read: strangers cannot make us read megabytes.
        caller = await self.context.call(self.handlers.caller, secret_of(request))
        return caller, await read_fields(request, self.context.upload_limit)

    def _one(self, request: Request, shown: VisibleCharacters) -> dict[str, Any]:
        (item,) = self._items(request, shown)
        return item

    def _items(self, request: Request, shown: VisibleCharacters) -> list[dict[str, Any]]:
        links = self.context.links
        base = links.base(request)
        return [
            character_json(one, shown.owner, links, base, own=shown.own) for one in shown.characters
        ]


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
