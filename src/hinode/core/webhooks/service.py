"""Deciding about webhook endpoints: what may be one, and whose; in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa

from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.text_checks import check_storable
from hinode.core.webhooks import journal, repository
from hinode.core.webhooks.receivers import checked_url
from hinode.core.webhooks.types import (
    OLD_SECRET_STAYS,
    Endpoint,
    EventType,
    FreshSecret,
)
from hinode.kit.addresses import AllowList
from hinode.kit.clock import Clock
from hinode.kit.ids import new_id
from hinode.kit.sealing import Sealer
from hinode.kit.signing import new_signing_secret, signing_hint

MOST_ENDPOINTS = 20
"""Endpoints of one account: each one multiplies what its jobs send."""

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class EndpointWish:
    """What a client asks for; None leaves as it is. ``event_types`` are as the client spells."""

    name: str | None = None
    url: str | None = None
    event_types: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class EndpointService:
    """The verbs of endpoints. All raise :class:`HinodeError`."""

    sealer: Sealer
    clock: Clock
    allow: AllowList

    def create(self, conn: sa.Connection, account_id: UUID, wish: EndpointWish) -> FreshSecret:
        """Add an endpoint; its secret is seen now and never again."""
        if repository.count(conn, account_id) >= MOST_ENDPOINTS:
            raise HinodeError(
                ErrorCode.INVALID_VALUE,
                f"An account has at most {MOST_ENDPOINTS} webhook endpoints.",
                hint="Delete one that is not needed any more.",
            )
        now, secret = self.clock.now(), new_signing_secret()
        endpoint = Endpoint(
            id=new_id(),
            account_id=account_id,
            name=_name(wish.name),
            url=self._url(wish.url),
            event_types=_event_types(wish.event_types),
            secret=self.sealer.seal(secret),
            secret_hint=signing_hint(secret),
            old_secret=None,
            old_secret_until=None,
            disabled_at=None,
            disabled_reason=None,
            created_at=now,
            updated_at=now,
        )
        repository.insert(conn, endpoint)
        return FreshSecret(endpoint, secret)

    def get(
        self, conn: sa.Connection, account_id: UUID, endpoint_id: UUID, *, lock: bool = False
    ) -> Endpoint:
        """Return an endpoint of this account."""
        found = repository.find_own(conn, account_id, endpoint_id, lock=lock)
        if found is None:
            raise no_endpoint()
        return found

    def update(
        self, conn: sa.Connection, account_id: UUID, endpoint_id: UUID, wish: EndpointWish
    ) -> Endpoint:
        """Change what is given; naming the URL, even the same, enables a disabled endpoint."""
        old = self.get(conn, account_id, endpoint_id, lock=True)
        new = replace(
            old,
            name=old.name if wish.name is None else _name(wish.name),
            event_types=old.event_types
            if wish.event_types is None
            else _event_types(wish.event_types),
        )
        if wish.url is not None:
            new = replace(new, url=self._url(wish.url), disabled_at=None, disabled_reason=None)
        if new == old:
            return old
        new = replace(new, updated_at=self.clock.now())
        repository.save(conn, new)
        return new

    def delete(self, conn: sa.Connection, account_id: UUID, endpoint_id: UUID) -> None:
        """Forget an endpoint; what is on its way to it is given up."""
        endpoint = self.get(conn, account_id, endpoint_id, lock=True)
        journal.drop_pending(conn, endpoint.id, self.clock.now())
        repository.delete(conn, endpoint.id)

    def rotate(
        self, conn: sa.Connection, account_id: UUID, endpoint_id: UUID, *, keep_old: bool
    ) -> FreshSecret:
        """Give an endpoint a new secret; the old one signs too for 24 hours, or not at all."""
        old = self.get(conn, account_id, endpoint_id, lock=True)
        now, secret = self.clock.now(), new_signing_secret()
        new = replace(
            old,
            secret=self.sealer.seal(secret),
            secret_hint=signing_hint(secret),
            old_secret=old.secret if keep_old else None,
            old_secret_until=now + OLD_SECRET_STAYS if keep_old else None,
            updated_at=now,
        )
        repository.save(conn, new)
        return FreshSecret(new, secret)

    def _url(self, url: str | None) -> str:
        if not url:
            raise _missing("url", "Give the URL that receives the events.")
        return checked_url(url, self.allow, "url")


def no_endpoint() -> HinodeError:
    """Return the refusal of an endpoint that is unknown, or another account's."""
    return HinodeError(
        ErrorCode.WEBHOOK_NOT_FOUND,
        "This account has no such webhook endpoint.",
        param="id",
    )


def event_type_of(text: str, param: str = "event_types") -> EventType:
    """Read an event type. Raises :class:`HinodeError` that names those we have."""
    try:
        return EventType(text)
    except ValueError:
        offered = ", ".join(f"'{one}'" for one in EventType)
        raise HinodeError(
            ErrorCode.UNSUPPORTED_VALUE,
            f"'{text[:60]}' is no event of this server. Supported values are: {offered}.",
            param=param,
        ) from None


def _name(name: str | None) -> str:
    if name is None or not name.strip():
        raise _missing("name", "Give the endpoint a name that people know it by.")
    check_storable(name, "name")
    if len(name) > LONGEST_NAME:
        raise _bad("name", f"'name' has at most {LONGEST_NAME} characters.")
    return name


def _event_types(texts: Sequence[str] | None) -> tuple[EventType, ...]:
    if not texts:
        raise _missing("event_types", "Name the events to send, such as 'video.completed'.")
    wanted = {event_type_of(text) for text in texts}
    return tuple(one for one in EventType if one in wanted)


def _missing(param: str, hint: str) -> HinodeError:
    return HinodeError(
        ErrorCode.MISSING_VALUE, f"Missing required parameter: '{param}'.", param=param, hint=hint
    )


def _bad(param: str, message: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
