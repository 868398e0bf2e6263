"""Write the files of one video: what is kept of a source, then the clips that were rendered."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from hinode.engines.base import Artifact, RenderSpec
from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.diffusers.rendering.pictures import Pixels
from hinode.engines.diffusers.rendering.post_steps import processed, processed_spec
from hinode.engines.output_files import OutputPaths, thumbnail
from hinode.engines.preview.drawing.planes import copy_frame, from_image, planes_of
from hinode.engines.preview.scene.watermark import Watermark
from hinode.engines.preview.video.watermarked_copy import open_writers, video_artifacts
from hinode.engines.stills import PosterAndTiles, save_sheet
from hinode.media.encode import SAMPLE_RATE, Samples
from hinode.media.video_reader import AudioReader, UnreadableVideo, has_audio, read_frames

MARK = "Hinode"


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """The frames of a clip, all of one size, and its sound; None without."""

    frames: Sequence[Pixels]
    sound: Samples | None

    @property
    def size(self) -> int:
        """The bytes of its frames."""
        return sum(one.nbytes for one in self.frames)


def write_video(
    spec: RenderSpec,
    paths: OutputPaths,
    clips: Sequence[RenderedClip],
    metadata: dict[str, str],
    report: Callable[[float], None],
) -> list[Artifact]:
    """Write the files of an output; the size and count are those of the clips and the steps after.

    Raises :class:`NotRenderable` when the source cannot be read.
    """
    rendered = _as_rendered(spec, clips)
    made = processed_spec(rendered)
    source = spec.source if spec.kept_frames else None
    sound = _sound(rendered, source, clips)
    mark = Watermark(made.width, made.height, MARK) if spec.watermark else None
    stills = PosterAndTiles(made)
    with (
        closing(_frames(rendered, source, clips)) as frames,
        open_writers(made, paths, metadata, sound=sound is not None, mark=MARK) as writer,
    ):
        for index, frame in enumerate(processed(frames, rendered)):
            if mark is not None:
                mark.draw(planes_of(frame), index / made.fps)
            stills.capture(index, frame)
            writer.write_video(frame)
            if sound is not None:
                writer.write_audio(sound(index, made.fps))
            report((index + 1) / made.frames)
    return [
        *video_artifacts(made, paths),
        thumbnail(stills.poster, paths),
        save_sheet(stills.tiles, paths),
    ]


def _as_rendered(spec: RenderSpec, clips: Sequence[RenderedClip]) -> RenderSpec:
    """Return the spec with the size and count that came out."""
    height, width = clips[0].frames[0].shape[:2]
    frames = spec.kept_frames + sum(len(one.frames) for one in clips)
    return replace(spec, width=width, height=height, frames=frames)


def _frames(
    spec: RenderSpec, source: Path | None, clips: Sequence[RenderedClip]
) -> Generator[av.VideoFrame, None, None]:
    if source is not None:
        yield from kept_frames(spec, source)
    for clip in clips:
        for picture in clip.frames:
            yield from_image(Image.fromarray(picture))


def kept_frames(spec: RenderSpec, source: Path) -> Iterator[av.VideoFrame]:
    """Yield the frames of the source that an extension keeps; the last one again if it is short.

    Raises :class:`NotRenderable` when the source cannot be read.
    """
    opened = read_frames(source, width=spec.width, height=spec.height, fps=spec.fps)
    last: av.VideoFrame | None = None
    with closing(opened) as frames:
        try:
            for _ in range(spec.kept_frames):
                last = next(frames, None) or last
                if last is None:
                    raise UnreadableVideo("it has no frame")
                yield copy_frame(last)
        except UnreadableVideo as error:
            message = f"the video to extend cannot be read: {error}"
            raise NotRenderable("source_unreadable", message) from error


def _sound(
    spec: RenderSpec, source: Path | None, clips: Sequence[RenderedClip]
) -> Callable[[int, int], Samples] | None:
    """Return the sound of a frame by its number and the rate; None for a video without sound."""
    wanted = spec.parameters.generate_audio is not False
    kept = source is not None and wanted and has_audio(source)
    if not kept and not any(one.sound is not None for one in clips):
        return None
    before = AudioReader(source) if kept and source is not None else None
    begin = spec.kept_frames * SAMPLE_RATE // spec.fps
    added = _joined(spec, clips)

    def of_frame(index: int, fps: int) -> Samples:
        start, stop = (one * SAMPLE_RATE // fps for one in (index, index + 1))
        if index >= spec.kept_frames:
            return _block(added, start - begin, stop - start)
        silence = np.zeros((stop - start, 2), dtype=np.float32)
        return silence if before is None else before.block(start, stop)

    return of_frame


def _joined(spec: RenderSpec, clips: Sequence[RenderedClip]) -> Samples:
    parts = [
        np.zeros((len(one.frames) * SAMPLE_RATE // spec.fps, 2), dtype=np.float32)
        if one.sound is None
        else one.sound
        for one in clips
    ]
    return np.concatenate(list(itertools.chain(parts)))


def _block(samples: Samples, start: int, count: int) -> Samples:
    """Return samples from a place on; silence beyond their end, as counts are rounded."""
    block = np.zeros((count, 2), dtype=np.float32)
    known = samples[start : start + count]
    block[: len(known)] = known
    return block
