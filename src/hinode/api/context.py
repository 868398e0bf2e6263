"""The context that all routes share: services and HTTP settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from hinode.api.account_watcher import AccountWatcher
from hinode.api.job_watcher import JobWatcher
from hinode.api.place_watcher import PlaceWatcher
from hinode.api.signed_urls import SignedUrls
from hinode.api.text_model import TextModel
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import EngineCapabilities
from hinode.core.services import CoreServices
from hinode.kit.openid_connect import OpenIdClient
from hinode.kit.safe_fetch import FetchPolicy
from hinode.kit.thread_pool import ThreadPool
from hinode.media.decoding.decoder import Decoder

P = ParamSpec("P")
T = TypeVar("T")


class ReadinessChecks(Protocol):
    """Readiness checks of the server; all methods but one block."""

    def reads(self) -> Mapping[str, Callable[[], None]]:
        """Return the read checks by name; a check raises when its dependency fails."""
        ...

    def workers(self) -> None:
        """Raise when no worker is alive."""
        ...

    def free_bytes(self) -> int:
        """Return the free space of the data folder."""
        ...

    def store_writes(self) -> None:
        """Raise ``StorageError`` while the object store keeps nothing."""
        ...

    def creates(self) -> str | None:
        """Return why creates would fail; None if they would not."""
        ...

    def engines(self) -> Mapping[str, str]:
        """Return the condition of each engine, by name: one word."""
        ...

    async def doctor(self) -> Sequence[Mapping[str, str]]:
        """Return the checks of `hinode doctor`: name, status, detail and remedy."""
        ...

    def clock(self) -> str:
        """Return ``ok``, or the reason in one word why this machine's clock is not believed."""
        ...

    def worker_list(self) -> Sequence[tuple[str, datetime, bool]]:
        """Return the workers: id, last heartbeat, and if that is fresh."""
        ...

    def settings(self) -> Sequence[tuple[str, Any, str, str | None]]:
        """Return the settings: name, value, source and its place; secrets are hidden."""
        ...

    def slots(self) -> Mapping[str, tuple[int, int]]:
        """Return this process's occupied slots and all of them, by engine."""
        ...


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The core's services and the HTTP settings that routes share.

    ``upload_limit`` is the largest request body in bytes; ``engines`` are the installed engines by
    name. Forwarding headers are honoured from ``trusted_proxies`` (addresses and networks).
    ``text_model`` is there if one is configured. ``countries`` are the
    served ISO 3166-1 codes (empty: all), compared with ``country_header``, which a trusted proxy
    sets. ``callback_notifiers``, by engine name, take a callback's token and wake the job that
    waits for it; ``account_checks``, by engine name, query a server about an account and return the
    problem, or None. ``single_sign_on`` is the client of the provider, None without one;
    ``groups_claim`` has a person's groups, ``sign_on_button`` the words on its button, empty
    without one. ``decoder`` decodes clients' images and videos in other processes.
    ``create_pool`` has the threads of creates, None: those of ``thread_pool``.
    """

    core: CoreServices
    links: SignedUrls
    watcher: JobWatcher
    account_watcher: AccountWatcher
    place_watcher: PlaceWatcher
    thread_pool: ThreadPool
    fetch_policy: FetchPolicy
    upload_limit: int
    engines: Mapping[str, EngineCapabilities]
    readiness: ReadinessChecks
    trusted_proxies: Sequence[str]
    text_model: TextModel | None
    countries: frozenset[str]
    country_header: str
    callback_notifiers: Mapping[str, Callable[[str], bool]]
    account_checks: Mapping[str, Callable[[UUID], Awaitable[str | None]]]
    single_sign_on: OpenIdClient | None = None
    groups_claim: str = "groups"
    sign_on_button: str = ""
    strict_fields: bool = False
    answer_app_tasks: bool = True
    decoder: Decoder = field(default_factory=Decoder)
    create_pool: ThreadPool | None = None

    def text_model_for(self, caller: Caller) -> TextModel | None:
        """Return the text model that a caller's texts may go to; None without one."""
        model = self.text_model
        stays = caller.limits.local_only and model is not None and model.hosted
        return None if stays else model

    async def check_store(self) -> None:
        """Raise ``StorageError``, answered with when to come back, while no file can be kept.

        For requests that cannot do without: they bring pictures, or wait for what is made.
        """
        await self.call(self.readiness.store_writes)

    async def call(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a synchronous service method in a thread of the pool.

        Context variables are copied to it, so that its log lines have the request id.
        """
        return await self.thread_pool.run(partial(verb, *args, **kwargs))

    async def create(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service method that creates jobs, as :meth:`call` does.

        On SQLite and with moderation it has a pool of its own: others go on while it waits.
        """
        return await (self.create_pool or self.thread_pool).run(partial(verb, *args, **kwargs))
