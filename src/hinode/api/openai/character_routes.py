"""The routes of characters."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import json_response
from hinode.api.openai.action_schemas import CreateCharacter
from hinode.api.openai.characters import character_object, read_id
from hinode.api.parsing import parse
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.types import Character


@dataclass(slots=True)
class CharacterRoutes:
    """One method per route."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.VIDEOS)

    async def create(self, request: Request) -> Response:
        """Make a character from a clip that shows it.

        It appears in videos whose request names its id in `characters`, or whose prompt calls it
        by its name.
        """
        caller = await self.auth.caller(request)
        body = parse(CreateCharacter, await read_fields(request, self.context.upload_limit))
        create = self.context.core.characters.create
        async with self.context.clip_slots:
            made = await self.context.call(create, caller, body.name, body.video)
        return json_response(character_object(made))

    async def retrieve(self, request: Request, character_id: str) -> Response:
        """Return a character."""
        return json_response(
            character_object(await self.auth.call(request, self._get, character_id))
        )

    def _get(self, caller: Caller, character_id: str) -> Character:
        return self.context.core.characters.get(caller, read_id(character_id, "id"))
