"""Bringing an upstream's files in: bounded downloads, checked videos, and their artifacts.

A result comes from the upstream itself, or from a URL that it names: the second is hostile like
any URL and goes through the guard, with the upstream's own host allowed.
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
from hinode.engines.remote.failures import Fault, UpstreamError, of_answer
from hinode.engines.remote.http import Ambiguous, Answer, BadAnswer, NotSent, Upstream, told_apart
from hinode.kit.addresses import AllowList
from hinode.kit.fetch import (
    MAX_URL_LENGTH,
    FetchCode,
    FetchError,
    parse_url,
    translated,
    trusted_authorities,
)
from hinode.kit.guard import GuardedTransport, resolve_host
from hinode.media.intake import IntakeLimits, NotTakenIn, take_in

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_PLAIN = frozenset({"", "identity"})
_CHECKED_AT_ONCE = 2
_ERROR_BYTES = 64 * 1024
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 8.0
_WORDS = {
    FetchCode.BAD_URL: "It names no address that can be fetched.",
    FetchCode.BLOCKED_ADDRESS: "Its address is not on the public Internet.",
    FetchCode.NETWORK: "The connection to its address failed.",
    FetchCode.TIMEOUT: "Its address did not answer in time.",
}

log = structlog.get_logger("hinode.upstream")


@dataclass(frozen=True, slots=True)
class ResultLimits:
    """Bounds of results: bytes of one file, tries of a download that breaks, seconds that a server
    which is away is waited for, the bounds of videos.
    """

    max_bytes: int = 2 * 2**30
    tries: int = 4
    patience: float = 900.0
    video: IntakeLimits = field(default_factory=IntakeLimits)


class NotThere(Exception):
    """The place has no file: the upstream said so with a status below 500."""

    def __init__(self, error: UpstreamError) -> None:
        super().__init__(str(error))
        error.ended = True
        self.error = error


async def download(
    upstream: Upstream, path: str, target: Path, limits: ResultLimits, **query: str
) -> None:
    """Write what the upstream has at ``path`` into a file; broken tries are repeated.

    Raises :class:`NotThere`, and :class:`UpstreamError` when no try was whole.
    """

    async def once() -> None:
        async with upstream.stream(path, query or None) as response:
            await _keep(response, target, limits.max_bytes)

    await _persist(once, limits)


async def download_url(upstream: Upstream, url: str, target: Path, limits: ResultLimits) -> None:
    """Write what is behind a URL that the upstream named into a file; as :func:`download`.

    A URL on the upstream's own server is asked with its key, any other without, and guarded.
    """
    _check(url)
    own = _path_on(upstream, url)
    if own is not None:
        await download(upstream, own, target, limits)
        return

    async def once() -> None:
        async with _guarded(upstream, url) as response:
            await _keep(response, target, limits.max_bytes)

    await _persist(once, limits)


def _check(url: str) -> None:
    """Refuse what no request can be made of."""
    try:
        usable = len(url) <= MAX_URL_LENGTH and bool(httpx.URL(url))
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        raise UpstreamError(Fault.RESULT, _WORDS[FetchCode.BAD_URL])


def _path_on(upstream: Upstream, url: str) -> str | None:
    """Return the path below the base URL; None for another server, or another place on it."""
    base = str(upstream.base_url)
    if url.startswith("/") and not url.startswith("//"):
        url = urljoin(f"{base}/", url)
    rest = url.removeprefix(base)
    return rest if rest != url and rest.startswith("/") and ".." not in rest else None


async def _persist(once: Callable[[], Awaitable[None]], limits: ResultLimits) -> None:
    try:
        await _try_on(once, limits)
    except UpstreamError as error:
        error.ended = True  # whatever goes wrong, there is a result: nothing is to be stopped
        raise


async def _try_on(once: Callable[[], Awaitable[None]], limits: ResultLimits) -> None:
    """Try until it is whole: a server that is away is waited for, broken files only so often."""
    clock = asyncio.get_running_loop().time
    begun, broken, number = clock(), 0, 0
    while True:
        try:
            return await once()
        except (Ambiguous, BadAnswer) as error:
            broken += 1
            failure = _spoiled(error)
        except NotSent:
            failure = UpstreamError(Fault.UNSENT)
        except UpstreamError as error:
            if error.fault not in (Fault.SERVER, Fault.BUSY, Fault.UNCERTAIN):
                raise
            failure = error
        if broken >= limits.tries or clock() - begun > limits.patience:
            raise failure
        pause = failure.retry_after or _FIRST_PAUSE * 2**number
        number += 1
        await asyncio.sleep(min(_LONGEST_PAUSE, pause))


def _spoiled(error: Ambiguous | BadAnswer) -> UpstreamError:
    return UpstreamError(Fault.RESULT, str(error))


async def _keep(response: httpx.Response, target: Path, most: int) -> None:
    """Write the body; refuse errors, pages and what is too large."""
    if response.status_code != 200:
        raise await _refusal(response)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/json"):
        raise BadAnswer(f"It sent {kind} where the video should be.")
    if response.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
        raise BadAnswer("It sent the video in a compression that nobody asked for.")
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    with target.open("wb") as file:
        size = 0
        async for part in response.aiter_raw():
            size += len(part)
            if size > most:
                raise _too_large(most)
            file.write(part)
    if not size:
        raise BadAnswer("It sent an empty file.")


async def _refusal(response: httpx.Response) -> Exception:
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > _ERROR_BYTES:
            break
    error = of_answer(Answer(response.status_code, response.headers, bytes(data)))
    gone = 400 <= response.status_code < 500 and response.status_code not in (408, 409, 429)
    return NotThere(error) if gone else error


def _too_large(most: int) -> UpstreamError:
    return UpstreamError(Fault.RESULT, f"The file has more than {most // 2**20} MB.")


@asynccontextmanager
async def _guarded(upstream: Upstream, url: str) -> AsyncIterator[httpx.Response]:
    """GET a URL of another server, its redirects followed within the guard."""
    limits = upstream.limits
    allow = AllowList.parse((upstream.base_url.host,) if upstream.base_url.host else ())
    timeouts = httpx.Timeout(limits.silence_s, connect=limits.connect_s).as_dict()
    transport = GuardedTransport(allow, resolve_host, trusted_authorities())
    async with told_apart(), asyncio.timeout(limits.download_s), transport:
        with _as_failures():
            for _ in range(_MOST_REDIRECTS + 1):
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
            raise UpstreamError(Fault.RESULT, "Its address redirects too often.")


@contextmanager
def _as_failures() -> Iterator[None]:
    """Turn what a guarded fetch raises into failures; broken connections may be tried again."""
    try:
        with translated():
            try:
                yield
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                raise NotSent("It cannot be reached.") from error
    except FetchError as error:
        log.warning("result not fetched", reason=error.message)
        # In words of our own: those of the fetcher name the host, which is the upstream's.
        words = _WORDS.get(error.code, "")
        if error.code in (FetchCode.NETWORK, FetchCode.TIMEOUT):
            raise Ambiguous(words) from error
        raise UpstreamError(Fault.RESULT, words) from error


_slots: dict[asyncio.AbstractEventLoop, tuple[asyncio.Semaphore, int]] = {}


async def video_artifacts(
    path: Path, output: int, folder: Path, limits: ResultLimits
) -> list[Artifact]:
    """Check a downloaded video and return its artifacts: itself, a thumbnail, a sprite sheet.

    They report what was rendered, measured. Raises :class:`UpstreamError`.
    """
    thumbnail, sheet = folder / f"thumbnail-{output}.webp", folder / f"spritesheet-{output}.jpg"
    try:
        async with _checking():
            found = await take_in(path, thumbnail=thumbnail, sheet=sheet, limits=limits.video)
    except NotTakenIn as error:
        raise UpstreamError(Fault.RESULT, str(error)) from error
    size, length = (found.width, found.height), (found.frames, found.seconds)
    return [
        Artifact(output, ArtifactRole.VIDEO, path, "video/mp4", *size, *length),
        Artifact(output, ArtifactRole.THUMBNAIL, thumbnail, "image/webp", *found.thumbnail),
        Artifact(output, ArtifactRole.SPRITESHEET, sheet, "image/jpeg", *found.sheet),
    ]


@asynccontextmanager
async def _checking() -> AsyncIterator[None]:
    """Let two videos be decoded at once in this process's loop; the others wait."""
    loop = asyncio.get_running_loop()
    slots, users = _slots.get(loop, (asyncio.Semaphore(_CHECKED_AT_ONCE), 0))
    _slots[loop] = (slots, users + 1)
    try:
        async with slots:
            yield
    finally:
        slots, users = _slots.pop(loop)
        if users > 1:
            _slots[loop] = (slots, users - 1)
