"""The context that every route is given, built once by the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

from hinode.api.job_watcher import JobWatcher
from hinode.api.prompt_enhancer import PromptEnhancer
from hinode.api.signed_urls import SignedUrls
from hinode.core.services import CoreServices
from hinode.kit.safe_fetch import FetchPolicy
from hinode.kit.thread_pool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")

MAX_CONCURRENT_CLIPS = 2
"""Uploaded videos examined at once, each in a child process for up to 20 seconds."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """The public description of an engine, shown with its models."""

    description: str
    licence: str
    audio: bool
    first_frame: bool
    max_outputs: int


class ReadinessChecks(Protocol):
    """Checks of the parts of the server; all of them block."""

    def reads(self) -> Mapping[str, Callable[[], None]]:
        """Return the checks of reading by name; each raises when its part does not work."""
        ...

    def workers(self) -> None:
        """Raise when no worker runs jobs."""
        ...

    def free_bytes(self) -> int:
        """Return the free space of the data folder."""
        ...

    def creates(self) -> str | None:
        """Return the reason why creates are refused, or None."""
        ...

    def engines(self) -> Mapping[str, str]:
        """Return the condition of each engine in one word."""
        ...

    def clock(self) -> str:
        """Return ``ok``, or the reason in one word why this machine's clock is not believed."""
        ...


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The core's services and the HTTP settings that routes share.

    ``upload_limit`` is the largest request body in bytes; ``engines`` are the installed
    engines by name.
    ``trusted_proxies`` are the addresses and networks whose forwarding headers are believed.
    ``writer`` is the text model that enhances prompts, if one is configured. ``countries`` are
    those that are served (empty: all), read from ``country_header``, which a trusted proxy sets.
    ``callback_notifiers`` wake, by engine name, the job that waits for an upstream's callback.
    ``clip_slots`` bound how many clips are examined at once, so that other requests have threads.
    """

    core: CoreServices
    links: SignedUrls
    watcher: JobWatcher
    thread_pool: ThreadPool
    fetch_policy: FetchPolicy
    upload_limit: int
    engines: Mapping[str, EngineInfo]
    readiness: ReadinessChecks
    trusted_proxies: Sequence[str]
    writer: PromptEnhancer | None
    countries: frozenset[str]
    country_header: str
    callback_notifiers: Mapping[str, Callable[[str], bool]]
    clip_slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_CLIPS)
    )

    async def call(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a synchronous service method in a worker thread: one hop per request.

        Context variables go along, so that its log lines carry the request's id.
        """
        return await self.thread_pool.run(partial(verb, *args, **kwargs))
