"""The file routes of the OpenAI dialect: images and clips that later requests name by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.downloads import send_object
from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.input_loader import InputLoader
from hinode.api.json_text import json_response
from hinode.api.openai.openapi_docs import BINARY, DOCS, form_of, query_of
from hinode.api.openai.queries import FilePageQuery
from hinode.api.openai.schemas import OpenAISchema
from hinode.api.openai.serializers import list_object
from hinode.api.parsing import Integer, LenientRequestSchema, Remedy, WrongAs, parse
from hinode.api.routing import RouteTable
from hinode.api.values import Upload, Value, wrong_type
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.rules import MAX_LIFETIME_S, MIN_LIFETIME_S, not_found
from hinode.core.files.types import File, FilePage, NewFile
from hinode.kit.ids import decode_id, encode_id
from hinode.storage import ObjectMissing

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class ExpiresAfter(LenientRequestSchema):
    """The lifetime of a file."""

    anchor: Annotated[Literal["created_at"], WrongAs(ErrorCode.INVALID_VALUE)]
    seconds: Integer[Annotated[int, Field(ge=MIN_LIFETIME_S, le=MAX_LIFETIME_S)]]


def _parse_file(value: Value) -> Upload:
    if not isinstance(value, Upload):
        raise wrong_type("file", "a file", value)
    return value


class CreateFile(LenientRequestSchema):
    """An upload."""

    file: Annotated[
        Upload,
        PlainValidator(_parse_file),
        WithJsonSchema({"type": "string", "format": "binary"}),
        Remedy("Send the file as a part of multipart/form-data with a filename."),
    ] = Field(description="A JPEG, PNG or WebP image, or an MP4 clip.")
    purpose: Annotated[
        Purpose,
        WrongAs(ErrorCode.INVALID_VALUE),
        Remedy("For images and clips: 'vision' or 'user_data'."),
    ] = Field(description="Any of these; nothing depends on it.")
    expires_after: ExpiresAfter | None = Field(
        default=None, description="As `expires_after[anchor]` and `expires_after[seconds]`."
    )


class FileObject(OpenAISchema):
    """An uploaded file."""

    id: str = Field(examples=["file-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"])
    object: Literal["file"]
    bytes: int
    created_at: int = Field(description="Unix seconds.")
    expires_at: int | None
    filename: str
    purpose: Purpose
    status: Literal["processed"]
    status_details: None


class FileList(OpenAISchema):
    """A page of files."""

    object: Literal["list"]
    data: list[FileObject]
    first_id: str | None
    last_id: str | None = Field(description="Ask for the next page with `after` set to it.")
    has_more: bool


class FileDeleted(OpenAISchema):
    """The file is gone."""

    id: str
    object: Literal["file"]
    deleted: Literal[True]


_UNNAMED = "upload"


@dataclass(frozen=True, slots=True)
class FileRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    async def create(self, request: Request) -> Response:
        """Keep an image (JPEG, PNG, WebP) or an MP4 clip, to be named by its id later.

        It is kept until it is deleted, unless `expires_after` says otherwise.
        """
        caller = await self._caller(request)
        body = parse(CreateFile, await read_fields(request, self.context.upload_limit))
        lifetime = body.expires_after.seconds if body.expires_after else None
        name = _basename(body.file.name)
        new = NewFile(body.file.content, name, body.purpose, lifetime)
        made = await InputLoader(self.context, request, caller).store_file(new)
        return json_response(file_object(made))

    async def listing(self, request: Request) -> Response:
        """Return a page of the account's files."""
        caller = await self._caller(request)
        page = parse(FilePageQuery, request.query_params)
        found = await self.context.call(
            self.context.core.files.page,
            caller,
            purpose=page.purpose,
            limit=page.limit,
            after=page.after,
            ascending=page.ascending,
        )
        return json_response(_page_object(found))

    async def retrieve(self, request: Request, file_id: str) -> Response:
        """Return what is known of a file."""
        return json_response(file_object(await self._file(request, file_id)))

    async def delete(self, request: Request, file_id: str) -> Response:
        """Remove a file. What was made from it stays."""
        caller = await self._caller(request)
        await self.context.call(self.context.core.files.delete, caller, _id(file_id))
        return json_response({"id": file_id, "object": "file", "deleted": True})

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
        """Let in whoever may make images or videos: files are for both."""
        try:
            return self.context.core.auth.authenticate(secret, Scope.IMAGES)
        except HinodeError as error:
            if error.code is not ErrorCode.SCOPE_MISSING:
                raise
        return self.context.core.auth.authenticate(secret, Scope.VIDEOS)


def file_object(file: File) -> dict[str, Any]:
    """Return the file object, as the SDK's ``FileObject`` has it."""
    return {
        "id": encode_id(FILE_PREFIX, file.id),
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


def _id(text: str) -> UUID:
    file_id = decode_id(FILE_PREFIX, text)
    if file_id is None:
        raise not_found()
    return file_id


_CONTENT = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "video/mp4"), BINARY)


def add_files(table: RouteTable, context: ApiContext) -> None:
    """Serve everything about uploaded files."""
    files = FileRoutes(context)
    one = "/v1/files/{file_id}"
    table.add(
        DOCS,
        "POST", "/v1/files", files.create, "createFile", FileObject, 400, 413, 415,
        body=form_of(CreateFile),
    )  # fmt: skip
    table.add(
        DOCS,
        "GET",
        "/v1/files",
        files.listing,
        "listFiles",
        FileList,
        400,
        parameters=query_of(FilePageQuery),
    )
    table.add(DOCS, "GET", one, files.retrieve, "retrieveFile", FileObject, 404)
    table.add(DOCS, "DELETE", one, files.delete, "deleteFile", FileDeleted, 404)
    for method, name in (("GET", "downloadFile"), ("HEAD", "describeFileContent")):
        table.add(DOCS, method, f"{one}/content", files.content, name, _CONTENT, 404)
