"""One attempt of a webhook delivery: prepare it, send it, record its result and the retry.

A crash between sending and recording makes the same attempt once more, with the same id.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from hinode.core.webhooks.delivery import DeliveryLifecycle
from hinode.core.webhooks.types import AttemptResult, PreparedDelivery
from hinode.kit.proxy import Proxy
from hinode.kit.safe_fetch import FetchError, FetchPolicy
from hinode.kit.safe_post import post
from hinode.workflows.host_retry import HostRetry

TIMEOUT_SECONDS = 20.0
"""Timeout of a receiver's response; 15 to 30 by the Standard Webhooks specification."""

MAX_RESPONSE_BYTES = 1024
_CANNOT_SIGN = (
    "The signing secret cannot be read on this server: its encryption key is another one."
)
_REDIRECTED = "The receiver redirects, which is not followed; give the final URL."

log = structlog.get_logger("hinode.deliver")


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Makes one attempt per call, whichever process decided on it."""

    deliveries: DeliveryLifecycle
    policy: FetchPolicy
    retry: HostRetry = field(default_factory=HostRetry)

    async def attempt(self, delivery_hex: str, number: int) -> None:
        """Make this attempt of a delivery unless it was made or its target was deleted."""
        prepared = await self.retry.call(self.deliveries.prepare, UUID(delivery_hex), number)
        if prepared is None:
            return
        result = await self._send(prepared)
        state = await self.retry.call(self.deliveries.record_attempt, prepared, result)
        log.info(
            "webhook sent",
            event_id=prepared.event_id,
            attempt=number,
            status=result.status,
            error=result.error,
            ms=result.latency_ms,
            state=state,
        )

    async def _send(self, prepared: PreparedDelivery) -> AttemptResult:
        now = self.deliveries.clock.now()
        if not prepared.secrets:
            return AttemptResult(now, 0, error=_CANNOT_SIGN)
        started = time.monotonic()
        headers, body = prepared.headers(now), prepared.body.encode()
        try:
            posted = await post(prepared.url, body, headers, policy=self.policy)
        except FetchError as error:
            return AttemptResult(now, _elapsed_ms(started), error=error.message)
        return AttemptResult(
            now,
            _elapsed_ms(started),
            status=posted.status,
            error=_REDIRECTED if 300 <= posted.status < 400 else None,
            response=_decode_body(posted.body),
            retry_after=posted.retry_after,
        )


def delivery_policy(allow_hosts: tuple[str, ...], proxy: Proxy | None) -> FetchPolicy:
    """Return the limits of an attempt: size, time, addresses; redirects are not followed."""
    return FetchPolicy(
        max_bytes=MAX_RESPONSE_BYTES,
        timeout_s=TIMEOUT_SECONDS,
        max_redirects=0,
        allow_hosts=allow_hosts,
        proxy=proxy,
    )


def _decode_body(answer: bytes) -> str:
    """Return a response as text that can be stored and shown."""
    return answer.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
