"""Puts the whole dialect onto the application."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.faces import Face
from hinode.api.routing import RouteTable
from hinode.api.sora import errors
from hinode.api.sora.cast import table as cast
from hinode.api.sora.creation import table as creation
from hinode.api.sora.drafts import table as drafts
from hinode.api.sora.identity import table as identity
from hinode.api.sora.posts import table as posts

FACE = Face(
    ("/backend", "/api/auth", "/oauth"), errors.studio_error_response, errors.refusal_response
)
_PARTS = (drafts, identity, creation, cast, posts)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the dialect."""
    for part in _PARTS:
        part.add_routes(table, context)
