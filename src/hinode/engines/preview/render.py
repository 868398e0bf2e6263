"""Render the outputs of a spec into files: one thread draws while another one encodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hinode.engines.base import Artifact, JobAction, MediaKind, RenderSpec
from hinode.engines.output_files import OutputPaths, thumbnail
from hinode.engines.preview.comment import preview_metadata
from hinode.engines.preview.images import render_image
from hinode.engines.preview.video.encoder_thread import EncoderThread
from hinode.engines.preview.video.segments import METADATA_KEY as SEGMENTS_KEY
from hinode.engines.preview.video.segments import format_segments, read_segments
from hinode.engines.preview.video.video_plan import has_sound, plan_video
from hinode.engines.preview.video.watermarked_copy import open_writers, video_artifacts
from hinode.engines.stills import PosterAndTiles, save_sheet

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
        open_writers(spec, paths, _metadata(spec), sound=has_sound(spec)) as writer,
        EncoderThread(writer, plan.track, spec.fps) as encoder,
    ):
        # Made here, so that the scene is built while the encoder thread composes the sound.
        stills = PosterAndTiles(spec)
        source = plan.frames()
        for index in range(spec.frames):
            frame = source.frame(index)
            stills.capture(index, frame)
            encoder.put(frame)
            report(0.98 * (index + 1) / spec.frames)
        poster, sheet = thumbnail(stills.poster, paths), save_sheet(stills.tiles, paths)
    return [*video_artifacts(spec, paths), poster, sheet]


def _metadata(spec: RenderSpec) -> dict[str, str]:
    if spec.action is not JobAction.EXTENSION or spec.source is None:
        return preview_metadata(spec.prompt)
    segments = (*read_segments(spec.source, spec.kept_frames), spec.frames - spec.kept_frames)
    return preview_metadata(spec.prompt) | {SEGMENTS_KEY: format_segments(segments)}
