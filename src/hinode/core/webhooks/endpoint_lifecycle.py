"""Create, update, test and delete webhook endpoints, and rotate their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.accounts.types import Account
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.pagination import Page, PageQuery, paginate
from hinode.core.text_checks import check_storable
from hinode.core.webhooks import delivery_repository, repository
from hinode.core.webhooks.payload import event_body
from hinode.core.webhooks.receiver_urls import check_receiver_url
from hinode.core.webhooks.types import (
    EVENT_PREFIX,
    OLD_SECRET_LIFETIME,
    Endpoint,
    EndpointWithSecret,
    EventType,
    PreparedDelivery,
)
from hinode.kit.addresses import AllowList
from hinode.kit.clock import Clock
from hinode.kit.ids import encode_id, new_id
from hinode.kit.secret_box import DecryptionError, SecretBox
from hinode.kit.webhook_signing import new_signing_secret, signing_hint

if TYPE_CHECKING:
    from hinode.db.database import Database

MAX_ENDPOINTS = 20
"""Maximum endpoints of an account: each job causes a request to every one of them."""

MAX_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class EndpointUpdate:
    """Fields to set; None leaves a field unchanged. ``event_types`` are not validated yet."""

    name: str | None = None
    url: str | None = None
    event_types: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class EndpointLifecycle:
    """Webhook endpoints of callers; methods raise :class:`HinodeError`."""

    db: Database
    secret_box: SecretBox
    clock: Clock
    allow: AllowList

    def create(self, caller: Caller, fields: EndpointUpdate) -> EndpointWithSecret:
        """Create an endpoint; its secret is returned this once."""
        now, secret = self.clock.now(), new_signing_secret()
        with self.db.write() as conn:
            if repository.count(conn, caller.account_id) >= MAX_ENDPOINTS:
                raise HinodeError(
                    ErrorCode.INVALID_VALUE,
                    f"An account has at most {MAX_ENDPOINTS} webhook endpoints.",
                    hint="Delete an endpoint that is not needed any more.",
                )
            endpoint = Endpoint(
                id=new_id(),
                account_id=caller.account_id,
                name=_name(fields.name),
                url=self._url(fields.url),
                event_types=_event_types(fields.event_types),
                secret=self.secret_box.encrypt(secret),
                secret_hint=signing_hint(secret),
                old_secret=None,
                old_secret_until=None,
                disabled_at=None,
                disabled_reason=None,
                created_at=now,
                updated_at=now,
            )
            repository.insert(conn, endpoint)
        return EndpointWithSecret(endpoint, secret)

    def get(self, caller: Caller, endpoint_id: UUID) -> Endpoint:
        """Return an endpoint of the caller's account."""
        with self.db.read() as conn:
            return _own(conn, caller, endpoint_id)

    def page(self, caller: Caller, wanted: PageQuery) -> Page[Endpoint]:
        """Return a page of the account's endpoints, newest first."""
        with self.db.read() as conn:
            return paginate(wanted, partial(repository.page, conn, caller.account_id))

    def update(self, caller: Caller, endpoint_id: UUID, fields: EndpointUpdate) -> Endpoint:
        """Update an endpoint; an update with a URL, even the same, enables a disabled one."""
        with self.db.write() as conn:
            old = _own(conn, caller, endpoint_id, lock=True)
            new = self._updated(old, fields)
            if new == old:
                return old
            new = replace(new, updated_at=self.clock.now())
            repository.save(conn, new)
        return new

    def delete(self, caller: Caller, endpoint_id: UUID) -> None:
        """Delete an endpoint and drop its pending deliveries."""
        with self.db.write() as conn:
            endpoint = _own(conn, caller, endpoint_id, lock=True)
            delivery_repository.drop_pending(conn, endpoint.id, self.clock.now())
            repository.delete(conn, endpoint.id)

    def rotate(self, caller: Caller, endpoint_id: UUID, *, keep_old: bool) -> EndpointWithSecret:
        """Replace an endpoint's secret; with ``keep_old`` the old one also signs for 24 hours."""
        with self.db.write() as conn:
            old = _own(conn, caller, endpoint_id, lock=True)
            now, secret = self.clock.now(), new_signing_secret()
            new = replace(
                old,
                secret=self.secret_box.encrypt(secret),
                secret_hint=signing_hint(secret),
                old_secret=old.secret if keep_old else None,
                old_secret_until=now + OLD_SECRET_LIFETIME if keep_old else None,
                updated_at=now,
            )
            repository.save(conn, new)
        return EndpointWithSecret(new, secret)

    def prepare_test(self, caller: Caller, endpoint_id: UUID, event_type: str) -> PreparedDelivery:
        """Return the request of a signed example event, about something that does not exist."""
        wanted = parse_event_type(event_type, "event_type")
        endpoint = self.get(caller, endpoint_id)
        now, event_id = self.clock.now(), new_id()
        prefix = wanted.value.partition(".")[0]
        body = event_body(event_id, wanted, encode_id(f"{prefix}_", new_id()), now)
        try:
            secrets = tuple(map(self.secret_box.decrypt, endpoint.encrypted_secrets(now)))
        except DecryptionError as error:
            raise HinodeError(
                ErrorCode.WEBHOOK_UNREACHABLE,
                "This endpoint's secret was encrypted with another key, so it cannot sign.",
                hint="Rotate the secret.",
            ) from error
        public_id = encode_id(EVENT_PREFIX, event_id)
        return PreparedDelivery(new_id(), 1, public_id, endpoint.url, body, secrets)

    def all_with_accounts(self) -> list[tuple[Endpoint, Account]]:
        """Return the endpoints of all accounts, oldest first, for the operator."""
        with self.db.read() as conn:
            owners = {account.id: account for account in accounts.every(conn)}
            return [(one, owners[one.account_id]) for one in repository.every(conn)]

    def _updated(self, old: Endpoint, fields: EndpointUpdate) -> Endpoint:
        new = old
        if fields.name is not None:
            new = replace(new, name=_name(fields.name))
        if fields.event_types is not None:
            new = replace(new, event_types=_event_types(fields.event_types))
        if fields.url is not None:
            url = self._url(fields.url)
            new = replace(new, url=url, disabled_at=None, disabled_reason=None)
        return new

    def _url(self, url: str | None) -> str:
        if not url:
            raise _missing("url", "Send the URL that receives the events.")
        return check_receiver_url(url, self.allow, "url")


