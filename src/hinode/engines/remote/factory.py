"""Make the client and the policies of a remote engine from its ``[engines.NAME]`` table."""

from __future__ import annotations

from hinode.engines.base import EngineError
from hinode.engines.remote.http import ClientLimits, UpstreamClient
from hinode.engines.remote.polling import PollPolicy
from hinode.engines.remote.results import ResultLimits
from hinode.engines.remote.settings import UpstreamSettings
from hinode.kit.proxy import parse_proxy


def create_client(name: str, settings: UpstreamSettings) -> UpstreamClient:
    """Return the client with its bearer token. Raises :class:`EngineError` for a bad key."""
    limits = ClientLimits(
        response_timeout_s=settings.response_timeout_seconds,
        download_timeout_s=settings.download_timeout_seconds,
        max_connections=settings.connections,
    )
    headers, proxy = _auth_headers(name, settings), parse_proxy(settings.proxy)
    return UpstreamClient(settings.url, headers, limits, proxy)


def poll_policy_from(settings: UpstreamSettings) -> PollPolicy:
    """Return the poll policy of its jobs."""
    return PollPolicy(
        min_interval=min(0.5, settings.poll_interval_seconds),
        max_interval=settings.poll_interval_seconds,
        unreachable_timeout=settings.unreachable_timeout_seconds,
    )


def result_limits_from(settings: UpstreamSettings) -> ResultLimits:
    """Return the limits of its results."""
    return ResultLimits(
        max_bytes=settings.max_result_mb * 2**20,
        retry_backoff=settings.retry_backoff_seconds,
        unreachable_timeout=settings.unreachable_timeout_seconds,
    )


def _auth_headers(name: str, settings: UpstreamSettings) -> dict[str, str]:
    try:
        secret = settings.secret()
    except ValueError as error:
        raise EngineError("engine_misconfigured", f"The engine '{name}': {error}.") from None
    if not secret.isascii() or any(one.isspace() for one in secret):
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': its key is no key: it has blanks or letters beyond ASCII.",
        )
    return {"authorization": f"Bearer {secret}"} if secret else {}
