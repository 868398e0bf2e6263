"""The routes of the web app: its log-in, and the caller's account."""

from __future__ import annotations

from hinode.api.context import ApiContext
from hinode.api.errors import DialectErrors
from hinode.api.routing import RouteTable
from hinode.api.studio import (
    errors,
    events,
    jobs,
    keys,
    login,
    me,
    profile,
    records,
    single_sign_on,
)

DIALECT_ERRORS = DialectErrors(
    ("/api/auth/app", "/api/auth/oidc", "/v1/me", "/v1/styles", "/v1/jobs", "/v1/events"),
    errors.respond,
)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the web app."""
    for resource in (login, single_sign_on, me, profile, keys, records, jobs, events):
        resource.add_routes(table, context)
