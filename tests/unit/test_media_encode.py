"""What a written MP4 holds: exact frames, exact length, the index in front, honest colours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from hinode.media.encode import SAMPLE_RATE, Mp4Writer
from hinode.media.probe import NotAVideo, probe


def grey(width: int, height: int, value: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, level in zip(frame.planes, (value, 128, 128), strict=True):
        np.frombuffer(memoryview(plane), np.uint8)[:] = level
    return frame


def write(path: Path, frames: int, fps: int) -> None:
    with Mp4Writer(path, width=64, height=48, fps=fps, metadata={"title": "日落"}) as writer:
        done = 0
        for index in range(frames):
            writer.write_video(grey(64, 48, 40 + index))
            until = (index + 1) * SAMPLE_RATE // fps
            writer.write_audio(np.zeros((until - done, 2), np.float32))
            done = until


def boxes(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8].decode()
        at += size


@pytest.mark.parametrize(("frames", "fps"), [(1, 30), (45, 30), (17, 24), (50, 25)])
def test_frames_and_length_are_exact(tmp_path: Path, frames: int, fps: int) -> None:
    path = tmp_path / "a.mp4"
    write(path, frames, fps)
    facts = probe(path)
    assert (facts.width, facts.height, facts.frames, facts.fps) == (64, 48, frames, fps)
    assert facts.duration == pytest.approx(frames / fps, abs=0.002)
    assert facts.has_audio
    assert facts.audio_seconds == pytest.approx(frames / fps, abs=0.002)
    assert facts.codec == "h264"
    assert facts.metadata["title"] == "日落"


def test_the_index_comes_before_the_data(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write(path, 10, 30)
    order = list(boxes(path))
    assert order.index("moov") < order.index("mdat")


def test_the_stream_says_which_colours_it_uses(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write(path, 3, 30)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (1, 1)  # BT.709, limited (ITU-T H.273)


def test_an_error_leaves_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"

    def fail() -> None:
        with Mp4Writer(path, width=64, height=48, fps=30, metadata={}) as writer:
            writer.write_video(grey(64, 48, 40))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"not a video at all" * 40])
def test_probing_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(NotAVideo):
        probe(path)
