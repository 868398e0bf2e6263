"""Routes of cameos and characters."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import Authenticator
from hinode.api.bodies import MULTIPART, read_fields
from hinode.api.context import ApiContext
from hinode.api.image_inputs import ImageFile
from hinode.api.input_loader import InputLoader
from hinode.api.json_text import json_response
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import json_body, request_body
from hinode.api.sora.characters import schemas
from hinode.api.sora.characters.serializers import cameo_json
from hinode.api.sora.error_params import VIDEO_ERRORS, error_param
from hinode.api.sora.ids import (
    cameo_id,
    character_id,
    require_cameo_id,
    require_character_id,
    require_character_or_cameo_id,
    require_generation_id,
)
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.profiles import account_in_path, character_json
from hinode.api.unread_fields import report_unread
from hinode.api.values import Fields
from hinode.core.auth.types import Caller, Scope
from hinode.core.characters.types import (
    Cameo,
    CharacterChanges,
    CharacterCreate,
    Range,
    VisibleCharacters,
)
from hinode.core.drafts.types import OutputPosition
from hinode.core.services import CoreServices

_DOCS = DOCS.of("characters")

_CHARACTERS = "/backend/characters"
_CHARACTER = "/backend/project_y/characters/{character}"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of cameos and characters."""
    routes = SoraCharacterRoutes(context)
    profile = schemas.CharacterProfile
    table.add(
        _DOCS, "POST", f"{_CHARACTERS}/upload", routes.upload, "soraUploadCharacter",
        schemas.CameoCreated, 400, 429, body=request_body(schemas.CameoUpload, MULTIPART),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_CHARACTERS}/from-generation", routes.from_generation,
        "soraCharacterFromGeneration", schemas.CameoCreated, 400, 404, 429,
        body=json_body(schemas.CameoFromGeneration),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/backend/project_y/cameos/in_progress/{cameo}", routes.retrieve_cameo,
        "soraCameo", schemas.CameoProgressObject, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", f"{_CHARACTERS}/finalize", routes.finalize, "soraFinalizeCharacter",
        schemas.CharacterCreated, 400, 404, body=json_body(schemas.FinalizeCameo),
    )  # fmt: skip
    for path, operation in (
        ("/backend/project_y/cameos/by_id/{character}/update_v2", "soraUpdateCameo"),
        (f"{_CHARACTER}/update", "soraUpdateCharacter"),
    ):
        table.add(
            _DOCS, "POST", path, routes.update, operation, profile, 400, 404,
            body=json_body(schemas.CharacterUpdate),
        )  # fmt: skip
    table.add(_DOCS, "GET", _CHARACTER, routes.retrieve, "soraCharacter", profile, 404)
    table.add(
        _DOCS, "DELETE", _CHARACTER, routes.delete, "soraDeleteCharacter",
        schemas.CharacterDeleted, 404,
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/backend/project_y/profile/{user}/characters", routes.list_characters,
        "soraCharacters", schemas.CharacterList, 400, 404,
        query=schemas.CharacterQuery,
    )  # fmt: skip


