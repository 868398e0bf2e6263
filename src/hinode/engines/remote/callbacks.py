"""Callbacks of an upstream: secret URLs, and waking the task that waits for a job.

The body of a callback is not trusted: it only starts the next poll at once. In another process than
the one that waits it does nothing, and the end of the job is found by polling.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")

CALLBACK_PATH = "/callbacks"
"""Path of callbacks: the engine's name and a token follow."""

_MIN_WAIT_SECONDS = 1.0


class CallbackRegistry:
    """The callback URLs of one engine's jobs, and the tasks that wait; usable from any thread.

    ``base`` is this server's public URL. Tokens are HMACs with the engine's ``secret``: the same in
    each process, and not to be guessed.
    """

    def __init__(self, base: str, engine: str, secret: str) -> None:
        self._base_url = f"{base.rstrip('/')}{CALLBACK_PATH}/{engine}"
        self._secret = secret.encode()
        self._purpose = f"{CALLBACK_PATH}/{engine}/"
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}

    def url_for(self, job_id: UUID) -> str:
        """Return the callback URL of a job."""
        return f"{self._base_url}/{job_id.hex}.{self._signature(job_id.hex)}"

    def notify(self, token: str) -> bool:
        """Wake the task that waits for the job of a token; False for a token that is not ours."""
        job_hex, _, signature = token.partition(".")
        given = signature.encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(self._signature(job_hex).encode(), given):
            return False
        loop, notified = self._waiting.get(job_hex, (None, None))
        if loop is not None and notified is not None and not loop.is_closed():
            loop.call_soon_threadsafe(notified.set)
        return True

    @contextmanager
    def waiting_for(self, job_id: UUID) -> Iterator[asyncio.Event]:
        """Yield the event that a callback of this job sets."""
        notified = asyncio.Event()
        waiting = self._waiting[job_id.hex] = (asyncio.get_running_loop(), notified)
        try:
            yield notified
        finally:
            # A job may wait twice for a moment: it was resumed while its first wait stops.
            if self._waiting.get(job_id.hex) is waiting:
                del self._waiting[job_id.hex]

    def _signature(self, job_hex: str) -> str:
        message = f"{self._purpose}{job_hex}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


async def restart_on(notified: asyncio.Event, wait: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return the result of ``wait``, which is restarted each time that the event is set.

    A wait runs at least a second, so that many callbacks cannot keep it from polling.
    """
    while True:
        waiting = asyncio.create_task(wait())
        notification = asyncio.create_task(notified.wait())
        try:
            await asyncio.wait({waiting}, timeout=_MIN_WAIT_SECONDS)
            await asyncio.wait({waiting, notification}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return waiting.result()
            notified.clear()
        finally:
            waiting.cancel()
            notification.cancel()
            await asyncio.gather(waiting, notification, return_exceptions=True)
