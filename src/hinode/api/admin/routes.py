"""The routes of the admin API."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin import serializers
from hinode.api.admin.handlers import AdminVerbs
from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.usage import render_usage
from hinode.api.values import Value
from hinode.core.auth.types import Caller

BODY_BYTES = 1_000_000


@dataclass(slots=True)
class AdminRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext
    verbs: AdminVerbs = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.verbs = AdminVerbs(context.core.jobs, context.core.accounts, context.core.keys)

    async def list_accounts(self, request: Request) -> Response:
        """Return a page of accounts with their credits, oldest first."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.list_accounts, secret, query)
        return _json(
            serializers.page([serializers.account(one) for one in page.items], page.has_more)
        )

    async def create_account(self, request: Request) -> Response:
        """Make an account, with so many credits (0 unless given) or unlimited ones."""
        _, fields = await self._admitted(request)
        return _json(
            serializers.account(await self.context.call(self.verbs.create_account, fields))
        )

    async def account(self, request: Request, name: str) -> Response:
        """Return an account and its credits."""
        found = await self.context.call(self.verbs.account, secret_of(request), name)
        return _json(serializers.account(found))

    async def change_account(self, request: Request, name: str) -> Response:
        """Change an account's plan, whether its credits are counted, and whether it is banned."""
        caller, fields = await self._admitted(request)
        changed = await self.context.call(self.verbs.change_account, caller, name, fields)
        return _json(serializers.account(changed))

    async def grant(self, request: Request, name: str) -> Response:
        """Add credits to an account.

        With an `Idempotency-Key` header a repeated request gives the grant of the first one.
        """
        caller, fields = await self._admitted(request)
        key = request.headers.get("idempotency-key")
        made = await self.context.call(self.verbs.grant, caller, name, fields, key)
        return _json(serializers.granted(made))

    async def ledger(self, request: Request, name: str) -> Response:
        """Return a page of what moved an account's balance, newest first."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.ledger, secret, name, query)
        return _json(
            serializers.page([serializers.entry(one) for one in page.items], page.has_more)
        )

    async def usage(self, request: Request, name: str) -> Response:
        """Return what an account made, by day (UTC), model and key."""
        secret, query = secret_of(request), request.query_params
        period, rows = await self.context.call(self.verbs.usage, secret, name, query)
        return _json(render_usage(period, rows))

    async def list_keys(self, request: Request) -> Response:
        """Return a page of keys without their secrets, oldest first, of one account or of all."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self.verbs.list_keys, secret, query)
        return _json(serializers.page([serializers.key(one) for one in page.items], page.has_more))

    async def create_key(self, request: Request) -> Response:
        """Make a key and return its secret, this once: only its digest is kept."""
        _, fields = await self._admitted(request)
        made = await self.context.call(self.verbs.create_key, fields)
        response = _json(serializers.fresh_key(made))
        response.headers["cache-control"] = "no-store"
        return response

    async def key(self, request: Request, key_id: str) -> Response:
        """Return a key without its secret."""
        found = await self.context.call(self.verbs.key, secret_of(request), key_id)
        return _json(serializers.key(found))

    async def change_key(self, request: Request, key_id: str) -> Response:
        """Disable or enable a key, or change its name, scopes, expiry and limits.

        The key that makes the request cannot be changed by it.
        """
        caller, fields = await self._admitted(request)
        return _json(
            serializers.key(await self.context.call(self.verbs.change_key, caller, key_id, fields))
        )

    async def revoke_key(self, request: Request, key_id: str) -> Response:
        """Revoke a key for good; it stops working at once.

        The key that makes the request cannot be revoked by it.
        """
        gone = await self.context.call(self.verbs.revoke_key, secret_of(request), key_id)
        return _json(serializers.key(gone))

    async def _admitted(self, request: Request) -> tuple[Caller, dict[str, Value]]:
        """Prove the caller, and then read the body: strangers cannot make us read it."""
        caller = await self.context.call(self.verbs.caller, secret_of(request))
        return caller, await read_fields(request, BODY_BYTES)


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
