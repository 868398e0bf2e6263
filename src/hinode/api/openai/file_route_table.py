"""The table of the file routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.openai import file_schemas as wire
from hinode.api.openai.files import FileRoutes
from hinode.api.openai.openapi_docs import DOCS, form_of, query_of
from hinode.api.openai.queries import FilePageQuery
from hinode.api.routing import RouteTable

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_CONTENT = dict.fromkeys(("image/jpeg", "image/png", "image/webp", "video/mp4"), _BINARY)


def add_files(table: RouteTable, context: ApiContext) -> None:
    """Serve everything about uploaded files."""
    files = FileRoutes(context)
    one = "/v1/files/{file_id}"
    table.add(
        DOCS,
        "POST", "/v1/files", files.create, "createFile", wire.FileObject, 400, 413, 415,
        body=form_of(wire.CreateFile),
    )  # fmt: skip
    table.add(
        DOCS,
        "GET",
        "/v1/files",
        files.listing,
        "listFiles",
        wire.FileList,
        400,
        parameters=query_of(FilePageQuery),
    )
    table.add(DOCS, "GET", one, files.retrieve, "retrieveFile", wire.FileObject, 404)
    table.add(DOCS, "DELETE", one, files.delete, "deleteFile", wire.FileDeleted, 404)
    for method, name in (("GET", "downloadFile"), ("HEAD", "describeFileContent")):
        table.add(DOCS, method, f"{one}/content", files.content, name, _CONTENT, 404)
