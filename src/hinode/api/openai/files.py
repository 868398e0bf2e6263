"""The file routes of the OpenAI dialect: pictures and clips that later requests name by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.openai.auth import secret_of
from hinode.api.openai.image_inputs import FILE_PREFIX
from hinode.api.openai.queries import PageRule, read_page
from hinode.api.openai.responses import json_answer
from hinode.api.openai.serializers import list_object
from hinode.api.values import Fields, Upload, integer, text, wrong_type
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.service import not_found
from hinode.core.files.types import File, FilePage, NewFile
from hinode.kit.ids import spell, unspell
from hinode.storage import ObjectMissing

MOST_ON_A_PAGE = 10_000
"""As OpenAI's files API has it, by default too."""

FILE_PAGES = PageRule("file", FILE_PREFIX, least=1, most=MOST_ON_A_PAGE, default=MOST_ON_A_PAGE)
_ANCHOR = "created_at"
_UNNAMED = "upload"


@dataclass(frozen=True, slots=True)
class FileRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    async def create(self, request: Request) -> Response:
        """Keep a picture (JPEG, PNG, WebP) or an MP4 clip, to be named by its id later.

        It is kept until it is deleted, unless `expires_after` says otherwise.
        """
        caller = await self._caller(request)
        new = read_new_file(await read_fields(request, self.context.upload_limit))
        # It may be a clip, whose examination takes long: the other verbs must have threads.
        async with self.context.clip_slots:
            made = await self.context.call(self.context.core.files.create, caller, new)
        return json_answer(file_object(made))

    async def listing(self, request: Request) -> Response:
        """Return a page of the account's files."""
        caller, query = await self._caller(request), request.query_params
        page = read_page(query, FILE_PAGES)
        found = await self.context.call(
            self.context.core.files.page,
            caller,
            purpose=query.get("purpose") or None,
            limit=page.limit,
            after=page.after,
            ascending=page.ascending,
        )
        return json_answer(_page_object(found))

    async def retrieve(self, request: Request, file_id: str) -> Response:
        """Return what is known of a file."""
        return json_answer(file_object(await self._file(request, file_id)))

    async def delete(self, request: Request, file_id: str) -> Response:
        """Remove a file. What was made from it stays."""
        caller = await self._caller(request)
        await self.context.call(self.context.core.files.delete, caller, _id(file_id))
        return json_answer({"id": file_id, "object": "file", "deleted": True})

    async def content(self, request: Request, file_id: str) -> Response:
        """Download a file as it was uploaded; ranges are served."""
        file = await self._file(request, file_id)
        try:
            return await send_object(
                request,
                self.context.core.jobs.store,
                file.key,
                size=file.bytes,
                content_type=file.content_type,
                filename=file.name,
                etag=file.id.hex,
                last_modified=file.created_at,
            )
        except ObjectMissing:
            raise not_found() from None

    async def _file(self, request: Request, file_id: str) -> File:
        caller = await self._caller(request)
        return await self.context.call(self.context.core.files.get, caller, _id(file_id))

    async def _caller(self, request: Request) -> Caller:
        return await self.context.call(self._prove, secret_of(request))

    def _prove(self, secret: str | None) -> Caller:
        """Let in whoever may make pictures or videos: files are for both."""
        try:
            return self.context.core.jobs.authenticate(secret, Scope.IMAGES)
        except HinodeError as error:
            if error.code is not ErrorCode.SCOPE_MISSING:
                raise
        return self.context.core.jobs.authenticate(secret, Scope.VIDEOS)


def read_new_file(fields: Fields) -> NewFile:
    """Read an upload. Raises :class:`RequestError` and :class:`HinodeError`."""
    upload = fields.get("file")
    if upload in (None, ""):
        raise _missing("file", "Send the file as a part of multipart/form-data with a filename.")
    if not isinstance(upload, Upload):
        raise wrong_type("file", "a file", upload)
    purpose = text(fields, "purpose")
    if purpose is None:
        raise _missing("purpose", "For pictures and clips: 'vision' or 'user_data'.")
    return NewFile(upload.data, _basename(upload.name), purpose, _lifetime(fields))


def file_object(file: File) -> dict[str, Any]:
    """Return the file object, as the SDK's ``FileObject`` has it."""
    return {
        "id": spell(FILE_PREFIX, file.id),
        "object": "file",
        "bytes": file.bytes,
        "created_at": int(file.created_at.timestamp()),
        "expires_at": int(file.expires_at.timestamp()) if file.expires_at else None,
        "filename": file.name,
        "purpose": file.purpose,
        "status": "processed",
        "status_details": None,
    }


def _page_object(page: FilePage) -> dict[str, Any]:
    return list_object([file_object(file) for file in page.files], page.has_more)


def _basename(name: str) -> str:
    """Drop folders, of which some clients tell, and what would break a line or a header."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable()).strip() or _UNNAMED


def _lifetime(fields: Fields) -> int | None:
    value = fields.get("expires_after")
    if value in (None, ""):
        return None
    if not isinstance(value, dict):
        raise wrong_type("expires_after", "an object with 'anchor' and 'seconds'", value)
    anchor, seconds = text(value, "anchor"), integer(value, "seconds")
    if anchor != _ANCHOR or seconds is None:
        raise HinodeError(
            ErrorCode.INVALID_VALUE,
            f"'expires_after' has the 'anchor' '{_ANCHOR}' and 'seconds'.",
            param="expires_after",
        )
    return seconds


def _id(text: str) -> UUID:
    file_id = unspell(FILE_PREFIX, text)
    if file_id is None:
        raise not_found()
    return file_id


def _missing(name: str, hint: str) -> HinodeError:
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{name}'.", param=name, hint=hint
    )
