"""The routes of the admin API, for keys with the scope ``admin``."""

from __future__ import annotations

from hinode.api.admin import (
    accounts,
    audit,
    callback_headers,
    clock,
    engine_account_actions,
    engines,
    errors,
    events,
    job_log,
    jobs,
    keys,
    overview,
    reports,
    server,
)
from hinode.api.context import ApiContext
from hinode.api.errors import DialectErrors
from hinode.api.routing import RouteTable

_RESOURCES = (
    accounts,
    callback_headers,
    keys,
    jobs,
    job_log,
    engines,
    engine_account_actions,
    clock,
    reports,
    overview,
    audit,
    server,
    events,
)
DIALECT_ERRORS = DialectErrors(("/v1/admin",), errors.respond)


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Add the routes of the admin API."""
    for resource in _RESOURCES:
        resource.add_routes(table, context)
