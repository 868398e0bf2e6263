"""Write one MP4: H.264 and AAC with the index in front, exact in frames and in length.

The measured choices (preset, GOP, tagging) come from probing PyAV 18 / FFmpeg 8: see
``docs/howto/preview-engine.md`` for what they mean to a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

SAMPLE_RATE = 48_000
AUDIO_BIT_RATE = 128_000

Samples = npt.NDArray[np.float32]


class Mp4Writer:
    """A context manager that encodes frames and samples in presentation order.

    Every frame is a ``yuv420p`` :class:`av.VideoFrame` of exactly ``width`` x ``height`` (even
    numbers) in BT.709 limited range. Leaving the block on an exception closes the container and
    removes the file: no half-written video is left. Without ``sound`` the file has frames only.
    """

    def __init__(
        self,
        path: Path,
        *,
        width: int,
        height: int,
        fps: int,
        metadata: Mapping[str, str],
        preset: str = "ultrafast",
        crf: int = 23,
        sound: bool = True,
    ) -> None:
        self._path = path
        self._fps = fps
        self._frames = 0
        self._samples = 0
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._container.metadata.update(metadata)
        self._video = self._add_video(width, height, {"preset": preset, "crf": str(crf)})
        self._audio = self._add_audio() if sound else None

    def _add_video(self, width: int, height: int, options: dict[str, str]) -> VideoStream:
        stream: VideoStream = self._container.add_stream("libx264", rate=self._fps, options=options)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        # One key frame a second: seeking is quick, and a key frame stands for each tile.
        context.gop_size = self._fps
        # Untagged streams are decoded as BT.601 by some players, which shifts every colour.
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.color_range = ColorRange.MPEG
        return stream

    def _add_audio(self) -> AudioStream:
        # For noise-like sound the default coder takes four times as long as this one.
        options = {"aac_coder": "fast"}
        stream: AudioStream = self._container.add_stream(
            "aac", rate=SAMPLE_RATE, layout="stereo", options=options
        )
        stream.bit_rate = AUDIO_BIT_RATE
        return stream

    def write_video(self, frame: av.VideoFrame) -> None:
        """Encode the next frame. Its time stamp is set here."""
        frame.pts = self._frames
        frame.time_base = Fraction(1, self._fps)
        self._frames += 1
        self._container.mux(self._video.encode(frame))

    def write_audio(self, samples: Samples) -> None:
        """Encode the next samples: float32 in -1..1, shape (count, 2), at 48 kHz.

        Raises ``ValueError`` for a file without sound.
        """
        if self._audio is None:
            raise ValueError("the file has no sound")
        planar = np.ascontiguousarray(samples.T)
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="stereo")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = self._samples
        frame.time_base = Fraction(1, SAMPLE_RATE)
        self._samples += len(samples)
        self._container.mux(self._audio.encode(frame))

    def close(self) -> None:
        """Flush both encoders and put the index in front."""
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))
        self._container.close()

    def __enter__(self) -> Mp4Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
            return
        self._container.close()
        self._path.unlink(missing_ok=True)
