"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.adding import DOCS
from hinode.api.sora.creation import bodies, wire
from hinode.api.sora.creation.bodies import form_body, json_body
from hinode.api.sora.creation.routes import CreationRoutes

_EXTENSION = "/backend/project_y/profile/drafts/{gen_id}/long_video_extension"
_FAILURES = (400, 403, 404, 429, 503)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes = CreationRoutes(context)
    _add_creates(table, routes)
    table.add(
        DOCS, "POST", "/backend/uploads", routes.upload, "soraUpload",
        wire.UploadedPicture, 400, 403, body=form_body("file_name"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/project_y/file/upload", routes.upload_pointed, "soraUploadFile",
        wire.PointedFile, 400, 403, body=form_body("use_case"),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/editor/enhance_prompt", routes.enhance_prompt, "soraEnhancePrompt",
        wire.EnhancedPrompt, 400, 403, body=json_body(bodies.EnhancePrompt),
    )  # fmt: skip


def _add_creates(table: RouteTable, routes: CreationRoutes) -> None:
    table.add(
        DOCS, "POST", "/backend/nf/create", routes.create, "soraCreate",
        wire.CreatedTask, *_FAILURES, body=json_body(bodies.CreateVideo),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/nf/bulk_create", routes.create_many, "soraBulkCreate",
        wire.CreatedTasks, *_FAILURES, body=json_body(bodies.CreateVideo),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/nf/create/storyboard", routes.create_storyboard,
        "soraCreateStoryboard", wire.CreatedTask, *_FAILURES,
        body=json_body(bodies.CreateStoryboard),
    )  # fmt: skip
    table.add(
        DOCS, "POST", "/backend/video_gen", routes.create_pictures, "soraCreatePictures",
        wire.CreatedTask, *_FAILURES, body=json_body(bodies.CreatePictures),
    )  # fmt: skip
    table.add(
        DOCS, "POST", _EXTENSION, routes.extend, "soraExtend",
        wire.CreatedTask, *_FAILURES, body=json_body(bodies.ExtendVideo),
    )  # fmt: skip
