"""What every route may use, built once by the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from hinode.api.job_watcher import JobWatcher
from hinode.api.prompt_enhancer import PromptEnhancer
from hinode.api.signed_urls import SignedUrls
from hinode.core.account_office import AccountOffice
from hinode.core.characters.cameo_service import CameoService
from hinode.core.characters.service import CharacterService
from hinode.core.characters.user_search import UserSearch
from hinode.core.drafts.service import DraftService
from hinode.core.files.uploads import FileService
from hinode.core.jobs.engine_admin import EngineAdmin
from hinode.core.jobs.overview import AccountOverview
from hinode.core.jobs.service import JobService
from hinode.core.key_office import KeyOffice
from hinode.core.membership import Membership
from hinode.core.posts.service import PostService
from hinode.core.upstream_desk import UpstreamDesk
from hinode.core.webhooks.callbacks import CallbackService
from hinode.core.webhooks.service import EndpointService
from hinode.kit.crew import Crew
from hinode.kit.fetch import FetchPolicy

P = ParamSpec("P")
T = TypeVar("T")

CLIPS_AT_ONCE = 2
"""Videos of clients that are examined at once, each in a child process, for up to 20 seconds."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What clients are told of an engine; ``description`` is one honest sentence."""

    description: str
    licence: str
    audio: bool
    first_frame: bool
    max_outputs: int


@dataclass(frozen=True, slots=True)
class ApiContext:
    """The studio and the few things around it that faces need.

    ``upload_limit`` is the largest request body in bytes; ``engines`` has the installed
    engines by name; ``checks`` raise when a part that jobs need does not work.
    ``trusted_proxies`` are the addresses and networks whose word on clients counts.
    ``writer`` is the operator's text model, if there is one. ``countries`` are those that are
    served (empty: all), told by ``country_header``, which a trusted proxy sets.
    ``callback_notifiers`` wake, by the names of engines that upstreams call back, who waits for a
    token's job. ``clip_slots`` are held while a client's video is examined, so that other verbs
    have threads.
    """

    jobs: JobService
    characters: CharacterService
    cameos: CameoService
    files: FileService
    webhooks: EndpointService
    overview: AccountOverview
    drafts: DraftService
    members: Membership
    callbacks: CallbackService
    account_office: AccountOffice
    key_office: KeyOffice
    engine_admin: EngineAdmin
    upstream_desk: UpstreamDesk
    links: SignedUrls
    posts: PostService
    user_search: UserSearch
    watcher: JobWatcher
    crew: Crew
    fetch_policy: FetchPolicy
    upload_limit: int
    engines: Mapping[str, EngineInfo]
    checks: Mapping[str, Callable[[], None]]
    trusted_proxies: Sequence[str]
    writer: PromptEnhancer | None
    countries: frozenset[str]
    country_header: str
    callback_notifiers: Mapping[str, Callable[[str], bool]]
    clip_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CLIPS_AT_ONCE))

    async def call(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a synchronous studio verb in a thread of the crew: one hop per request.

        The request's id travels along in the context, into what the verb logs.
        """
        return await self.crew.call(partial(verb, *args, **kwargs))
