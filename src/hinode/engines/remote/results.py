"""Results of an upstream: bounded downloads, checked videos, and their artifacts.

A result comes from the upstream itself, or from a URL that it names: the second is untrusted like
any URL and fetched by the guarded client, with the upstream's own host allowed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpcore
import httpx
import structlog

from hinode.engines.base import Artifact, ArtifactRole
from hinode.engines.remote.errors import FailureKind, UpstreamError, error_from_response
from hinode.engines.remote.http import (
    InvalidResponse,
    OutcomeUnknown,
    RequestNotSent,
    UpstreamClient,
    UpstreamResponse,
    classify_errors,
)
from hinode.kit.addresses import AllowList
from hinode.kit.safe_fetch import (
    MAX_URL_LENGTH,
    FetchError,
    FetchErrorCode,
    default_ssl_context,
    map_transport_errors,
    parse_url,
)
from hinode.kit.ssrf_transport import SsrfSafeTransport, resolve_host
from hinode.media.video_check import BadVideo, VideoCheckLimits, check_video

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 3
_UNCOMPRESSED = frozenset({"", "identity"})
_MAX_CONCURRENT_CHECKS = 2
_ERROR_BYTES = 64 * 1024
_MAX_BACKOFF = 8.0
_FETCH_MESSAGES = {
    FetchErrorCode.BAD_URL: "It names no address that can be fetched.",
    FetchErrorCode.BLOCKED_ADDRESS: "Its address is not on the public Internet.",
    FetchErrorCode.NETWORK: "The connection to its address failed.",
    FetchErrorCode.TIMEOUT: "Its address did not answer in time.",
}

log = structlog.get_logger("hinode.upstream")


@dataclass(frozen=True, slots=True)
class ResultLimits:
    """Limits of results: bytes of one file, attempts of a download that breaks, seconds of the
    first pause between them, seconds to wait for an unreachable server, the limits of videos.
    """

    max_bytes: int = 2 * 2**30
    tries: int = 4
    retry_backoff: float = 0.5
    unreachable_timeout: float = 900.0
    video: VideoCheckLimits = field(default_factory=VideoCheckLimits)


class ResultMissing(Exception):
    """There is no file at the address: the status was an error below 500."""

    def __init__(self, error: UpstreamError) -> None:
        super().__init__(str(error))
        error.ended = True
        self.error = error


async def download(
    upstream: UpstreamClient, path: str, target: Path, limits: ResultLimits, **query: str
) -> None:
    """Download ``path`` of the upstream into a file; broken attempts are retried.

    Raises :class:`ResultMissing`, and :class:`UpstreamError` when no attempt was complete.
    """

    async def attempt() -> None:
        async with upstream.stream(path, query or None) as response:
            await _write_body(response, target, limits.max_bytes)

    await _with_terminal_errors(attempt, limits)


async def download_url(
    upstream: UpstreamClient, url: str, target: Path, limits: ResultLimits
) -> None:
    """Download a URL that the upstream named into a file, as :func:`download` does.

    A URL on the upstream's own server is requested with its key, any other, also one that it
    redirects to, without, and guarded.
    """
    _check_url(url)
    own = _own_path(upstream, url)

    async def attempt() -> None:
        place = url if own is None else await _write_own(upstream, own, target, limits)
        if place is not None:
            async with _get_external(upstream, place) as response:
                await _write_body(response, target, limits.max_bytes)

    await _with_terminal_errors(attempt, limits)


async def _write_own(
    upstream: UpstreamClient, path: str, target: Path, limits: ResultLimits
) -> str | None:
    """Write a file of the upstream; return where it lies instead, if the upstream says so."""
    async with upstream.stream(path) as response:
        place: str | None = response.headers.get("location")
        if response.status_code not in _REDIRECTS or place is None:
            await _write_body(response, target, limits.max_bytes)
            return None
    place = urljoin(f"{upstream.base_url}{path}", place)
    _check_url(place)
    return place


def _check_url(url: str) -> None:
    """Reject a URL that no request can be made of."""
    try:
        usable = len(url) <= MAX_URL_LENGTH and bool(httpx.URL(url))
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        raise UpstreamError(FailureKind.BAD_RESULT, _FETCH_MESSAGES[FetchErrorCode.BAD_URL])


def _own_path(upstream: UpstreamClient, url: str) -> str | None:
    """Return the path below the base URL; None for another server, or another place on it."""
    base = str(upstream.base_url)
    if url.startswith("/") and not url.startswith("//"):
        url = urljoin(f"{base}/", url)
    rest = url.removeprefix(base)
    return rest if rest != url and rest.startswith("/") and ".." not in rest else None


async def _with_terminal_errors(
    attempt: Callable[[], Awaitable[None]], limits: ResultLimits
) -> None:
    try:
        await _retry(attempt, limits)
    except UpstreamError as error:
        error.ended = True  # the job has a result: there is nothing to cancel
        raise


async def _retry(attempt: Callable[[], Awaitable[None]], limits: ResultLimits) -> None:
    """Retry until it is complete: longer for an unreachable server than for broken files."""
    clock = asyncio.get_running_loop().time
    begun, broken, number = clock(), 0, 0
    while True:
        try:
            return await attempt()
        except (OutcomeUnknown, InvalidResponse) as error:
            broken += 1
            failure = _bad_result(error)
        except RequestNotSent:
            failure = UpstreamError(FailureKind.UNREACHABLE)
        except UpstreamError as error:
            if error.failure_kind not in (
                FailureKind.SERVER_ERROR,
                FailureKind.BUSY,
                FailureKind.UNCERTAIN,
            ):
                raise
            failure = error
        if broken >= limits.tries or clock() - begun > limits.unreachable_timeout:
            raise failure
        pause = failure.retry_after or limits.retry_backoff * 2**number
        number += 1
        await asyncio.sleep(min(_MAX_BACKOFF, pause))


def _bad_result(error: OutcomeUnknown | InvalidResponse) -> UpstreamError:
    return UpstreamError(FailureKind.BAD_RESULT, str(error))


async def _write_body(response: httpx.Response, target: Path, max_bytes: int) -> None:
    """Write the body; reject errors, web pages and files that are too large."""
    if response.status_code != 200:
        raise await _error_response(response)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/json"):
        raise InvalidResponse(f"It sent {kind} where the video should be.")
    if response.headers.get("content-encoding", "").strip().lower() not in _UNCOMPRESSED:
        raise InvalidResponse("It sent the video in a compression that nobody asked for.")
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    with target.open("wb") as file:
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > max_bytes:
                raise _too_large(max_bytes)
            file.write(part)
    if not size:
        raise InvalidResponse("It sent an empty file.")


async def _error_response(response: httpx.Response) -> Exception:
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > _ERROR_BYTES:
            break
    error = error_from_response(
        UpstreamResponse(response.status_code, response.headers, bytes(data))
    )
    gone = 400 <= response.status_code < 500 and response.status_code not in (408, 409, 429)
    return ResultMissing(error) if gone else error


def _too_large(max_bytes: int) -> UpstreamError:
    return UpstreamError(FailureKind.BAD_RESULT, f"The file has more than {max_bytes // 2**20} MB.")


@asynccontextmanager
async def _get_external(upstream: UpstreamClient, url: str) -> AsyncIterator[httpx.Response]:
    """GET a URL of another server; follow redirects by the guarded client."""
    limits = upstream.limits
    allow = AllowList.parse((upstream.base_url.host,) if upstream.base_url.host else ())
    timeouts = httpx.Timeout(limits.read_timeout_s, connect=limits.connect_timeout_s).as_dict()
    transport = SsrfSafeTransport(allow, resolve_host, default_ssl_context(), upstream.proxy)
    async with classify_errors(), asyncio.timeout(limits.download_timeout_s), transport:
        with _map_fetch_errors():
            for _ in range(_MAX_REDIRECTS + 1):
                request = httpx.Request(
                    "GET",
                    parse_url(url),
                    headers={"accept": "*/*", "accept-encoding": "identity"},
                    extensions={"timeout": timeouts},
                )
                response = await transport.handle_async_request(request)
                try:
                    place = response.headers.get("location")
                    if response.status_code not in _REDIRECTS or place is None:
                        yield response
                        return
                    url = urljoin(url, place)
                finally:
                    await response.aclose()
            raise UpstreamError(FailureKind.BAD_RESULT, "Its address redirects too often.")


@contextmanager
def _map_fetch_errors() -> Iterator[None]:
    """Map the errors of a guarded fetch to failures; broken connections may be retried."""
    try:
        with map_transport_errors():
            try:
                yield
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise RequestNotSent("It cannot be reached.") from error
    except FetchError as error:
        log.warning("result download failed", reason=error.message)
        # Our own message: that of the fetcher names the upstream's host.
        words = _FETCH_MESSAGES.get(error.code, "")
        if error.code in (FetchErrorCode.NETWORK, FetchErrorCode.TIMEOUT):
            raise OutcomeUnknown(words) from error
        raise UpstreamError(FailureKind.BAD_RESULT, words) from error


_slots: dict[asyncio.AbstractEventLoop, tuple[asyncio.Semaphore, int]] = {}


async def video_artifacts(
    path: Path, output: int, folder: Path, limits: ResultLimits
) -> list[Artifact]:
    """Check a downloaded video and return its artifacts: itself, a thumbnail, a sprite sheet.

    Their measures are those of the files. Raises :class:`UpstreamError`.
    """
    thumbnail, sheet = folder / f"thumbnail-{output}.webp", folder / f"spritesheet-{output}.jpg"
    try:
        async with _check_slot():
            found = await check_video(path, thumbnail=thumbnail, sheet=sheet, limits=limits.video)
    except BadVideo as error:
        raise UpstreamError(FailureKind.BAD_RESULT, str(error)) from error
    size, length = (found.width, found.height), (found.frames, found.seconds)
    return [
        Artifact(output, ArtifactRole.VIDEO, path, "video/mp4", *size, *length),
        Artifact(output, ArtifactRole.THUMBNAIL, thumbnail, "image/webp", *found.thumbnail),
        Artifact(output, ArtifactRole.SPRITESHEET, sheet, "image/jpeg", *found.sheet),
    ]


@asynccontextmanager
async def _check_slot() -> AsyncIterator[None]:
    """Limit the videos that are decoded at once in this event loop to two."""
    loop = asyncio.get_running_loop()
    slots, users = _slots.get(loop, (asyncio.Semaphore(_MAX_CONCURRENT_CHECKS), 0))
    _slots[loop] = (slots, users + 1)
    try:
        async with slots:
            yield
    finally:
        slots, users = _slots.pop(loop)
        if users > 1:
            _slots[loop] = (slots, users - 1)
