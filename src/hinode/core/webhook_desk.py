"""The verbs of webhook endpoints for callers, each in the one transaction that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.webhooks import repository
from hinode.core.webhooks.payload import video_event_body
from hinode.core.webhooks.service import EndpointService, EndpointWish, event_type_of
from hinode.core.webhooks.types import (
    EVENT_PREFIX,
    Endpoint,
    EndpointPage,
    FreshSecret,
    Parcel,
)
from hinode.kit.ids import new_id, spell
from hinode.kit.sealing import SealBroken

if TYPE_CHECKING:
    from hinode.db.database import Database


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """What an account does with its endpoints. All verbs raise :class:`HinodeError`."""

    db: Database
    endpoints: EndpointService

    def create(self, caller: Caller, wish: EndpointWish) -> FreshSecret:
        """Add an endpoint."""
        with self.db.write() as conn:
            return self.endpoints.create(conn, caller.account_id, wish)

    def get(self, caller: Caller, endpoint_id: UUID) -> Endpoint:
        """Return an endpoint."""
        with self.db.read() as conn:
            return self.endpoints.get(conn, caller.account_id, endpoint_id)

    def page(self, caller: Caller, *, limit: int, after: UUID | None) -> EndpointPage:
        """Return a page of the account's endpoints, newest first."""
        with self.db.read() as conn:
            return repository.page(conn, caller.account_id, limit=limit, after=after)

    def update(self, caller: Caller, endpoint_id: UUID, wish: EndpointWish) -> Endpoint:
        """Change an endpoint."""
        with self.db.write() as conn:
            return self.endpoints.update(conn, caller.account_id, endpoint_id, wish)

    def delete(self, caller: Caller, endpoint_id: UUID) -> None:
        """Forget an endpoint."""
        with self.db.write() as conn:
            self.endpoints.delete(conn, caller.account_id, endpoint_id)

    def rotate(self, caller: Caller, endpoint_id: UUID, *, keep_old: bool) -> FreshSecret:
        """Give an endpoint a new secret."""
        with self.db.write() as conn:
            return self.endpoints.rotate(conn, caller.account_id, endpoint_id, keep_old=keep_old)

    def sample(self, caller: Caller, endpoint_id: UUID, event_type: str) -> Parcel:
        """Return an event about a video that does not exist, signed like a real one when sent."""
        wanted = event_type_of(event_type, "event_type")
        endpoint = self.get(caller, endpoint_id)
        now, event_id, job_id = self.endpoints.clock.now(), new_id(), new_id()
        body = video_event_body(event_id, wanted, job_id, now)
        try:
            secrets = tuple(map(self.endpoints.sealer.open, endpoint.sealed_secrets(now)))
        except SealBroken as error:
            raise HinodeError(
                ErrorCode.WEBHOOK_UNREACHABLE,
                "This endpoint's secret cannot be read here, so nothing can be signed with it.",
                hint="Rotate the secret.",
            ) from error
        return Parcel(new_id(), 1, spell(EVENT_PREFIX, event_id), endpoint.url, body, secrets)
