"""Make the client and the policies of a remote engine from its ``[engines.NAME]`` table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hinode.engines.base import EngineError
from hinode.engines.remote.http import ClientLimits, UpstreamClient
from hinode.engines.remote.polling import PollPolicy
from hinode.engines.remote.results import ResultLimits
from hinode.engines.remote.settings import ServerSettings
from hinode.kit.proxy import parse_proxy


def bearer(secret: str) -> dict[str, str]:
    """Return the header of a bearer token; none without a key."""
    return {"authorization": f"Bearer {secret}"} if secret else {}


def create_client(
    name: str,
    settings: ServerSettings,
    headers_for: Callable[[str], Mapping[str, str]] = bearer,
    max_response_bytes: int = ClientLimits().max_response_bytes,
) -> UpstreamClient:
    """Return the client, whose headers ``headers_for`` makes of the key.

    Raises :class:`EngineError` for a bad key.
    """
    limits = ClientLimits(
        response_timeout_s=settings.response_timeout_seconds,
        download_timeout_s=settings.download_timeout_seconds,
        max_response_bytes=max_response_bytes,
        max_connections=settings.connections,
    )
    headers = headers_for(_checked_secret(name, settings))
    return UpstreamClient(settings.url, headers, limits, parse_proxy(settings.proxy))


def poll_policy_from(settings: ServerSettings) -> PollPolicy:
    """Return the poll policy of its jobs."""
    return PollPolicy(
        min_interval=min(0.5, settings.poll_interval_seconds),
        max_interval=settings.poll_interval_seconds,
        unreachable_timeout=settings.unreachable_timeout_seconds,
    )


def result_limits_from(settings: ServerSettings) -> ResultLimits:
    """Return the limits of its results."""
    return ResultLimits(
        max_bytes=settings.max_result_mb * 2**20,
        retry_backoff=settings.retry_backoff_seconds,
        unreachable_timeout=settings.unreachable_timeout_seconds,
    )


def _checked_secret(name: str, settings: ServerSettings) -> str:
    try:
        secret = settings.secret()
    except ValueError as error:
        raise EngineError("engine_misconfigured", f"The engine '{name}': {error}.") from None
    if not secret.isascii() or any(one.isspace() for one in secret):
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': its key is no key: it has blanks or letters beyond ASCII.",
        )
    return secret
