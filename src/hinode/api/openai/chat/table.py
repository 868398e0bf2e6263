"""The table of the chat routes, with what the OpenAPI page says of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from hinode.api.context import ApiContext
from hinode.api.openai.chat import wire
from hinode.api.openai.chat.routes import ChatRoutes
from hinode.api.openai.document import body_of, header

Add: TypeAlias = Callable[..., None]

_IDEMPOTENCY = header("Idempotency-Key", "1 to 255 characters; kept for 24 hours.")


def add_chat(add: Add, context: ApiContext) -> None:
    """Serve chat completions."""
    add(
        "POST",
        "/chat/completions",
        ChatRoutes(context).create,
        "createChatCompletion",
        wire.Completion,
        *(400, 404, 409, 413, 415, 429),
        requestBody=body_of(wire.CreateCompletion, wire.CreateCompletion, wire.EXAMPLES),
        parameters=[_IDEMPOTENCY],
    )
