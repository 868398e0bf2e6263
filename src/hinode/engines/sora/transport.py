"""The HTTP connection to one server of the dialect: bounded, without redirects, without retries.

Nothing is sent twice here. The caller decides by ``may_have_executed`` of the failure whether a
retry is safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from hinode._version import __version__
from hinode.engines.remote import http
from hinode.engines.remote.http import (
    ClientLimits,
    FilePart,
    OutcomeUnknown,
    Part,
    RequestNotSent,
    UpstreamClient,
)
from hinode.engines.sora.errors import ServerUnreachable, SoraInvalidResponse
from hinode.engines.sora.responses import SoraResponse, error_from_response, read_json
from hinode.kit.proxy import Proxy

USER_AGENT = f"hinode/{__version__}"
_HEADERS = {"accept": "application/json", "user-agent": USER_AGENT}


@dataclass(frozen=True, slots=True)
class ServerUrls:
    """The URLs of a server: the base of its endpoints, and its two token endpoints."""

    base: str
    session_url: str
    token_url: str

    @classmethod
    def from_base(
        cls, base: str, *, session_url: str | None = None, token_url: str | None = None
    ) -> Self:
        """Return ``base`` (it usually ends in ``/backend``) and the token endpoints beside it.

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
class TransportLimits:
    """Limits of a call: seconds from its start to the last byte, bytes of the response."""

    seconds: float = 30.0
    upload_seconds: float = 300.0
    max_response_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request. ``secrets`` are removed from every message about it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: FilePart | None = None
    secrets: tuple[str, ...] = ()


class HttpTransport:
    """Connections to one server, shared by all accounts on it; no account's cookies are kept.

    In ``async with`` connections stay open between calls; without it each call opens its own.
    """

    def __init__(
        self,
        urls: ServerUrls,
        limits: TransportLimits | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self.urls = urls
        self._proxy = proxy
        self._timeouts = limits or TransportLimits()
        self._limits = ClientLimits(
            response_timeout_s=self._timeouts.seconds,
            max_response_bytes=self._timeouts.max_response_bytes,
        )
        self._base = UpstreamClient(urls.base, _HEADERS, self._limits, proxy)
        self._exit_stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._exit_stack.enter_async_context(self._base.connected())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit_stack.aclose()

    async def send(self, request: ApiRequest) -> object:
        """Send a request once and return the JSON of its response.

        Raises :class:`hinode.engines.sora.errors.SoraClientError`.
        """
        try:
            response = await self._exchange(request)
        except RequestNotSent:
            raise ServerUnreachable("The server cannot be reached.") from None
        except OutcomeUnknown as error:
            reason = f"The server failed to answer: {error}"
            raise ServerUnreachable(reason, may_have_executed=True) from None
        except http.InvalidResponse as error:
            reason = f"The server cannot be understood: {error}"
            raise SoraInvalidResponse(reason, may_have_executed=True) from None
        if not response.ok:
            raise error_from_response(
                SoraResponse(response.status, response.body, response.retry_after), request.secrets
            )
        found = SoraResponse(response.status, response.body)
        return read_json(found, allow_empty=request.method == "DELETE")

    async def _exchange(self, request: ApiRequest) -> http.UpstreamResponse:
        form: list[Part] | None = None
        if request.file is not None:
            form = [("file", request.file), *request.form.items()]
        upstream, path = self._base, request.url.removeprefix(self.urls.base)
        if path == request.url:
            upstream = UpstreamClient(request.url, _HEADERS, self._limits, self._proxy)
            path = ""
        return await upstream.call(
            request.method,
            path,
            query=request.query or None,
            json=request.body,
            form=form,
            headers=request.headers,
            response_timeout_s=self._timeouts.upload_seconds if request.file else None,
        )