def _own(conn: sa.Connection, caller: Caller, endpoint_id: UUID, *, lock: bool = False) -> Endpoint:
    found = repository.find_own(conn, caller.account_id, endpoint_id, lock=lock)
    if found is None:
        raise no_endpoint()
    return found


def no_endpoint() -> HinodeError:
    """Return the error for an endpoint that is unknown, or another account's."""
    return HinodeError(
        ErrorCode.WEBHOOK_NOT_FOUND,
        "This account has no such webhook endpoint.",
        param="id",
    )


def parse_event_type(text: str, param: str = "event_types") -> EventType:
    """Parse an event type. Raises :class:`HinodeError` that lists the supported ones."""
    try:
        return EventType(text)
    except ValueError:
        offered = ", ".join(f"'{one}'" for one in EventType)
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{text[:60]}' is not an event type. Supported values are: {offered}.",
            param=param,
        ) from None


def _name(name: str | None) -> str:
    if name is None or not name.strip():
        raise _missing("name", "Send a name that identifies the endpoint.")
    check_storable(name, "name")
    if len(name) > MAX_NAME_LENGTH:
        raise _bad("name", f"'name' has {len(name)} characters; the maximum is {MAX_NAME_LENGTH}.")
    return name


def _event_types(texts: Sequence[str] | None) -> tuple[EventType, ...]:
    if not texts:
        raise _missing("event_types", "Send the event types, such as 'video.completed'.")
    wanted = {parse_event_type(text) for text in texts}
    return tuple(one for one in EventType if one in wanted)


def _missing(param: str, hint: str) -> HinodeError:
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{param}'.", param=param, hint=hint
    )


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
