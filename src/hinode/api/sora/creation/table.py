"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from fastapi import FastAPI

from hinode.api.context import ApiContext
from hinode.api.sora.adding import add
from hinode.api.sora.creation import wire
from hinode.api.sora.creation.routes import CreationRoutes

_EXTENSION = "/backend/project_y/profile/drafts/{gen_id}/long_video_extension"


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve this part of the dialect."""
    routes, task = CreationRoutes(context), wire.CreatedTask
    failures = (400, 403, 404, 429, 503)
    for path, endpoint, operation, answer in (
        ("/backend/nf/create", routes.create, "soraCreate", task),
        ("/backend/nf/bulk_create", routes.create_many, "soraBulkCreate", wire.CreatedTasks),
        ("/backend/nf/create/storyboard", routes.create_storyboard, "soraCreateStoryboard", task),
        ("/backend/video_gen", routes.create_pictures, "soraCreatePictures", task),
        (_EXTENSION, routes.extend, "soraExtend", task),
    ):
        add(app, "POST", path, endpoint, operation, answer, *failures)
    add(app, "POST", "/backend/uploads", routes.upload, "soraUpload", wire.UploadedPicture, 400)
    add(
        app,
        "POST",
        "/backend/project_y/file/upload",
        routes.upload_pointed,
        "soraUploadFile",
        wire.PointedFile,
        400,
    )
    add(
        app,
        "POST",
        "/backend/editor/enhance_prompt",
        routes.enhance_prompt,
        "soraEnhancePrompt",
        wire.EnhancedPrompt,
        400,
    )
