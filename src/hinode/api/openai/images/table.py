"""The table of the image routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hinode.api.context import ApiContext
from hinode.api.openai.document import body_of, header
from hinode.api.openai.images import wire
from hinode.api.openai.images.routes import ImageRoutes

Add: TypeAlias = Callable[..., None]

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")
_WRONG = (400, 404, 409, 413, 415, 429)


def add_images(add: Add, context: ApiContext) -> None:
    """Serve everything about pictures."""
    images = ImageRoutes(context)
    bodies = (
        ("generations", images.generate, "createImage",
         body_of(wire.Generate, wire.Generate, wire.EXAMPLES)),
        ("edits", images.edit, "createImageEdit",
         body_of(wire.EditForm, wire.EditJson, wire.EDIT_EXAMPLES)),
        ("variations", images.vary, "createImageVariation",
         body_of(wire.VariationForm, wire.VariationJson, wire.VARIATION_EXAMPLES)),
    )  # fmt: skip
    for name, endpoint, operation, body in bodies:
        add(
            "POST", f"/images/{name}", endpoint, operation, wire.Images, *_WRONG,
            requestBody=body, parameters=[_IDEMPOTENCY],
        )  # fmt: skip
