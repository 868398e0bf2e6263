"""Measure a video file: size, exact frames, rate, length, sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The result of :func:`probe`. ``width`` and ``height`` are pixels, ``duration`` seconds.

    ``frames`` is counted packet by packet, not taken from the header. ``audio_seconds`` is 0.0
    when there is no sound.
    """

    width: int
    height: int
    frames: int
    fps: float
    duration: float
    has_audio: bool
    audio_seconds: float
    codec: str
    metadata: dict[str, str]


class NotAVideo(Exception):
    """The file is not a video that can be read."""


def probe(path: Path) -> VideoInfo:
    """Read the facts of the video at ``path`` without decoding it.

    Raises :class:`NotAVideo` when it cannot be opened or has no video stream.
    """
    try:
        with av.open(str(path)) as container:
            return _video_info(container)
    except (av.FFmpegError, OSError) as error:
        raise NotAVideo(f"not a readable video: {error}") from error


def _video_info(container: av.container.InputContainer) -> VideoInfo:
    if not container.streams.video:
        raise NotAVideo("the file has no video stream")
    video = container.streams.video[0]
    audio = container.streams.audio[0] if container.streams.audio else None
    seconds = _seconds(audio) if audio is not None else 0.0
    frames = sum(1 for packet in container.demux(video) if packet.size)
    return VideoInfo(
        width=video.codec_context.width,
        height=video.codec_context.height,
        frames=frames,
        fps=float(video.average_rate or 0),
        duration=(container.duration or 0) / av.time_base,
        has_audio=audio is not None,
        audio_seconds=seconds,
        codec=video.codec_context.name,
        metadata=dict(container.metadata),
    )


def _seconds(stream: av.AudioStream) -> float:
    if stream.duration is None or stream.time_base is None:
        return 0.0
    return float(stream.duration * stream.time_base)
