"""The HTTP connection to one server of the dialect: bounded, without redirects, without retries.

Nothing is ever sent twice here. Who calls decides by ``may_have_run`` of the failure whether
asking again can do harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from hinode._version import __version__
from hinode.engines.remote import http
from hinode.engines.remote.http import Ambiguous, CallLimits, FilePart, NotSent, Part, Upstream
from hinode.engines.sora.answers import Answer, failure_of, read_json
from hinode.engines.sora.failures import BadAnswer, Unreachable

USER_AGENT = f"hinode/{__version__}"
_HEADERS = {"accept": "application/json", "user-agent": USER_AGENT}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is: the base of its endpoints, and its two token endpoints."""

    base: str
    session_url: str
    token_url: str

    @classmethod
    def at(cls, base: str, *, session_url: str | None = None, token_url: str | None = None) -> Self:
        """Take ``base`` (it usually ends in ``/backend``) and the token endpoints beside it.

        Raises :class:`ValueError` for a base that is no http or https URL.
        """
        base = base.rstrip("/")
        if not base.startswith(("http://", "https://")):
            raise ValueError("the base URL must start with http:// or https://")
        root = base.removesuffix("/backend")
        return cls(
            base, session_url or f"{root}/api/auth/session", token_url or f"{root}/oauth/token"
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that a call may take: seconds from its start to the last byte, bytes of answer."""

    seconds: float = 30.0
    upload_seconds: float = 300.0
    answer_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``secrets`` are kept out of every message about it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: FilePart | None = None
    secrets: tuple[str, ...] = ()


class Link:
    """Connections to one server, shared by all accounts on it; no account's cookies are kept.

    In ``async with`` connections stay open between calls; without it each call opens its own.
    """

    def __init__(self, place: Place, bounds: Bounds | None = None) -> None:
        self.place = place
        self._bounds = bounds or Bounds()
        self._limits = CallLimits(
            answer_s=self._bounds.seconds, answer_bytes=self._bounds.answer_bytes
        )
        self._base = Upstream(place.base, _HEADERS, self._limits)
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._base.connected())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def ask(self, ask: Ask) -> object:
        """Send a request once and return the JSON of its answer.

        Raises :class:`hinode.engines.sora.failures.SoraFailure`.
        """
        try:
            answer = await self._exchange(ask)
        except NotSent:
            raise Unreachable("The server cannot be reached.") from None
        except Ambiguous as error:
            reason = f"The server failed to answer: {error}"
            raise Unreachable(reason, may_have_run=True) from None
        except http.BadAnswer as error:
            reason = f"The server cannot be understood: {error}"
            raise BadAnswer(reason, may_have_run=True) from None
        if not answer.ok:
            raise failure_of(Answer(answer.status, answer.body, answer.retry_after), ask.secrets)
        found = Answer(answer.status, answer.body)
        return read_json(found, empty_is_fine=ask.method == "DELETE")

    async def _exchange(self, ask: Ask) -> http.Answer:
        form: list[Part] | None = None
        if ask.file is not None:
            form = [("file", ask.file), *ask.form.items()]
        upstream, path = self._base, ask.url.removeprefix(self.place.base)
        if path == ask.url:
            upstream, path = Upstream(ask.url, _HEADERS, self._limits), ""
        return await upstream.call(
            ask.method,
            path,
            query=ask.query or None,
            json=ask.body,
            form=form,
            headers=ask.headers,
            answer_s=self._bounds.upload_seconds if ask.file else None,
        )