@dataclass(slots=True)
class SoraCharacterRoutes:
    """Handlers of cameos and characters."""

    context: ApiContext
    auth: Authenticator = field(init=False)

    def __post_init__(self) -> None:
        self.auth = Authenticator(self.context, Scope.SORA)

    @property
    def _core(self) -> CoreServices:
        return self.context.core

    async def upload(self, request: Request) -> Response:
        """Upload a clip and create a cameo from it.

        The response is immediate. Poll the cameo until it is done; a clip that cannot be used makes
        it fail.
        """
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.CameoUpload, fields), refuse=False)
        cameos = self._core.cameos
        clip = body.file.content.path
        cameo = await self.context.call(cameos.upload, caller, clip, body.range, body.consent)
        return json_response({"id": cameo_id(cameo.id)})

    async def from_generation(self, request: Request) -> Response:
        """Create a cameo from a video of the account."""
        caller, fields = await self._read(request)
        body = report_unread(
            request, caller, parse(schemas.CameoFromGeneration, fields), refuse=False
        )
        place = require_generation_id(body.generation_id)
        cameo = await self.context.call(self._from_generation, caller, place, body.range)
        return json_response({"id": cameo_id(cameo.id)})

    async def retrieve_cameo(self, request: Request, cameo: str) -> Response:
        """Retrieve a cameo: its state, and its image when it is done."""
        found = await self.auth.call(request, self._retrieve_cameo, cameo)
        links = self.context.links
        return json_response(cameo_json(found, links, links.base(request)))

    async def finalize(self, request: Request) -> Response:
        """Create a character from a finished cameo.

        Repeating the request returns the same character. Without a `profile_asset_pointer` the
        character has the image of the cameo.
        """
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.FinalizeCameo, fields), refuse=False)
        new = CharacterCreate(
            cameo_id=require_cameo_id(body.cameo_id),
            username=body.username,
            name=body.display_name or body.username,
            instructions=body.instruction_set,
            safety_instructions=body.safety_instruction_set,
        )
        if body.image is not None:
            await self.context.call(self._core.cameos.check_finalize, caller, new)
        async with self._portrait(request, caller, body.image) as image:
            new = replace(new, image=image)
            found = await self.context.call(self._core.cameos.finalize, caller, new)
        return json_response({"character": self._items(request, found)[0]})

    async def update(self, request: Request, character: str) -> Response:
        """Update a character by its id or the id of its cameo.

        Omitted fields are unchanged.
        """
        caller, fields = await self._read(request)
        body = report_unread(request, caller, parse(schemas.CharacterUpdate, fields), refuse=False)
        if body.image is not None:
            await self.context.call(self._check_update, caller, character, body.change)
        async with self._portrait(request, caller, body.image) as image:
            change = replace(body.change, image=image)
            found = await self.context.call(self._update, caller, character, change)
        return json_response(self._items(request, found)[0])

    async def retrieve(self, request: Request, character: str) -> Response:
        """Retrieve a character of the account, or a public one (extension)."""
        found = await self.auth.call(request, self._retrieve, character)
        return json_response(self._items(request, found)[0])

    async def delete(self, request: Request, character: str) -> Response:
        """Delete a character and release its username.

        Unfinished videos with the character are still rendered.
        """
        await self.auth.call(request, self._delete, character)
        return json_response({"success": True})

    async def list_characters(self, request: Request, user: str) -> Response:
        """List the characters of an account, newest first.

        Of other accounts only public characters are listed.
        """
        found = await self.auth.call(request, self._list, user, dict(request.query_params))
        cursor = character_id(found.characters[-1].id) if found.has_more else None
        return json_response({"items": self._items(request, found), "cursor": cursor})

    def _portrait(
        self, request: Request, caller: Caller, file_id: UUID | None
    ) -> AbstractAsyncContextManager[Path | None]:
        if file_id is None:
            return nullcontext()
        loader = InputLoader(self.context, request, caller)
        return loader.portrait(ImageFile(file_id, "profile_asset_pointer"))

    def _from_generation(self, caller: Caller, place: OutputPosition, chosen: Range) -> Cameo:
        with error_param("generation_id", VIDEO_ERRORS):
            return self._core.cameos.from_generation(caller, place.job_id, place.output, chosen)

    def _retrieve_cameo(self, caller: Caller, name: str) -> Cameo:
        return self._core.cameos.get(caller, require_cameo_id(name))

    def _update(self, caller: Caller, name: str, change: CharacterChanges) -> VisibleCharacters:
        return self._core.characters.update(caller, require_character_or_cameo_id(name), change)

    def _check_update(self, caller: Caller, name: str, change: CharacterChanges) -> None:
        some_id = require_character_or_cameo_id(name)
        self._core.characters.check_update(caller, some_id, change)

    def _retrieve(self, caller: Caller, name: str) -> VisibleCharacters:
        return self._core.characters.get_visible(caller, require_character_id(name))

    def _delete(self, caller: Caller, name: str) -> None:
        self._core.characters.delete(caller, require_character_or_cameo_id(name))

    def _list(self, caller: Caller, user: str, params: dict[str, str]) -> VisibleCharacters:
        query = parse(schemas.CharacterQuery, params)
        owner_id = account_in_path(self._core.profiles, caller, user)
        return self._core.characters.list_visible(
            caller, owner_id, limit=query.limit, before=query.before
        )

    async def _read(self, request: Request) -> tuple[Caller, Fields]:
        # The caller is authenticated first: strangers cannot make us read megabytes.
        caller = await self.auth.caller(request)
        return caller, await read_fields(request, self.context.upload_limit)

    def _items(self, request: Request, found: VisibleCharacters) -> list[dict[str, Any]]:
        links = self.context.links
        base = links.base(request)
        return [
            character_json(one, found.owner, links, base, own=found.own) for one in found.characters
        ]
