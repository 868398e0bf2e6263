"""The table of the admin API's routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from hinode.api.admin import engine_schemas, errors, schemas
from hinode.api.admin.engine_routes import EngineRoutes
from hinode.api.admin.requests import DEFAULT, MOST
from hinode.api.admin.routes import AdminRoutes
from hinode.api.context import ApiContext
from hinode.api.errors import DialectErrors
from hinode.api.routing import RouteDocs, RouteTable
from hinode.api.usage import UsagePage

DIALECT_ERRORS = DialectErrors(("/v1/admin",), errors.respond)
TAG = "Admin API"

_ACCOUNTS = "/v1/admin/accounts"
_ACCOUNT = _ACCOUNTS + "/{name}"
_KEYS = "/v1/admin/keys"
_KEY = _KEYS + "/{key_id}"
_ENGINES = "/v1/admin/engines"
_UPSTREAMS = "/v1/admin/engine_accounts"
_UPSTREAM = _UPSTREAMS + "/{account_id}"
_FAILURES: dict[int, str] = {
    400: "`invalid_request`: a field is missing, unknown or wrong; the message says which rule.",
    401: "`invalid_api_key`",
    403: "`insufficient_permissions`: the key lacks the scope `admin`.",
    404: "`not_found`: there is no such account or key.",
    409: "`name_taken`, `idempotency_conflict`, `not_ready`",
    500: "`internal_error`",
}
_DOCS = RouteDocs(TAG, _FAILURES, schemas.AdminErrorEnvelope, (401, 403))


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the admin API."""
    _add_accounts(table, AdminRoutes(context))
    _add_keys(table, AdminRoutes(context))
    _add_engines(table, EngineRoutes(context))


def _add_accounts(table: RouteTable, admin: AdminRoutes) -> None:
    table.add(
        _DOCS, "GET", _ACCOUNTS, admin.list_accounts, "adminListAccounts", schemas.AccountPage, 400,
        parameters=_PAGE,
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _ACCOUNTS, admin.create_account, "adminCreateAccount", schemas.AdminAccount,
        400, 409, body=_body(schemas.CreateAccount),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _ACCOUNT, admin.account, "adminRetrieveAccount", schemas.AdminAccount, 404
    )
    table.add(
        _DOCS, "PATCH", _ACCOUNT, admin.change_account, "adminChangeAccount", schemas.AdminAccount,
        400, 404, body=_body(schemas.ChangeAccount),
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _ACCOUNT + "/grants", admin.grant, "adminGrantCredits", schemas.AdminGrant,
        400, 404, 409, body=_body(schemas.CreateGrant), parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _ACCOUNT + "/ledger", admin.ledger, "adminListLedger", schemas.LedgerPage,
        400, 404, parameters=_PAGE,
    )  # fmt: skip
    day = {"type": "string", "format": "date"}
    table.add(
        _DOCS, "GET", _ACCOUNT + "/usage", admin.usage, "adminRetrieveUsage", UsagePage, 400, 404,
        parameters=[_query("from", day), _query("to", day)],
    )  # fmt: skip


def _add_keys(table: RouteTable, admin: AdminRoutes) -> None:
    table.add(
        _DOCS, "GET", _KEYS, admin.list_keys, "adminListKeys", schemas.KeyPage, 400, 404,
        parameters=[*_PAGE, _query("account", {"type": "string"})],
    )  # fmt: skip
    table.add(
        _DOCS, "POST", _KEYS, admin.create_key, "adminCreateKey", schemas.NewAdminKey,
        400, 404, body=_body(schemas.CreateKey),
    )  # fmt: skip
    table.add(_DOCS, "GET", _KEY, admin.key, "adminRetrieveKey", schemas.AdminKey, 404)
    table.add(
        _DOCS, "PATCH", _KEY, admin.change_key, "adminChangeKey", schemas.AdminKey,
        400, 404, body=_body(schemas.ChangeKey),
    )  # fmt: skip
    table.add(_DOCS, "DELETE", _KEY, admin.revoke_key, "adminRevokeKey", schemas.AdminKey, 400, 404)


def _add_engines(table: RouteTable, engines: EngineRoutes) -> None:
    table.add(
        _DOCS, "GET", _ENGINES, engines.list_engines, "adminListEngines", engine_schemas.EngineList,
    )  # fmt: skip
    table.add(
        _DOCS, "PATCH", _ENGINES + "/{name}", engines.change_engine, "adminChangeEngine",
        engine_schemas.AdminEngine, 400, body=_body(engine_schemas.ChangeEngine),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", _UPSTREAMS, engines.list_accounts, "adminListEngineAccounts",
        engine_schemas.EngineAccountPage, 400,
        parameters=[*_PAGE, _query("engine", {"type": "string"})],
    )  # fmt: skip
    shown = engine_schemas.AdminEngineAccount
    table.add(
        _DOCS, "POST", _UPSTREAMS, engines.add_account, "adminAddEngineAccount", shown, 400,
        body=_body(engine_schemas.CreateEngineAccount),
    )  # fmt: skip
    table.add(_DOCS, "GET", _UPSTREAM, engines.account, "adminRetrieveEngineAccount", shown, 404)
    table.add(
        _DOCS, "PATCH", _UPSTREAM, engines.change_account, "adminChangeEngineAccount", shown,
        400, 404, body=_body(engine_schemas.ChangeEngineAccount),
    )  # fmt: skip
    table.add(
        _DOCS, "DELETE", _UPSTREAM, engines.remove_account, "adminRemoveEngineAccount", shown,
        404, 409,
    )  # fmt: skip


def _body(shape: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": shape.model_json_schema()}}
    return {"required": True, "content": content}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_PAGE = [
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}),
    _query("cursor", {"type": "string"}),
]
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Kept for 24 hours.",
}
