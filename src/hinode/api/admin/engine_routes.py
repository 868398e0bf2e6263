"""The routes of the admin API for engines and for the accounts at their servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.admin import engine_reading as reading
from hinode.api.admin import engine_translate as translate
from hinode.api.admin.requests import read_page
from hinode.api.admin.serializers import page
from hinode.api.auth import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.values import Value
from hinode.core.auth.types import Scope
from hinode.core.engines.admin import EngineStatus
from hinode.core.pagination import Page
from hinode.core.upstream_desk import UpstreamView

BODY_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class EngineRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    async def list_engines(self, request: Request) -> Response:
        """Return the engines that models name, their jobs and their health."""
        found = await self.context.call(self._engines, secret_of(request))
        return _json({"data": [translate.engine(one) for one in found]})

    async def change_engine(self, request: Request, name: str) -> Response:
        """Start (`open`), drain or stop an engine; starting forgets its failures."""
        admin_state = reading.read_admin_state(await self._admitted(request))
        now = await self.context.call(self.context.core.engines.set_admin_state, name, admin_state)
        return _json(translate.engine(now))

    async def list_accounts(self, request: Request) -> Response:
        """Return a page of accounts at engines' servers, without their tokens."""
        secret, query = secret_of(request), request.query_params
        found = await self.context.call(self._accounts, secret, query)
        return _json(page([translate.account(one) for one in found.items], found.has_more))

    async def add_account(self, request: Request) -> Response:
        """Add an account; its server is asked about it within a minute."""
        new = reading.read_new(await self._admitted(request))
        added = await self.context.call(self.context.core.upstreams.add, new)
        return _json(translate.account(added))

    async def account(self, request: Request, account_id: str) -> Response:
        """Return an account at an engine's server."""
        found = await self.context.call(self._account, secret_of(request), account_id)
        return _json(translate.account(found))

    async def change_account(self, request: Request, account_id: str) -> Response:
        """Enable or disable an account, or change its label or how much it has at once."""
        wanted = reading.read_change(await self._admitted(request))
        found = reading.read_account_id(account_id)
        changed = await self.context.call(self.context.core.upstreams.change, found, wanted)
        return _json(translate.account(changed))

    async def remove_account(self, request: Request, account_id: str) -> Response:
        """Forget an account and its tokens; one with unfinished jobs is refused."""
        gone = await self.context.call(self._remove, secret_of(request), account_id)
        return _json(translate.account(gone))

    async def _admitted(self, request: Request) -> dict[str, Value]:
        """Prove the caller, and then read the body: strangers cannot make us read it."""
        await self.context.call(self._prove, secret_of(request))
        return await read_fields(request, BODY_BYTES)

    def _prove(self, secret: str | None) -> None:
        self.context.core.jobs.authenticate(secret, Scope.ADMIN)

    def _engines(self, secret: str | None) -> list[EngineStatus]:
        self._prove(secret)
        return self.context.core.engines.engines()

    def _accounts(self, secret: str | None, query: Mapping[str, str]) -> Page[UpstreamView]:
        self._prove(secret)
        return self.context.core.upstreams.page(query.get("engine") or None, read_page(query))

    def _account(self, secret: str | None, account_id: str) -> UpstreamView:
        self._prove(secret)
        return self.context.core.upstreams.view(reading.read_account_id(account_id))

    def _remove(self, secret: str | None, account_id: str) -> UpstreamView:
        self._prove(secret)
        return self.context.core.upstreams.remove(reading.read_account_id(account_id))


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
