"""Adds the routes of all parts of the Sora dialect."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.errors import DialectErrors
from hinode.api.routing import RouteTable
from hinode.api.sora import errors
from hinode.api.sora.auth import routes as auth
from hinode.api.sora.characters import routes as characters
from hinode.api.sora.create import routes as create
from hinode.api.sora.drafts import routes as drafts
from hinode.api.sora.posts import routes as posts

DIALECT_ERRORS = DialectErrors(("/backend", "/api/auth", "/oauth"), errors.respond)
_ROUTE_MODULES = (drafts, auth, create, characters, posts)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the dialect."""
    for module in _ROUTE_MODULES:
        module.add_routes(table, context)
