"""The table of the image routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.openai.images import schemas
from hinode.api.openai.images.requests import CreateImage, EditImage, VaryImage
from hinode.api.openai.images.routes import ImageRoutes
from hinode.api.openai.openapi_docs import DOCS, body_of, header
from hinode.api.routing import RouteTable

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_WRONG = (400, 404, 409, 413, 415, 429)


def add_images(table: RouteTable, context: ApiContext) -> None:
    """Serve everything about pictures."""
    images = ImageRoutes(context)
    bodies = (
        ("generations", images.generate, "createImage",
         body_of(CreateImage, schemas.EXAMPLES)),
        ("edits", images.edit, "createImageEdit",
         body_of(EditImage, schemas.EDIT_EXAMPLES)),
        ("variations", images.vary, "createImageVariation",
         body_of(VaryImage, schemas.VARIATION_EXAMPLES)),
    )  # fmt: skip
    for name, endpoint, operation, body in bodies:
        table.add(
            DOCS,
            "POST", f"/v1/images/{name}", endpoint, operation, schemas.Images, *_WRONG,
            body=body, parameters=[_IDEMPOTENCY],
        )  # fmt: skip
