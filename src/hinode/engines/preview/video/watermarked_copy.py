"""The files of a video: one, or two when a watermarked copy is requested.

Both are encoded from the frames as they are drawn: the copy costs an encoder, not a second render.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import av

from hinode.engines.base import Artifact, ArtifactRole, RenderSpec
from hinode.engines.output_files import OutputPaths
from hinode.engines.preview.drawing.planes import copy_frame, planes_of
from hinode.engines.preview.scene.watermark import TEXT, Watermark
from hinode.engines.preview.video.encoder_thread import MediaWriter
from hinode.media.encode import Mp4Writer, Samples


class WatermarkedCopyWriter:
    """Writes every frame twice: as it is, and with the mark; the sound is the same."""

    def __init__(
        self, plain: MediaWriter, watermarked: MediaWriter, mark: Watermark, fps: int
    ) -> None:
        self._plain, self._watermarked = plain, watermarked
        self._watermark = mark
        self._fps = fps
        self._index = 0

    def write_video(self, frame: av.VideoFrame) -> None:
        """Write the next frame."""
        copy = copy_frame(frame)
        self._watermark.draw(planes_of(copy), self._index / self._fps)
        self._index += 1
        self._plain.write_video(frame)
        self._watermarked.write_video(copy)

    def write_audio(self, samples: Samples) -> None:
        """Write the next samples."""
        self._plain.write_audio(samples)
        self._watermarked.write_audio(samples)


@contextmanager
def open_writers(
    spec: RenderSpec,
    paths: OutputPaths,
    metadata: Mapping[str, str],
    *,
    sound: bool,
    mark: str = TEXT,
) -> Iterator[MediaWriter]:
    """Open the files of an output for the length of the block; none is left if it raises.

    ``mark`` is the text of the visible mark on the copy.
    """
    with ExitStack() as stack:
        plain, *others = [
            stack.enter_context(
                Mp4Writer(
                    paths.path(role, "mp4"),
                    width=spec.width,
                    height=spec.height,
                    fps=spec.fps,
                    metadata=metadata,
                    sound=sound,
                )
            )
            for role in _roles(spec)
        ]
        if not others:
            yield plain
            return
        drawn = Watermark(spec.width, spec.height, mark)
        yield WatermarkedCopyWriter(plain, others[0], drawn, spec.fps)


def video_artifacts(spec: RenderSpec, paths: OutputPaths) -> list[Artifact]:
    """Return what :func:`open_writers` has written."""
    return [
        Artifact(
            paths.output, role, paths.path(role, "mp4"), "video/mp4",
            spec.width, spec.height, spec.frames, spec.seconds,
        )
        for role in _roles(spec)
    ]  # fmt: skip


def _roles(spec: RenderSpec) -> list[ArtifactRole]:
    # A video that is watermarked anyway needs no copy.
    with_copy = spec.watermarked_copy and not spec.watermark
    return [ArtifactRole.VIDEO, ArtifactRole.WATERMARKED] if with_copy else [ArtifactRole.VIDEO]
