"""Decoding for a server's clients: in processes, within bounds, fairly between accounts."""

from __future__ import annotations

import os
from collections.abc import Hashable
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field
from pathlib import Path

from hinode.kit.fair_slots import FairSlots
from hinode.media.clip_check import (
    DECODING_TASK as CLIPS,
)
from hinode.media.clip_check import (
    NO_SAMPLING,
    ClipInfo,
    ClipLimits,
    Sampling,
    clip_errors,
    clip_info,
    clip_request,
)
from hinode.media.decoding.process import DecodingProcess
from hinode.media.decoding.protocol import DecodingDied, Rejected, Reply, Request
from hinode.media.image_check import BadImage, BadImageCode, ImageInfo
from hinode.media.image_header import ImageFormat

PICTURE_SECONDS = 15.0
PICTURES = "hinode.media.decoding.pictures"


class DecodingLane:
    """A bounded number of processes for one kind of task; an idle one is kept warm."""

    def __init__(self, task: str, slots: FairSlots, *, kept: int) -> None:
        self.task = task
        self._slots = slots
        self._kept = kept
        self._idle: list[DecodingProcess] = []
        self._busy: set[DecodingProcess] = set()
        self._killed: set[DecodingProcess] = set()
        self._closed = False
        self.served = 0
        """Requests that were given to a process."""

    async def run(self, account: Hashable, request: Request) -> Reply:
        """Run a request when it is the account's turn; cancelling gives it up.

        Raises :class:`hinode.kit.fair_slots.TooManyWaiting`, and as
        :func:`hinode.media.decoding.protocol.read_reply`.
        """
        async with self._slots.slot(account):
            self.served += 1
            try:
                return await self._run(request)
            except BrokenExecutor:
                if self._closed:
                    raise
                # An idle process may have been killed, by a system short of memory for example.
                return await self._run(request)

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for process in (*self._idle, *self._busy):
            self._kill(process)
        self._idle.clear()
        for process in tuple(self._killed):
            await process.wait()

    async def _run(self, request: Request) -> Reply:
        process = self._idle.pop() if self._idle else await DecodingProcess.start(self.task)
        self._busy.add(process)
        try:
            await self._start_spare()
            return await process.run(request)
        finally:
            self._busy.discard(process)
            self._put_back(process)

    async def _start_spare(self) -> None:
        """Start the next process that is kept, so that another account need not wait for it."""
        if self._idle or len(self._busy) >= self._kept:
            return
        spare = await DecodingProcess.start(self.task)
        self._put_back(spare)
        if self._closed:
            await spare.wait()

    def _put_back(self, process: DecodingProcess) -> None:
        if process.usable and not self._closed and len(self._idle) < self._kept:
            self._idle.append(process)
        else:
            self._kill(process)

    def _kill(self, process: DecodingProcess) -> None:
        """End a process; :meth:`close` waits for those that have not ended yet."""
        process.kill()
        self._killed = {one for one in (*self._killed, process) if one.running}


def _picture_lane() -> DecodingLane:
    count = min(8, max(2, os.cpu_count() or 2))
    return DecodingLane(PICTURES, FairSlots(count, waiting_per_key=32, waiting=512), kept=2)


def _clip_lane() -> DecodingLane:
    return DecodingLane(CLIPS, FairSlots(2, waiting_per_key=8, waiting=128), kept=1)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Decodes pictures and clips in lanes of their own: pictures never wait behind clips.

    All methods raise :class:`hinode.kit.fair_slots.TooManyWaiting`; cancelling gives up.
    """

    pictures: DecodingLane = field(default_factory=_picture_lane)
    clips: DecodingLane = field(default_factory=_clip_lane)

    async def check_image(self, account: Hashable, path: Path) -> ImageInfo:
        """Check that a picture decodes to its end. Raises :class:`BadImage`."""
        return await self._picture(account, "check", path, path)

    async def normalize_image(self, account: Hashable, path: Path, target: Path) -> ImageInfo:
        """Write a picture upright as PNG. Raises :class:`BadImage`."""
        return await self._picture(account, "image", path, target)

    async def normalize_mask(self, account: Hashable, path: Path, target: Path) -> ImageInfo:
        """Write a mask upright as a grey PNG. Raises :class:`BadImage`."""
        return await self._picture(account, "mask", path, target)

    async def write_portrait(self, account: Hashable, path: Path, target: Path) -> None:
        """Write the portrait of a character from a picture. Raises :class:`BadImage`."""
        await self._picture(account, "portrait", path, target)

    async def check_clip(
        self, account: Hashable, path: Path, sampling: Sampling = NO_SAMPLING
    ) -> ClipInfo:
        """Check that a clip decodes, and take a picture of it on request.

        Raises :class:`hinode.media.clip_check.BadClip`.
        """
        request = clip_request(path, ClipLimits(), sampling)
        with clip_errors():
            return clip_info(await self.clips.run(account, request))

    async def close(self) -> None:
        """End all processes."""
        await self.pictures.close()
        await self.clips.close()

    async def _picture(self, account: Hashable, verb: str, path: Path, target: Path) -> ImageInfo:
        request = {
            "verb": verb,
            "path": str(path),
            "target": str(target),
            "seconds": PICTURE_SECONDS,
        }
        try:
            reply = await self.pictures.run(account, request)
        except Rejected as error:
            if not error.code:
                raise _not_decoded() from error
            raise BadImage(BadImageCode(error.code), str(error)) from error
        except DecodingDied as error:
            raise _not_decoded() from error
        return ImageInfo(ImageFormat(reply["format"]), reply["width"], reply["height"])


def _not_decoded() -> BadImage:
    message = "The image cannot be decoded within bounds of time and memory; save it again."
    return BadImage(BadImageCode.TOO_COMPLEX, message)
