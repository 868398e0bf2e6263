"""From an ``[engines.NAME]`` table to what every remote engine works with."""

from __future__ import annotations

from hinode.engines.base import EngineError
from hinode.engines.remote.http import CallLimits, Upstream
from hinode.engines.remote.polling import Pace
from hinode.engines.remote.results import ResultLimits
from hinode.engines.remote.settings import UpstreamSettings


def open_upstream(name: str, settings: UpstreamSettings) -> Upstream:
    """Return the server, with the key as a bearer token. Raises :class:`EngineError` for no key."""
    limits = CallLimits(
        answer_s=settings.answer_seconds,
        download_s=settings.download_seconds,
        connections=settings.connections,
    )
    return Upstream(settings.url, _proof(name, settings), limits)


def pace_of(settings: UpstreamSettings) -> Pace:
    """Return how its jobs are polled."""
    return Pace(
        fastest=min(0.5, settings.poll_seconds),
        slowest=settings.poll_seconds,
        patience=settings.patience_seconds,
    )


def result_limits_of(settings: UpstreamSettings) -> ResultLimits:
    """Return the bounds of its results."""
    return ResultLimits(max_bytes=settings.result_mb * 2**20, patience=settings.patience_seconds)


def _proof(name: str, settings: UpstreamSettings) -> dict[str, str]:
    try:
        secret = settings.secret()
    except ValueError as error:
        raise EngineError("engine_misconfigured", f"The engine '{name}': {error}.") from None
    if not secret.isascii() or any(one.isspace() for one in secret):
        raise EngineError(
            "engine_misconfigured",
            f"The engine '{name}': its key is no key; look for blanks in it.",
        )
    return {"authorization": f"Bearer {secret}"} if secret else {}
