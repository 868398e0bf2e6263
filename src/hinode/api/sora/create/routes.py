"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.create import request_schemas, schemas
from hinode.api.sora.create.endpoints import SoraCreateEndpoints
from hinode.api.sora.create.request_schemas import form_body, json_body
from hinode.api.sora.openapi import DOCS

_EXTENSION = "/backend/project_y/profile/drafts/{gen_id}/long_video_extension"
_FAILURES = (400, 403, 404, 429, 503)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = SoraCreateEndpoints(context)
    _add_create_routes(table, routes)
    table.add(
        DOCS, "POST", "/backend/uploads", routes.upload, "soraUpload",
        schemas.UploadedImage, 400, 403, body=form_body("file_name"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/project_y/file/upload", routes.upload_file, "soraUploadFile",
        schemas.UploadedFileObject, 400, 403, body=form_body("use_case"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/editor/enhance_prompt", routes.enhance_prompt, "soraEnhancePrompt",
        schemas.EnhancedPrompt, 400, 403, body=json_body(request_schemas.EnhancePrompt),
    )  # fmt: skip


def _add_create_routes(table: RouteTable, routes: SoraCreateEndpoints) -> None:
    table.add(
        DOCS, "POST", "/backend/nf/create", routes.create, "soraCreate",
        schemas.CreatedTask, *_FAILURES, body=json_body(request_schemas.CreateVideo),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/nf/bulk_create", routes.bulk_create, "soraBulkCreate",
        schemas.CreatedTasks, *_FAILURES, body=json_body(request_schemas.CreateVideo),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/nf/create/storyboard", routes.create_storyboard,
        "soraCreateStoryboard", schemas.CreatedTask, *_FAILURES,
        body=json_body(request_schemas.CreateStoryboard),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/video_gen", routes.create_images, "soraCreatePictures",
        schemas.CreatedTask, *_FAILURES, body=json_body(request_schemas.CreateImages),
    )  # fmt: skip
    table.add(
        DOCS, "POST", _EXTENSION, routes.extend, "soraExtend",
        schemas.CreatedTask, *_FAILURES, body=json_body(request_schemas.ExtendVideo),
    )  # fmt: skip
