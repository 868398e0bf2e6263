"""An engine for tests: real files in no time, and failures on demand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import av
import numpy as np
from PIL import Image

from hinode.engines.base import (
    Artifact,
    ArtifactRole,
    Capabilities,
    DigitalSourceType,
    EngineError,
    MediaKind,
    Parameter,
    RenderContext,
    RenderSpec,
    Ticket,
)
from hinode.media.encode import SAMPLE_RATE, Mp4Writer

FAIL = "[fail]"
STALL = "[stall]"
EXTRA_PARAM = "flow_shift"
SIDE = 64
_FRAMES = 3


class ScriptedEngine:
    """Renders tiny but real files, whatever was asked for.

    A prompt with ``[fail]`` fails with the code ``scripted``; one with ``[stall]`` reports 40 %
    and then waits until it is stopped. ``fail`` and ``stall`` do so for every prompt; ``seconds``
    is how long a render takes, with progress on the way. It takes ``parameters``, and the extra one
    ``flow_shift``, which change nothing.
    """

    name = "scripted"

    def __init__(
        self,
        *,
        fail: bool = False,
        stall: bool = False,
        seconds: float = 0.0,
        parameters: frozenset[Parameter] = frozenset(Parameter),
    ) -> None:
        self._fail = fail
        self._stall = stall
        self._seconds = seconds
        self._parameters = parameters

    def capabilities(self) -> Capabilities:
        """Say what this engine renders."""
        return Capabilities(
            kinds=frozenset(MediaKind),
            first_frame=True,
            audio=True,
            description=f"For tests: a {SIDE}x{SIDE} file of {_FRAMES} frames, whatever is asked.",
            licence="Apache-2.0",
            origin=DigitalSourceType.ALGORITHM,
            own_metadata=True,
            parameters=self._parameters,
            extra_params=frozenset({EXTRA_PARAM}),
            max_loras=2,
        )

    async def submit(self, spec: RenderSpec) -> Ticket:
        """Take the work. Raises :class:`EngineError` when told to fail."""
        if self._fail or FAIL in spec.prompt:
            raise EngineError("scripted", "The scripted engine was told to fail.")
        return Ticket()

    async def collect(self, ticket: Ticket, context: RenderContext) -> list[Artifact]:
        """Write the files of every output, after the time that was asked for."""
        if self._stall or STALL in context.spec.prompt:
            context.report(0.4)
            await asyncio.Event().wait()
        for step in range(1, 5):
            await asyncio.sleep(self._seconds / 4)
            context.report(step / 4)
        return [file for output in range(context.spec.outputs) for file in _files(context, output)]

    async def cancel(self, ticket: Ticket) -> None:
        """Nothing runs outside ``collect``."""


def _files(context: RenderContext, output: int) -> list[Artifact]:
    folder = context.workdir / str(output)
    folder.mkdir()
    picture = Image.new("RGB", (SIDE, SIDE), (200, 80, (context.spec.seed + output) % 256))
    if context.spec.kind is MediaKind.IMAGE:
        suffix, partials = context.spec.picture_format.value, context.spec.partials
        places = range(output * partials, (output + 1) * partials)
        return [
            _picture(picture, folder, output, ArtifactRole.IMAGE, suffix, f"image/{suffix}"),
            *(
                _picture(picture, folder, place, ArtifactRole.PARTIAL, "png", "image/png")
                for place in places
            ),
        ]
    watermarked = [ArtifactRole.WATERMARKED] if context.spec.watermarked_copy else []
    return [
        *(_video(picture, folder, output, role) for role in (ArtifactRole.VIDEO, *watermarked)),
        _picture(picture, folder, output, ArtifactRole.THUMBNAIL, "webp", "image/webp"),
        _picture(picture, folder, output, ArtifactRole.SPRITESHEET, "jpg", "image/jpeg"),
    ]


def _video(picture: Image.Image, folder: Path, output: int, role: ArtifactRole) -> Artifact:
    path, fps = folder / f"{role.value}.mp4", 30
    with Mp4Writer(path, width=SIDE, height=SIDE, fps=fps, metadata={"title": role.value}) as film:
        for _ in range(_FRAMES):
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
            film.write_video(frame.reformat(format="yuv420p"))
        film.write_audio(np.zeros((SAMPLE_RATE * _FRAMES // fps, 2), np.float32))
    return Artifact(output, role, path, "video/mp4", SIDE, SIDE, _FRAMES, _FRAMES / fps)


def _picture(
    picture: Image.Image,
    folder: Path,
    output: int,
    role: ArtifactRole,
    suffix: str,
    content_type: str,
) -> Artifact:
    path = folder / f"{role.value}-{output}.{suffix}"
    picture.save(path)
    return Artifact(output, role, path, content_type, SIDE, SIDE)
