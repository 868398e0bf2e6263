"""Download the results of an account: videos and pictures, checked, measured, with thumbnails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, MediaKind, RenderContext, RenderSpec
from hinode.engines.remote.errors import FailureKind, UpstreamError
from hinode.engines.remote.http import UpstreamClient
from hinode.engines.remote.results import ResultLimits, ResultMissing, download_url, video_artifacts
from hinode.engines.sora.account_sessions import AccountUnusable
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.draft_lookup import find_draft
from hinode.engines.sora.error_mapping import map_poll_error
from hinode.engines.sora.errors import SoraClientError
from hinode.kit.proxy import Proxy
from hinode.media.image_check import BadImage, ImageLimits, normalize_image

RunWithClient = Callable[[Callable[[SoraClient], Awaitable[list[str]]]], Awaitable[list[str]]]

_RECENT_TASKS = 100
_MAX_BACKOFF = 8.0
_TRANSIENT = (FailureKind.UNREACHABLE, FailureKind.SERVER_ERROR, FailureKind.BUSY)


class ResultDownloader:
    """Downloads from one server and from the URLs that it names; sends no token."""

    def __init__(self, base: str, limits: ResultLimits, proxy: Proxy | None = None) -> None:
        url = httpx.URL(base)
        self._files = UpstreamClient(f"{url.scheme}://{url.netloc.decode()}", {}, proxy=proxy)
        self._limits = limits

    async def download(
        self, run_with_client: RunWithClient, task_id: str, context: RenderContext
    ) -> list[Artifact]:
        """Return the files of a finished task. Raises :class:`UpstreamError`."""
        spec = context.spec
        try:
            return await self._download(await self._urls(run_with_client, task_id, spec), context)
        except ResultMissing:
            # Links expire: get a new one if that happened while we were stopped.
            urls = await self._urls(run_with_client, task_id, spec)
        try:
            return await self._download(urls, context)
        except ResultMissing as error:
            raise UpstreamError(FailureKind.BAD_RESULT, "Its address has no file.") from error

    async def _urls(
        self, run_with_client: RunWithClient, task_id: str, spec: RenderSpec
    ) -> list[str]:
        """Request the URLs of the files; wait for an unreachable server."""
        clock = asyncio.get_running_loop().time
        begun, pause = clock(), self._limits.retry_backoff
        while True:
            try:
                return await _urls(run_with_client, task_id, spec)
            except UpstreamError as error:
                if (
                    error.failure_kind not in _TRANSIENT
                    or clock() - begun > self._limits.unreachable_timeout
                ):
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MAX_BACKOFF)

    async def _download(self, urls: list[str], context: RenderContext) -> list[Artifact]:
        spec, found = context.spec, list[Artifact]()
        for output, url in enumerate(urls[: spec.outputs]):
            path = context.workdir / f"brought-{output}"
            await download_url(self._files, url, path, self._limits)
            if spec.kind is MediaKind.VIDEO:
                film = path.rename(path.with_suffix(".mp4"))
                found += await video_artifacts(film, output, context.workdir, self._limits)
            else:
                found.append(await asyncio.to_thread(_picture, path, output, spec))
        return found


async def _urls(run_with_client: RunWithClient, task_id: str, spec: RenderSpec) -> list[str]:
    video = spec.kind is MediaKind.VIDEO

    async def read(client: SoraClient) -> list[str]:
        if video:
            return [(await find_draft(client, task_id)).best_url or ""]
        page = await client.creation.recent_tasks(_RECENT_TASKS)
        task = next((one for one in page.tasks if one.id == task_id), None)
        return [one.url for one in task.generations if one.url] if task else []

    try:
        urls = [url for url in await run_with_client(read) if url]
    except AccountUnusable as error:
        raise UpstreamError(FailureKind.UNAUTHORIZED) from error
    except SoraClientError as error:
        raise map_poll_error(error) from error
    if not urls:
        raise UpstreamError(FailureKind.BAD_RESULT, "It has no address.")
    return urls


def _picture(path: Path, output: int, spec: RenderSpec) -> Artifact:
    """Check a picture and save it in the requested format."""
    form, plain = spec.picture_format.value, path.with_suffix(".checked.png")
    try:
        info = normalize_image(path, plain, ImageLimits())
    except BadImage as error:
        raise UpstreamError(FailureKind.BAD_RESULT, error.message) from error
    target = path.with_name(f"image-{output}.{form}")
    with Image.open(plain) as image:
        image.save(target, form.upper(), quality=max(1, min(95, spec.picture_quality)))
    return Artifact(output, ArtifactRole.IMAGE, target, f"image/{form}", info.width, info.height)
