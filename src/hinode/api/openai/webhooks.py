"""The webhook routes of the OpenAI dialect: who wants to hear of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.json_text import dump
from hinode.api.openai import webhook_serializers as translate
from hinode.api.openai.auth import secret_of
from hinode.api.values import Fields, boolean, integer, text, wrong_type
from hinode.core.auth.types import Caller, Scope
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery
from hinode.core.webhooks.service import EndpointUpdate, no_endpoint
from hinode.core.webhooks.types import ENDPOINT_PREFIX, Endpoint
from hinode.kit.fetch import FetchError, FetchPolicy
from hinode.kit.ids import unspell
from hinode.kit.post import post

_DEFAULT_LIMIT = 20
_MAX_LIMIT = 100
_BODY_BYTES = 65_536
_ANSWER_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class WebhookRoutes:
    """One method per route; each returns a finished response and raises for the handlers."""

    context: ApiContext

    async def create(self, request: Request) -> Response:
        """Add an endpoint. Its `signing_secret` is in this answer and in no later one."""
        caller = await self._caller(request)
        wish = _wish(await read_fields(request, _BODY_BYTES))
        made = await self.context.call(self.context.core.webhooks.create, caller, wish)
        return _json(translate.endpoint_with_secret(made))

    async def listing(self, request: Request) -> Response:
        """Return a page of the account's endpoints, newest first."""
        secret, query = secret_of(request), request.query_params
        page = await self.context.call(self._page, secret, query)
        return _json(translate.page(page))

    async def retrieve(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Return an endpoint, without its secret."""
        secret = secret_of(request)
        return _json(
            translate.endpoint(await self.context.call(self._get, secret, webhook_endpoint_id))
        )

    async def update(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Change what is given. Naming the URL enables an endpoint that was disabled."""
        caller = await self._caller(request)
        wish = _wish(await read_fields(request, _BODY_BYTES))
        found = _endpoint_id(webhook_endpoint_id)
        changed = await self.context.call(self.context.core.webhooks.update, caller, found, wish)
        return _json(translate.endpoint(changed))

    async def delete(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Forget an endpoint; what is on its way to it is given up."""
        await self.context.call(self._delete, secret_of(request), webhook_endpoint_id)
        return _json(translate.deleted(webhook_endpoint_id))

    async def rotate(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Give an endpoint a new secret, shown once; the old one may sign for 24 hours more."""
        caller = await self._caller(request)
        # `curl -X POST` sends neither a body nor its type.
        given = request.headers.get("content-type")
        fields: Fields = await read_fields(request, _BODY_BYTES) if given else {}
        keep = boolean(fields, "keep_old_secret_active_for_24_hours") or False
        found = _endpoint_id(webhook_endpoint_id)
        rotate = self.context.core.webhooks.rotate
        return _json(
            translate.endpoint_with_secret(
                await self.context.call(rotate, caller, found, keep_old=keep)
            )
        )

    async def test(self, request: Request, webhook_endpoint_id: str) -> Response:
        """Send an example now and tell the status that the receiver answered with."""
        caller = await self._caller(request)
        event_type = text(await read_fields(request, _BODY_BYTES), "event_type")
        if event_type is None:
            raise HinodeError(
                ErrorCode.MISSING_VALUE,
                "Missing required parameter: 'event_type'.",
                param="event_type",
            )
        found, service = _endpoint_id(webhook_endpoint_id), self.context.core.webhooks
        prepared = await self.context.call(service.prepare_test, caller, found, event_type)
        headers = prepared.headers(service.clock.now())
        try:
            posted = await post(
                prepared.url, prepared.body.encode(), headers, policy=self._policy()
            )
        except FetchError as error:
            raise HinodeError(ErrorCode.WEBHOOK_UNREACHABLE, error.message) from error
        return _json(translate.tested(webhook_endpoint_id, event_type, posted.status))

    async def event_types(self, request: Request) -> Response:
        """List the events that endpoints can listen to."""
        await self._caller(request)
        return _json(translate.event_types())

    async def _caller(self, request: Request) -> Caller:
        """Prove the caller before the body is read."""
        return await self.context.call(self._prove, secret_of(request))

    def _prove(self, secret: str | None) -> Caller:
        return self.context.core.jobs.authenticate(secret, Scope.VIDEOS)

    def _get(self, secret: str | None, endpoint_id: str) -> Endpoint:
        caller = self._prove(secret)
        return self.context.core.webhooks.get(caller, _endpoint_id(endpoint_id))

    def _delete(self, secret: str | None, endpoint_id: str) -> None:
        caller = self._prove(secret)
        self.context.core.webhooks.delete(caller, _endpoint_id(endpoint_id))

    def _page(self, secret: str | None, query: Mapping[str, str]) -> Page[Endpoint]:
        caller = self._prove(secret)
        limit, after = _read_page(query)
        return self.context.core.webhooks.page(caller, PageQuery(limit, after))

    def _policy(self) -> FetchPolicy:
        return replace(self.context.fetch_policy, max_bytes=_ANSWER_BYTES)


def _wish(fields: Fields) -> EndpointUpdate:
    return EndpointUpdate(text(fields, "name"), text(fields, "url"), _event_types(fields))


def _event_types(fields: Fields) -> list[str] | None:
    value = fields.get("event_types")
    if value is None or value == "":
        return None
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        raise wrong_type("event_types", "an array of strings", value)
    named = [one for one in texts if isinstance(one, str)]
    if len(named) != len(texts):
        raise wrong_type("event_types", "an array of strings", value)
    return named


def _read_page(query: Mapping[str, str]) -> tuple[int, UUID | None]:
    limit = integer(query, "limit")
    limit = _DEFAULT_LIMIT if limit is None else limit
    if not 1 <= limit <= _MAX_LIMIT:
        raise _bad("limit", f"'limit' is 1 to {_MAX_LIMIT}, not {limit}.")
    given = query.get("after") or None
    after = unspell(ENDPOINT_PREFIX, given) if given else None
    if given and after is None:
        raise _bad("after", "'after' is the id of the last endpoint that you have.")
    return limit, after


def _endpoint_id(spelled: str) -> UUID:
    found = unspell(ENDPOINT_PREFIX, spelled)
    if found is None:
        raise no_endpoint()
    return found


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)


def _json(value: object) -> Response:
    return Response(dump(value), media_type="application/json")
