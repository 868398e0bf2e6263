"""Rate limits shared by all servers, counted by Redis or Valkey."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from hinode.core.auth.rate_limiter import MINUTE, RateLimiter, whole_seconds
from hinode.kit.ids import new_id

if TYPE_CHECKING:
    from redis import Redis

_PATIENCE_S = 1.0
# A sliding-window log in a sorted set, as one atomic script. It takes the time from Redis, because
# the clocks of the servers may differ. Returns 0 for a counted request, else the milliseconds until
# enough requests have left the window.
_ADMIT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span, most = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
local used = redis.call('ZCARD', KEYS[1])
if used < most then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], span)
  return 0
end
local free = redis.call('ZRANGE', KEYS[1], used - most, used - most, 'WITHSCORES')
return math.max(1, tonumber(free[2]) + span - now)
"""
log = structlog.get_logger("hinode.limits")


class RedisRateLimiter:
    """A sliding-window log of the requests of all servers that use one URL.

    While Redis cannot be reached, ``otherwise`` counts and a warning is logged: limits by process
    are better than an outage.
    """

    def __init__(self, url: str, otherwise: RateLimiter) -> None:
        """Create the client; it connects with the first request.

        ``url`` begins with ``redis://``, ``rediss://`` or ``valkey://``.
        Raises ``ImportError`` without the extra ``redis``, ``ValueError`` for an invalid URL.
        """
        self._otherwise = otherwise
        self._client = _client(url)

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """See :meth:`RateLimiter.admit`; at most a second is spent waiting for Redis."""
        from redis.exceptions import RedisError

        span = MINUTE // timedelta(milliseconds=1)
        place = f"hinode:rate:{key_id.hex}"
        try:
            left: Any = self._client.eval(_ADMIT, 1, place, span, per_minute, new_id().hex)
        except (RedisError, OSError) as error:
            log.warning("requests are counted per process", reason=type(error).__name__)
            return self._otherwise.admit(key_id, per_minute)
        wait = int(left)
        return whole_seconds(timedelta(milliseconds=wait)) if wait else None


def _client(url: str) -> Redis:
    from redis import Redis

    spelled = "redis" + url.removeprefix("valkey") if url.startswith("valkey") else url
    return Redis.from_url(
        spelled, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S, retry=None
    )
