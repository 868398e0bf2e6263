"""Requests per minute counted for all servers together, by a Redis or Valkey."""

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
# One round trip, and Redis's own clock, so that the servers' clocks need not agree. Answers 0, or
# the milliseconds until enough of the requests in the window are older than a minute.
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
    """Counts exactly, over a sliding minute, the requests that all servers with one URL serve.

    While that server does not answer, ``otherwise`` counts and the log says so: limits of one
    process each are better than no service.
    """

    def __init__(self, url: str, otherwise: RateLimiter) -> None:
        """Raises ``ImportError`` without the extra ``redis``, ``ValueError`` for a bad URL.

        ``url`` is ``redis://``, ``rediss://`` or ``valkey://``.
        """
        self._otherwise = otherwise
        self._client = _client(url)

    def admit(self, key_id: UUID, per_minute: int) -> int | None:
        """Count a request; or return the seconds to wait, 1 to 60, and count nothing."""
        from redis.exceptions import RedisError

        span = MINUTE // timedelta(milliseconds=1)
        place = f"hinode:pace:{key_id.hex}"
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
