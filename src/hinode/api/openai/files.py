"""The file routes of the OpenAI dialect: uploads that requests refer to by id."""

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
from hinode.api.file_names import tidy_file_name
from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.input_loader import InputLoader
from hinode.api.json_text import json_response
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.queries import FilePageQuery
from hinode.api.openai.schemas import ListObject, OpenAISchema
from hinode.api.openai.serializers import list_object
from hinode.api.parsing import Integer, LenientRequestSchema, Remedy, WrongAs, parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import BINARY, form_body
from hinode.api.unread_fields import report_unread
from hinode.api.values import Upload, Value, wrong_type
from hinode.core.auth.auth_service import AuthService
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.rules import JSON_LINES, MAX_LIFETIME_S, MIN_LIFETIME_S, not_found
from hinode.core.files.types import File, NewFile
from hinode.kit.ids import decode_id, encode_id
from hinode.storage import ObjectMissing

_DOCS = DOCS.of("files")

Purpose = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class ExpiresAfter(LenientRequestSchema):
    """The expiry of a file."""

    anchor: Annotated[Literal["created_at"], WrongAs(ErrorCode.INVALID_VALUE)] = Field(
        description="Start of the lifetime; always `created_at`."
    )
    seconds: Integer[Annotated[int, Field(ge=MIN_LIFETIME_S, le=MAX_LIFETIME_S)]] = Field(
        description="Lifetime in seconds: 1 hour to 30 days."
    )


def _parse_file(value: Value) -> Upload:
    if not isinstance(value, Upload):
        raise wrong_type("file", "a file", value)
    return value


class CreateFile(LenientRequestSchema):
    """Parameters of an upload."""

    file: Annotated[
        Upload,
        PlainValidator(_parse_file),
        WithJsonSchema({"type": "string", "format": "binary"}),
        Remedy("Send the file as a part of multipart/form-data with a filename."),
    ] = Field(
        description="The file: a JPEG, PNG, WebP, HEIC or AVIF image, an MP4 video, or the JSONL "
        "file of a batch."
    )
    purpose: Annotated[
        Purpose,
        WrongAs(ErrorCode.INVALID_VALUE),
        Remedy("For images and clips: 'vision' or 'user_data'; for batches: 'batch'."),
    ] = Field(description="Intended purpose; stored and used to filter lists.")
    expires_after: ExpiresAfter | None = Field(
        default=None,
        description="Expiry of the file, sent as `expires_after[anchor]` and "
        "`expires_after[seconds]`; by default files do not expire.",
    )


class FileObject(OpenAISchema):
    """An uploaded file."""

    id: str = Field(
        description="Id of the file.", examples=["file-0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"]
    )
    object: Literal["file"] = Field(description="Always `file`.")
    bytes: int = Field(description="Size of the file in bytes.")
    created_at: int = Field(description="Time of the upload in Unix seconds.")
    expires_at: int | None = Field(
        description="Time of expiry in Unix seconds; null if the file does not expire."
    )
    filename: str = Field(description="Name of the file, without folders.")
    purpose: Purpose | Literal["batch_output"] = Field(
        description="Purpose given at the upload; `batch_output` for results of a batch."
    )
    status: Literal["processed"] = Field(description="Always `processed`.")
    status_details: None = Field(description="Always null.")


class FileList(ListObject[FileObject]):
    """A page of files."""


class FileDeleted(OpenAISchema):
    """Confirmation of a deletion."""

    id: str = Field(description="Id of the deleted file.")
    object: Literal["file"] = Field(description="Always `file`.")
    deleted: Literal[True] = Field(description="Always true.")


_UNNAMED = "upload"


@dataclass(frozen=True, slots=True)
class FileRoutes:
    """Handlers of file routes; keys need the scope ``images`` or ``videos``."""

    context: ApiContext

    async def create(self, request: Request) -> Response:
        """Upload an image (JPEG, PNG, WebP, HEIC, AVIF), an MP4 video or a batch's JSONL file.

        Requests refer to the file by its id. It is kept until it is deleted or, with
        `expires_after`, until it expires.
        """
        caller = await self._caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(CreateFile, fields))
        lifetime = body.expires_after.seconds if body.expires_after else None
        name = tidy_file_name(body.file.name, _UNNAMED)
        new = NewFile(body.file.content, name, body.purpose, lifetime)
        made = await InputLoader(self.context, request, caller).store_file(new)
        return json_response(file_object(made))

    async def listing(self, request: Request) -> Response:
        """List files."""
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
        return json_response(list_object(found, file_object))

    async def retrieve(self, request: Request, file_id: str) -> Response:
        """Retrieve the metadata of a file."""
        return json_response(file_object(await self._file(request, file_id)))

    async def delete(self, request: Request, file_id: str) -> Response:
        """Delete a file.

        Videos and images made from it are kept.
        """
        caller = await self._caller(request)
        await self.context.call(self.context.core.files.delete, caller, _id(file_id))
        return json_response({"id": file_id, "object": "file", "deleted": True})

    async def content(self, request: Request, file_id: str) -> Response:
        """Download the content of a file.

        Range requests and conditional requests are supported.
        """
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
        return await media_caller(self.context, request)


async def media_caller(context: ApiContext, request: Request) -> Caller:
    """Return the caller with the scope ``images`` or ``videos``: files are inputs of both."""
    return await context.call(_authenticate, context.core.auth, secret_of(request))


def _authenticate(auth: AuthService, secret: str | None) -> Caller:
    try:
        return auth.authenticate(secret, Scope.IMAGES)
    except HinodeError as error:
        if error.code is not ErrorCode.SCOPE_MISSING:
            raise
    return auth.authenticate(secret, Scope.VIDEOS)


def file_object(file: File) -> dict[str, Any]:
    """Return the JSON of a file, with the fields of the official SDK's ``FileObject``."""
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


def _id(text: str) -> UUID:
    file_id = decode_id(FILE_PREFIX, text)
    if file_id is None:
        raise not_found()
    return file_id


_CONTENT = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "video/mp4", JSON_LINES), BINARY)


def add_files(table: RouteTable, context: ApiContext) -> None:
    """Add the file routes."""
    files = FileRoutes(context)
    one = "/v1/files/{file_id}"
    table.add(
        _DOCS,
        "POST", "/v1/files", files.create, "createFile", FileObject, 400, 413, 415,
        body=form_body(CreateFile),
    )  # fmt: skip
    table.add(
        _DOCS,
        "GET",
        "/v1/files",
        files.listing,
        "listFiles",
        FileList,
        400,
        query=FilePageQuery,
    )
    table.add(_DOCS, "GET", one, files.retrieve, "retrieveFile", FileObject, 404)
    table.add(_DOCS, "DELETE", one, files.delete, "deleteFile", FileDeleted, 404)
    for method, name in (("GET", "downloadFile"), ("HEAD", "describeFileContent")):
        table.add(_DOCS, method, f"{one}/content", files.content, name, _CONTENT, 404)
