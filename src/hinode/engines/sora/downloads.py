"""Brings media files of a server here: bounded, resumed when cut, never from a machine near us.

The URLs come from the server, so they are treated like a user's: only addresses on the public
Internet or those that the operator allows, after every redirect. They carry their own permission:
no token is sent.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import httpcore
import httpx

from hinode.engines.sora.failures import BadDownload
from hinode.engines.sora.link import USER_AGENT
from hinode.kit.addresses import AllowList
from hinode.kit.fetch import FetchError, parse_url, trusted_authorities
from hinode.kit.guard import BlockedAddress, GuardedTransport, HostNotFound, resolve_host

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """Bounds of one download: bytes, seconds in all, seconds of silence.

    ``tries`` is how often it is asked for after a cut without a single byte in between;
    ``allow_hosts`` are places near us that may be asked, as in
    :class:`hinode.kit.fetch.FetchPolicy`.
    """

    max_bytes: int
    seconds: float
    silence_seconds: float = 30.0
    tries: int = 3
    max_redirects: int = 3
    allow_hosts: tuple[str, ...] = ()


async def download(url: str, path: Path, policy: DownloadPolicy) -> int:
    """Write what ``url`` serves to ``path`` and return its bytes.

    Raises :class:`BadDownload`; ``path`` may then hold a part.
    """
    transport = GuardedTransport(
        AllowList.parse(policy.allow_hosts), resolve_host, trusted_authorities()
    )
    try:
        async with asyncio.timeout(policy.seconds), transport:
            with path.open("wb") as file:
                return await _Download(transport, file, policy).run(url)
    except TimeoutError:
        raise BadDownload(f"The download took more than {policy.seconds:g} s.") from None
    except BlockedAddress as error:
        raise BadDownload(
            f"The server names a file at {error}, which is not on the public Internet. The "
            "operator can allow it by name."
        ) from None
    except HostNotFound as error:
        raise BadDownload(f"The host {error} of the file was not found.") from None
    except FetchError as error:
        raise BadDownload(error.message) from None


class _Download:
    """One file on its way; remembers where it stands between two connections."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, file: BinaryIO, policy: DownloadPolicy
    ) -> None:
        self._transport = transport
        self._file = file
        self._policy = policy
        self._etag: str | None = None

    async def run(self, url: str) -> int:
        failures = 0
        while True:
            before = self._file.tell()
            try:
                await self._once(url)
            except _BROKEN as error:
                failures = 1 if self._file.tell() > before else failures + 1
                if failures >= self._policy.tries:
                    raise BadDownload(
                        f"The download breaks off every time ({type(error).__name__})."
                    ) from None
            else:
                return self._file.tell()

    async def _once(self, url: str) -> None:
        current = parse_url(url)
        for _ in range(self._policy.max_redirects + 1):
            response = await self._transport.handle_async_request(self._request(current))
            try:
                location = response.headers.get("location")
                if response.status_code not in _REDIRECTS or location is None:
                    await self._take(response)
                    return
            finally:
                await response.aclose()
            current = parse_url(urljoin(str(current), location))
        raise BadDownload("The server of the file redirects too often.")

    def _request(self, url: httpx.URL) -> httpx.Request:
        headers = {"accept": "*/*", "accept-encoding": "identity", "user-agent": USER_AGENT}
        if at := self._file.tell():
            headers["range"] = f"bytes={at}-"
            if self._etag:
                headers["if-range"] = self._etag
        timeouts = httpx.Timeout(self._policy.silence_seconds).as_dict()
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": timeouts})

    async def _take(self, response: httpx.Response) -> None:
        self._place(response)
        etag = response.headers.get("etag", "")
        # A weak tag does not promise the same bytes (RFC 9110 §8.8.1).
        self._etag = etag if etag.startswith('"') else None
        async for part in response.aiter_raw():
            if self._file.tell() + len(part) > self._policy.max_bytes:
                raise BadDownload(f"The file has more than {self._policy.max_bytes} bytes.")
            self._file.write(part)

    def _place(self, response: httpx.Response) -> None:
        """Go to where the body belongs. Raises :class:`BadDownload` when it is no file."""
        if response.status_code == 206:
            found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
            if found is None or int(found[1]) != self._file.tell():
                raise BadDownload("The server of the file sends another part than was asked for.")
        elif response.status_code == 200:
            self._file.seek(0)
            self._file.truncate()
        else:
            raise BadDownload(
                f"The server of the file answered with status {response.status_code}.",
                status=response.status_code,
            )
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            raise BadDownload("The file came compressed, though that was not asked for.")
