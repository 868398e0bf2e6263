"""The table of the chat routes, with what the OpenAPI page says of them."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.openai.chat import schemas
from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.chat.routes import ChatRoutes
from hinode.api.openai.openapi_docs import DOCS, body_of, header
from hinode.api.routing import RouteTable

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")


def add_chat(table: RouteTable, context: ApiContext) -> None:
    """Serve chat completions."""
    table.add(
        DOCS,
        "POST",
        "/v1/chat/completions",
        ChatRoutes(context).create,
        "createChatCompletion",
        schemas.Completion,
        *(400, 404, 409, 413, 415, 429),
        body=body_of(CreateCompletion, schemas.EXAMPLES),
        parameters=[_IDEMPOTENCY],
    )
