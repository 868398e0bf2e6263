"""Bringing in what an account has made: videos and pictures, checked, measured, with thumbnails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, MediaKind, RenderContext, RenderSpec
from hinode.engines.remote.failures import Fault, UpstreamError
from hinode.engines.remote.http import Upstream
from hinode.engines.remote.results import NotThere, ResultLimits, download_url, video_artifacts
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.failures import SoraFailure
from hinode.engines.sora.finding import find_draft
from hinode.engines.sora.keeper import AccountLost
from hinode.engines.sora.verdicts import trouble_of
from hinode.media.validate import BadImage, ImageLimits, normalize_image

Ask = Callable[[Callable[[SoraClient], Awaitable[list[str]]]], Awaitable[list[str]]]

_TASKS = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
_PASSING = (Fault.UNSENT, Fault.SERVER, Fault.BUSY)


class Bringer:
    """Downloads from one server, and from wherever it says that its files lie; no token goes."""

    def __init__(self, base: str, limits: ResultLimits) -> None:
        url = httpx.URL(base)
        self._files = Upstream(f"{url.scheme}://{url.netloc.decode()}", {})
        self._limits = limits

    async def bring(self, ask: Ask, task_id: str, context: RenderContext) -> list[Artifact]:
        """Return the files of a finished task. Raises :class:`UpstreamError`."""
        spec = context.spec
        try:
            return await self._bring(await self._urls(ask, task_id, spec), context)
        except NotThere:
            # Links hold for a while: one that a pause of ours let expire is asked for anew.
            urls = await self._urls(ask, task_id, spec)
        try:
            return await self._bring(urls, context)
        except NotThere as error:
            raise UpstreamError(Fault.RESULT, "Its address has no file.") from error

    async def _urls(self, ask: Ask, task_id: str, spec: RenderSpec) -> list[str]:
        """Ask where the files are; a server that is away is waited for."""
        clock = asyncio.get_running_loop().time
        begun, pause = clock(), _FIRST_PAUSE
        while True:
            try:
                return await _urls(ask, task_id, spec)
            except UpstreamError as error:
                if error.fault not in _PASSING or clock() - begun > self._limits.patience:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _bring(self, urls: list[str], context: RenderContext) -> list[Artifact]:
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


async def _urls(ask: Ask, task_id: str, spec: RenderSpec) -> list[str]:
    video = spec.kind is MediaKind.VIDEO

    async def read(client: SoraClient) -> list[str]:
        if video:
            return [(await find_draft(client, task_id)).best_url or ""]
        page = await client.creation.recent_tasks(_TASKS)
        task = next((one for one in page.tasks if one.id == task_id), None)
        return [one.url for one in task.generations if one.url] if task else []

    try:
        urls = [url for url in await ask(read) if url]
    except AccountLost as error:
        raise UpstreamError(Fault.IDENTITY) from error
    except SoraFailure as error:
        raise trouble_of(error) from error
    if not urls:
        raise UpstreamError(Fault.RESULT, "It has no address.")
    return urls


def _picture(path: Path, output: int, spec: RenderSpec) -> Artifact:
    """Check a picture and save it in the format that was asked for."""
    form, plain = spec.picture_format.value, path.with_suffix(".checked.png")
    try:
        info = normalize_image(path, plain, ImageLimits())
    except BadImage as error:
        raise UpstreamError(Fault.RESULT, error.message) from error
    target = path.with_name(f"image-{output}.{form}")
    with Image.open(plain) as image:
        image.save(target, form.upper(), quality=max(1, min(95, spec.picture_quality)))
    return Artifact(output, ArtifactRole.IMAGE, target, f"image/{form}", info.width, info.height)
