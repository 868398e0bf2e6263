"""The one loader of what requests bring: fetched or found, then decoded in other processes.

Everything is in temporary files, and given up when the client goes away.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from starlette.requests import Request

from hinode.api.context import ApiContext
from hinode.api.image_inputs import ImageBytes, ImageFile, ImageInput, ImageOutput, ImageUrl
from hinode.api.while_connected import while_connected
from hinode.core.assets.input_images import InputImage
from hinode.core.assets.input_videos import InputClip
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.files.rules import CLIP_TYPE, JSON_LINES, not_found
from hinode.core.files.types import File, NewFile
from hinode.kit.fair_slots import TooManyWaiting
from hinode.kit.safe_fetch import FetchError, FetchPolicy, fetch
from hinode.kit.spool import Spooled
from hinode.media.clip_check import BadClip, Sampling
from hinode.media.decoding.decoder import Decoder
from hinode.media.image_check import BadImage
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage.errors import ObjectMissing

T = TypeVar("T")

_VIDEO = "video"
_BUSY_RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class InputLoader:
    """Loads and decodes for one request. All methods raise :class:`HinodeError`."""

    context: ApiContext
    request: Request
    caller: Caller

    async def load(
        self, images: Sequence[ImageInput], *, max_fetched: int | None = None
    ) -> list[Spooled]:
        """Return the contents of a request's pictures, in their order; none is decoded.

        Together they are at most one upload's size (a fetched one at most ``max_fetched`` bytes),
        and are fetched in at most one fetch's time.
        """
        if images:
            await self.context.check_store()
        room = self.context.upload_limit
        deadline = time.monotonic() + self.context.fetch_policy.timeout_s
        loaded: list[Spooled] = []
        for image in images:
            most = room if max_fetched is None else min(room, max_fetched)
            left = max(0.0, deadline - time.monotonic())
            policy = replace(self.context.fetch_policy, max_bytes=most, timeout_s=left)
            content = await self._content(image, policy)
            room -= content.size
            if room < 0:
                raise HinodeError(
                    ErrorCode.TOO_LARGE,
                    f"The images of a request are larger than {self.context.upload_limit} bytes "
                    "in total.",
                    param=image.name,
                )
            loaded.append(content)
        return loaded

    @asynccontextmanager
    async def decoded(
        self, contents: Sequence[Spooled], params: Sequence[str], *, masks: int = 0
    ) -> AsyncIterator[list[InputImage]]:
        """Decode pictures, of which the last ``masks`` are masks, for the length of the block.

        ``params`` are the fields that errors name.
        """
        if not contents:
            yield []
            return
        pictures = len(contents) - masks
        images: list[InputImage] = []
        with tempfile.TemporaryDirectory(prefix="hinode-input-") as folder:
            for place, (content, param) in enumerate(zip(contents, params, strict=True)):
                role = ArtifactRole.UPLOAD if place < pictures else ArtifactRole.MASK
                index = place if place < pictures else place - pictures
                target = Path(folder) / f"{place}.png"
                images.append(await self._image(content, target, role, index, param))
            yield images

    @asynccontextmanager
    async def clip(self, content: Spooled, param: str = _VIDEO) -> AsyncIterator[InputClip]:
        """Examine a clip, for the length of the block."""
        with _decoding_errors(param):
            facts = await self._wait(self._decoder.check_clip(self.caller.account_id, content.path))
        yield InputClip(content.path, facts)

    @asynccontextmanager
    async def portrait_of_clip(self, content: Spooled) -> AsyncIterator[Path]:
        """Make a portrait (PNG) of a clip, for the length of the block."""
        with tempfile.TemporaryDirectory(prefix="hinode-portrait-") as folder:
            path = Path(folder) / "portrait.png"
            checking = self._decoder.check_clip(
                self.caller.account_id, content.path, Sampling(path)
            )
            with _decoding_errors(_VIDEO):
                await self._wait(checking)
            yield path

    @asynccontextmanager
    async def portrait(self, image: ImageFile) -> AsyncIterator[Path]:
        """Make a portrait (WebP) of an uploaded picture, for the length of the block."""
        (content,) = await self.load([image])
        with tempfile.TemporaryDirectory(prefix="hinode-portrait-") as folder:
            path = Path(folder) / "portrait.webp"
            writing = self._decoder.write_portrait(self.caller.account_id, content.path, path)
            with _decoding_errors(image.name):
                await self._wait(writing)
            yield path

    async def store_file(self, new: NewFile) -> File:
        """Keep an upload: a picture or a clip that decodes, or a file for a batch."""
        await self.context.check_store()
        files, account = self.context.core.files, self.caller.account_id
        content_type = await self.context.call(files.check, self.caller, new)
        if content_type == JSON_LINES:
            return await self.context.call(files.create, self.caller, new)
        checking: Coroutine[Any, Any, object]
        if content_type == CLIP_TYPE:
            checking = self._decoder.check_clip(account, new.content.path)
        else:
            checking = self._decoder.check_image(account, new.content.path)
        with _decoding_errors("file"):
            await self._wait(checking)
        return await self.context.call(files.create, self.caller, new)

    @property
    def _decoder(self) -> Decoder:
        return self.context.decoder

    async def _image(
        self, content: Spooled, target: Path, role: ArtifactRole, index: int, param: str
    ) -> InputImage:
        mask, account = role is ArtifactRole.MASK, self.caller.account_id
        decode = self._decoder.normalize_mask if mask else self._decoder.normalize_image
        with _decoding_errors(param):
            info = await self._wait(decode(account, content.path, target))
        return InputImage(target, info.width, info.height, role, index)

    async def _wait(self, decoding: Coroutine[Any, Any, T]) -> T:
        return await while_connected(self.request, decoding)

    async def _content(self, image: ImageInput, policy: FetchPolicy) -> Spooled:
        match image:
            case ImageBytes(content):
                return content
            case ImageUrl():
                return await while_connected(self.request, _fetched(image, policy))
            case ImageFile(file_id):
                return await self.context.call(self.context.core.files.read, self.caller, file_id)
            case ImageOutput():
                return await self.context.call(self._output, image)

    def _output(self, image: ImageOutput) -> Spooled:
        """Return a generated image, or the thumbnail of a video."""
        jobs = self.context.core.jobs
        job = jobs.job(self.caller, image.job_id).job
        role = ArtifactRole.IMAGE if job.kind is MediaKind.IMAGE else ArtifactRole.THUMBNAIL
        asset = jobs.content(self.caller, job.id, role, image.output)
        try:
            return jobs.store.spool(asset.key)
        except ObjectMissing:
            raise not_found() from None


async def _fetched(image: ImageUrl, policy: FetchPolicy) -> Spooled:
    try:
        return (await fetch(image.url, policy=policy)).body
    except FetchError as error:
        raise HinodeError(ErrorCode.URL_NOT_ALLOWED, error.message, param=image.name) from error


@contextmanager
def _decoding_errors(param: str) -> Iterator[None]:
    """Raise the decoder's errors as ours, naming the field."""
    try:
        yield
    except BadImage as error:
        raise HinodeError(ErrorCode.INVALID_IMAGE, str(error), param=param) from error
    except BadClip as error:
        raise HinodeError(ErrorCode.INVALID_CLIP, str(error), param=param) from error
    except TooManyWaiting as error:
        raise _busy(of_account=error.of_key) from error


def _busy(*, of_account: bool) -> HinodeError:
    if of_account:
        return HinodeError(
            ErrorCode.RATE_LIMITED,
            "Too many files of this account are waiting to be decoded.",
            hint="Send fewer at once.",
            retry_after=_BUSY_RETRY_AFTER_S,
        )
    return HinodeError(
        ErrorCode.OVERLOADED,
        "Too many files are waiting to be decoded.",
        retry_after=_BUSY_RETRY_AFTER_S,
    )
