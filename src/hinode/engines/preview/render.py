"""Render the outputs of a spec into files: one thread draws while another one encodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, JobAction, MediaKind, RenderSpec
from hinode.engines.preview.drawing.planes import to_image
from hinode.engines.preview.images import render_image
from hinode.engines.preview.output_files import OutputPaths, file_metadata, poster_index, thumbnail
from hinode.engines.preview.video.encoder_thread import EncoderThread
from hinode.engines.preview.video.segments import METADATA_KEY as SEGMENTS_KEY
from hinode.engines.preview.video.segments import format_segments, read_segments
from hinode.engines.preview.video.video_plan import plan_video
from hinode.engines.preview.video.watermarked_copy import open_writers, video_artifacts
from hinode.media.image_files import save_jpeg
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size

ProgressCallback = Callable[[float], None]


def render(spec: RenderSpec, folder: Path, report: ProgressCallback) -> list[Artifact]:
    """Render every output of ``spec`` into ``folder``.

    Raises :class:`BadFirstFrame` or :class:`BadSource` when an input cannot be decoded, and
    ``OSError`` when a file cannot be written.
    """
    artifacts: list[Artifact] = []
    for output in range(spec.outputs):
        paths = OutputPaths(folder, output)

        def report_output(done: float, before: int = output) -> None:
            report((before + done) / spec.outputs)

        if spec.kind is MediaKind.IMAGE:
            artifacts += render_image(spec, paths)
        else:
            artifacts += _render_video(spec, paths, report_output)
        report_output(1.0)
    return artifacts


def _render_video(spec: RenderSpec, paths: OutputPaths, report: ProgressCallback) -> list[Artifact]:
    plan = plan_video(spec, spec.seed + paths.output)
    with (
        open_writers(spec, paths, _metadata(spec)) as writer,
        EncoderThread(writer, plan.track, spec.fps) as encoder,
    ):
        # Made here, so that the scene is built while the encoder thread composes the sound.
        stills = _PosterAndTiles(spec)
        source = plan.frames()
        for index in range(spec.frames):
            frame = source.frame(index)
            stills.capture(index, frame)
            encoder.put(frame)
            report(0.98 * (index + 1) / spec.frames)
        poster, sheet = thumbnail(stills.poster, paths), _sheet(stills.tiles, paths)
    return [*video_artifacts(spec, paths), poster, sheet]


def _metadata(spec: RenderSpec) -> dict[str, str]:
    if spec.action is not JobAction.EXTENSION or spec.source is None:
        return file_metadata(spec.prompt)
    segments = (*read_segments(spec.source, spec.kept_frames), spec.frames - spec.kept_frames)
    return file_metadata(spec.prompt) | {SEGMENTS_KEY: format_segments(segments)}


class _PosterAndTiles:
    """The pictures taken while rendering: the poster, and a tile for each second."""

    def __init__(self, spec: RenderSpec) -> None:
        self._size = tile_size(spec.width, spec.height)
        self._wanted = set(tile_frames(spec.frames, spec.fps))
        self._poster_at = poster_index(spec)
        self.poster = Image.new("RGB", (spec.width, spec.height))
        self.tiles: list[Image.Image] = []

    def capture(self, index: int, frame: av.VideoFrame) -> None:
        """Keep the tile and the poster of a frame, if it has one."""
        if index in self._wanted:
            self.tiles.append(to_image(frame, *self._size))
        if index == self._poster_at:
            self.poster = to_image(frame)


def _sheet(tiles: list[Image.Image], paths: OutputPaths) -> Artifact:
    path = paths.path(ArtifactRole.SPRITESHEET, "jpg")
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return Artifact(paths.output, ArtifactRole.SPRITESHEET, path, "image/jpeg", *sheet.size)
