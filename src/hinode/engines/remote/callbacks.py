"""Being called back by an upstream: addresses that only it knows, and waking who waits.

A call tells nothing that is believed: it only makes the next look at the job come at once. In
another process than the one that waits it does nothing, and the job is seen by polling.
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
"""Where this server takes calls: the engine's name and a token follow."""

_MIN_WAIT_SECONDS = 1.0


class CallbackRegistry:
    """The addresses of one engine's jobs, and who waits for them; usable from any thread.

    ``base`` is this server's public URL. Tokens are made with the engine's ``secret``: the same
    in each process, and of no use to guess.
    """

    def __init__(self, base: str, engine: str, secret: str) -> None:
        self._base_url = f"{base.rstrip('/')}{CALLBACK_PATH}/{engine}"
        self._secret = secret.encode()
        self._purpose = f"{CALLBACK_PATH}/{engine}/"
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}

    def url_for(self, job_id: UUID) -> str:
        """Return the URL that wakes who waits for a job."""
        return f"{self._base_url}/{job_id.hex}.{self._signature(job_id.hex)}"

    def notify(self, token: str) -> bool:
        """Wake who waits for the job of a token; False for a token that is not ours."""
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
        """Yield the event that a call for this job sets."""
        notified = asyncio.Event()
        waiting = self._waiting[job_id.hex] = (asyncio.get_running_loop(), notified)
        try:
            yield notified
        finally:
            # A job may be here twice for a moment: taken over while its first wait stops.
            if self._waiting.get(job_id.hex) is waiting:
                del self._waiting[job_id.hex]

    def _signature(self, job_hex: str) -> str:
        message = f"{self._purpose}{job_hex}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()


async def restart_on(notified: asyncio.Event, wait: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Return what ``wait`` returns, begun anew each time that the event is set.

    A wait goes on undisturbed for a second, so that nobody keeps it from ever seeing anything.
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
