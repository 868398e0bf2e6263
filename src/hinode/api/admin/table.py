"""The table of the admin API's routes, each with what the OpenAPI page says of it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from hinode.api.admin import engine_wire, errors, wire
from hinode.api.admin.engine_routes import EngineRoutes
from hinode.api.admin.reading import DEFAULT, MOST
from hinode.api.admin.routes import AdminRoutes
from hinode.api.context import ApiContext
from hinode.api.direct import Endpoint
from hinode.api.faces import Face
from hinode.api.usage import UsagePage

FACE = Face(("/v1/admin",), errors.studio_error_response, errors.refusal_response)
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


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve the admin API."""
    _add_accounts(app, AdminRoutes(context))
    _add_keys(app, AdminRoutes(context))
    _add_engines(app, EngineRoutes(context))


def _add_accounts(app: FastAPI, admin: AdminRoutes) -> None:
    _add(
        app, "GET", _ACCOUNTS, admin.list_accounts, "adminListAccounts", wire.AccountPage, 400,
        parameters=_PAGE,
    )  # fmt: skip
    _add(
        app, "POST", _ACCOUNTS, admin.create_account, "adminCreateAccount", wire.AdminAccount,
        400, 409, requestBody=_body(wire.CreateAccount),
    )  # fmt: skip
    _add(app, "GET", _ACCOUNT, admin.account, "adminRetrieveAccount", wire.AdminAccount, 404)
    _add(
        app, "PATCH", _ACCOUNT, admin.change_account, "adminChangeAccount", wire.AdminAccount,
        400, 404, requestBody=_body(wire.ChangeAccount),
    )  # fmt: skip
    _add(
        app, "POST", _ACCOUNT + "/grants", admin.grant, "adminGrantCredits", wire.AdminGrant,
        400, 404, 409, requestBody=_body(wire.CreateGrant), parameters=[_IDEMPOTENCY],
    )  # fmt: skip
    _add(
        app, "GET", _ACCOUNT + "/ledger", admin.ledger, "adminListLedger", wire.LedgerPage,
        400, 404, parameters=_PAGE,
    )  # fmt: skip
    day = {"type": "string", "format": "date"}
    _add(
        app, "GET", _ACCOUNT + "/usage", admin.usage, "adminRetrieveUsage", UsagePage, 400, 404,
        parameters=[_query("from", day), _query("to", day)],
    )  # fmt: skip


def _add_keys(app: FastAPI, admin: AdminRoutes) -> None:
    _add(
        app, "GET", _KEYS, admin.list_keys, "adminListKeys", wire.KeyPage, 400, 404,
        parameters=[*_PAGE, _query("account", {"type": "string"})],
    )  # fmt: skip
    _add(
        app, "POST", _KEYS, admin.create_key, "adminCreateKey", wire.NewAdminKey,
        400, 404, requestBody=_body(wire.CreateKey),
    )  # fmt: skip
    _add(app, "GET", _KEY, admin.key, "adminRetrieveKey", wire.AdminKey, 404)
    _add(
        app, "PATCH", _KEY, admin.change_key, "adminChangeKey", wire.AdminKey,
        400, 404, requestBody=_body(wire.ChangeKey),
    )  # fmt: skip
    _add(app, "DELETE", _KEY, admin.revoke_key, "adminRevokeKey", wire.AdminKey, 400, 404)


def _add_engines(app: FastAPI, engines: EngineRoutes) -> None:
    _add(
        app, "GET", _ENGINES, engines.list_engines, "adminListEngines", engine_wire.EngineList,
    )  # fmt: skip
    _add(
        app, "PATCH", _ENGINES + "/{name}", engines.change_engine, "adminChangeEngine",
        engine_wire.AdminEngine, 400, requestBody=_body(engine_wire.ChangeEngine),
    )  # fmt: skip
    _add(
        app, "GET", _UPSTREAMS, engines.list_accounts, "adminListEngineAccounts",
        engine_wire.EngineAccountPage, 400,
        parameters=[*_PAGE, _query("engine", {"type": "string"})],
    )  # fmt: skip
    shown = engine_wire.AdminEngineAccount
    _add(
        app, "POST", _UPSTREAMS, engines.add_account, "adminAddEngineAccount", shown, 400,
        requestBody=_body(engine_wire.CreateEngineAccount),
    )  # fmt: skip
    _add(app, "GET", _UPSTREAM, engines.account, "adminRetrieveEngineAccount", shown, 404)
    _add(
        app, "PATCH", _UPSTREAM, engines.change_account, "adminChangeEngineAccount", shown,
        400, 404, requestBody=_body(engine_wire.ChangeEngineAccount),
    )  # fmt: skip
    _add(
        app, "DELETE", _UPSTREAM, engines.remove_account, "adminRemoveEngineAccount", shown,
        404, 409,
    )  # fmt: skip


def _add(
    app: FastAPI,
    method: str,
    path: str,
    endpoint: Endpoint,
    operation: str,
    answer: type[BaseModel],
    *statuses: int,
    **extra: Any,
) -> None:
    failures: dict[int | str, dict[str, Any]] = {
        status: {"model": wire.AdminErrorEnvelope, "description": _FAILURES[status]}
        for status in (401, 403, *statuses, 500)
    }
    failures["default"] = {"model": wire.AdminErrorEnvelope, "description": "Any other failure."}
    app.add_api_route(
        path,
        endpoint,
        methods=[method],
        operation_id=operation,
        tags=[TAG],
        response_model=None,
        response_class=Response,
        responses={200: {"model": answer}, **failures},
        openapi_extra={"security": [{"key": []}], **extra},
    )


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
