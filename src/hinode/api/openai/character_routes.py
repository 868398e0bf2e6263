"""The routes of characters."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.openai.auth import secret_of
from hinode.api.openai.characters import character_object, read_id
from hinode.api.openai.responses import json_answer
from hinode.api.values import Fields, Upload, Value, missing, text, wrong_type
from hinode.core.auth.types import Caller, Scope

_CLIP = "video"


@dataclass(frozen=True, slots=True)
class CharacterRoutes:
    """One method per route."""

    context: ApiContext

    async def create(self, request: Request) -> Response:
        """Make a character from a clip that shows it.

        It appears in videos whose request names its id in `characters`, or whose prompt calls it
        by its name.
        """
        caller = await self._caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        name, clip = _name(fields), _clip(fields)
        async with self.context.clip_slots:
            made = await self.context.call(self.context.core.characters.create, caller, name, clip)
        return json_answer(character_object(made))

    async def retrieve(self, request: Request, character_id: str) -> Response:
        """Return a character."""
        caller = await self._caller(request)
        found = read_id(character_id, "id")
        one = await self.context.call(self.context.core.characters.get, caller, found)
        return json_answer(character_object(one))

    async def _caller(self, request: Request) -> Caller:
        jobs = self.context.core.jobs
        return await self.context.call(jobs.authenticate, secret_of(request), Scope.VIDEOS)


def _name(fields: Fields) -> str:
    name = text(fields, "name")
    if name is None:
        raise missing("name", "It is what prompts will call the character.")
    return name


def _clip(fields: Fields) -> bytes:
    value: Value = fields.get(_CLIP)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or value == "":
        raise missing(_CLIP, "Send a short clip that shows the character, as a file.")
    if not isinstance(value, Upload):
        raise wrong_type(_CLIP, "a file", value)
    return value.data
