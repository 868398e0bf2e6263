"""Progress by WebSocket, which is the only place where ComfyUI tells it.

It is an extra: when no socket can be had (a proxy in between, a server that is away), the status of
the job alone tells when it is done.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from hinode.engines.comfyui.graph import Graph
from hinode.engines.remote.http import UpstreamClient
from hinode.kit.safe_fetch import default_ssl_context

_ENDED = frozenset({"execution_success", "execution_error", "execution_interrupted"})
_SAMPLER_WEIGHT = 20.0
_MAX_MESSAGE = 16 * 2**20
_FIRST_PAUSE, _MAX_PAUSE = 0.5, 15.0

log = structlog.get_logger("hinode.upstream")
# Its debug lines would show the headers, which may hold a key.
_silent = logging.getLogger("hinode.silent.websockets")
_silent.addHandler(logging.NullHandler())
_silent.setLevel(logging.CRITICAL)
_silent.propagate = False


def node_weights(graph: Graph) -> dict[str, float]:
    """Return what share of the work each node is, roughly: nearly all of it is sampling."""
    return {
        node_id: _SAMPLER_WEIGHT if _is_sampler(node.class_type, node.inputs) else 1.0
        for node_id, node in graph.items()
    }


def _is_sampler(class_type: str, inputs: Mapping[str, Any]) -> bool:
    return "sampler" in class_type.lower() and ("latent_image" in inputs or len(inputs) > 3)


class ProgressFeed:
    """News of a job's runs: the progress of each, and that one has ended."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._progress: dict[str, float] = {}
        self._weights: dict[str, dict[str, float]] = {}

    def expect(self, prompt_id: str, graph: Graph) -> None:
        """Measure a run by the nodes of its graph."""
        self._weights[prompt_id] = node_weights(graph)

    def progress(self, prompt_id: str) -> float:
        """Return how far a run is, from 0.0 to 1.0."""
        return self._progress.get(prompt_id, 0.0)

    def take(self, message: str | bytes) -> None:
        """Take a message; pictures and what is unknown are ignored."""
        found = _parse(message)
        data = found.get("data")
        if not isinstance(data, dict):
            return
        run = data.get("prompt_id")
        if run not in self._weights:
            return
        if found.get("type") == "progress_state":
            self._progress[run] = _share(self._weights[run], data.get("nodes"))
        elif found.get("type") in _ENDED:
            self.ended.set()


def _parse(message: str | bytes) -> dict[str, Any]:
    if isinstance(message, bytes):
        return {}
    with suppress(ValueError, RecursionError):
        found = json.loads(message)
        if isinstance(found, dict):
            return found
    return {}


def _share(weights: Mapping[str, float], nodes: object) -> float:
    if not isinstance(nodes, dict):
        return 0.0
    done = sum(weights.get(node_id, 0.0) * _done(one) for node_id, one in nodes.items())
    return min(1.0, done / sum(weights.values()))


def _done(node: object) -> float:
    if not isinstance(node, dict):
        return 0.0
    if node.get("state") == "finished":
        return 1.0
    value, most = node.get("value"), node.get("max")
    if not isinstance(value, int | float) or not isinstance(most, int | float) or most <= 1:
        return 0.0
    return min(1.0, max(0.0, value / most))


@asynccontextmanager
async def listening(client: UpstreamClient, client_id: str) -> AsyncIterator[ProgressFeed]:
    """Yield a feed that is fed while the block runs, if the server can be listened to."""
    feed = ProgressFeed()
    if client.proxy is not None:
        yield feed
        return
    task = asyncio.create_task(_listen(client, client_id, feed))
    try:
        yield feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _listen(client: UpstreamClient, client_id: str, feed: ProgressFeed) -> None:
    pause = _FIRST_PAUSE
    while True:
        try:
            async with _connection(client, client_id) as socket:
                pause = _FIRST_PAUSE
                async for message in socket:
                    feed.take(message)
        except (OSError, WebSocketException, TimeoutError, ValueError) as error:
            log.debug("no progress by WebSocket", reason=type(error).__name__)
        await asyncio.sleep(pause)
        pause = min(_MAX_PAUSE, pause * 2)


class _connection(connect):
    """A connection that follows no redirect: it would carry our headers to another place."""

    def __init__(self, client: UpstreamClient, client_id: str) -> None:
        secure = client.base_url.scheme == "https"
        address = client.base_url.copy_with(scheme="wss" if secure else "ws")
        super().__init__(
            f"{address}/ws?clientId={quote(client_id, safe='')}",
            additional_headers=client.auth_headers,
            user_agent_header="hinode",
            proxy=None,
            ssl=default_ssl_context() if secure else None,
            open_timeout=client.limits.connect_timeout_s,
            close_timeout=1.0,
            max_size=_MAX_MESSAGE,
            logger=_silent,
        )

    def process_redirect(self, exc: Exception) -> Exception:
        """Return the redirect as the failure that it is."""
        return exc
