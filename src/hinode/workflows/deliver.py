"""One try of a delivery: take what is to be sent, send it, and settle what came of it.

A crash between sending and settling makes the same try once more, with the same id.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from uuid import UUID

import structlog

from hinode.core.postroom import Postroom
from hinode.core.webhooks.types import Outcome, Parcel
from hinode.kit.fetch import FetchError, FetchPolicy
from hinode.kit.post import post

TIMEOUT_SECONDS = 20.0
"""How long a receiver may take to answer: 15 to 30 by the Standard Webhooks specification."""

MAX_RESPONSE_BYTES = 1024
_CANNOT_SIGN = "The signing secret cannot be read on this server: its sealing key is another one."
_REDIRECTED = "The receiver redirects, which is not followed; give the final URL."

log = structlog.get_logger("hinode.deliver")


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Makes one try per call, whichever process decided on it."""

    postroom: Postroom
    policy: FetchPolicy

    async def attempt(self, delivery_hex: str, number: int) -> None:
        """Make try ``number`` of a delivery unless it was made or is not wanted any more."""
        parcel = await asyncio.to_thread(self.postroom.take, UUID(delivery_hex), number)
        if parcel is None:
            return
        outcome = await self._send(parcel)
        state = await asyncio.to_thread(self.postroom.settle, parcel, outcome)
        log.info(
            "webhook sent",
            event_id=parcel.event_id,
            attempt=number,
            status=outcome.status,
            error=outcome.error,
            ms=outcome.latency_ms,
            state=state,
        )

    async def _send(self, parcel: Parcel) -> Outcome:
        now = self.postroom.clock.now()
        if not parcel.secrets:
            return Outcome(now, 0, error=_CANNOT_SIGN)
        started = time.monotonic()
        headers, body = parcel.headers(now), parcel.body.encode()
        try:
            posted = await post(parcel.url, body, headers, policy=self.policy)
        except FetchError as error:
            return Outcome(now, _elapsed_ms(started), error=error.message)
        return Outcome(
            now,
            _elapsed_ms(started),
            status=posted.status,
            error=_REDIRECTED if 300 <= posted.status < 400 else None,
            answer=_decode_body(posted.body),
            retry_after=posted.retry_after,
        )


def delivery_policy(allow_hosts: tuple[str, ...]) -> FetchPolicy:
    """Return the bounds of a try."""
    return FetchPolicy(
        max_bytes=MAX_RESPONSE_BYTES,
        timeout_s=TIMEOUT_SECONDS,
        max_redirects=0,
        allow_hosts=allow_hosts,
    )


def _decode_body(answer: bytes) -> str:
    """Return an answer as text that can be stored and shown."""
    return answer.decode("utf-8", "replace").replace("\x00", "\ufffd")


def _elapsed_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
