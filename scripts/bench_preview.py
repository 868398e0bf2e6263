"""Compare the preview engine with FFmpeg's testsrc2 pattern into the same encoder settings.

Both sides use the same writer, the same two threads (one draws, one encodes), and the same
sound; so what differs is the drawing, and the thumbnail and sheet that only the engine makes.
Prints frames per second
and the ratio. Bounded: about 20 seconds on two cores. Exit status 1 when a ratio is too low.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import av
from av.filter import Graph

from hinode.engines.base import MediaKind, RenderSpec
from hinode.engines.preview.audio.ambience import SoundTrack
from hinode.engines.preview.output_files import file_metadata
from hinode.engines.preview.render import render
from hinode.engines.preview.scene.description import describe_scene
from hinode.engines.preview.video.encoder_thread import EncoderThread
from hinode.media.encode import SAMPLE_RATE, Mp4Writer

FPS = 30
PROMPTS = (
    "a calm lake at sunset",
    "a red fox runs through a snowy forest, pan right",
    "mountains at dawn, slow zoom in",
    "neon city at night in the rain, drone shot",
)


@dataclass(frozen=True)
class Shape:
    """A size, and the least ratio that is asked for."""

    width: int
    height: int
    least: float


SHAPES = (Shape(1280, 720, 0.6), Shape(720, 1280, 0.5))


def spec_for(shape: Shape, prompt: str, seconds: float) -> RenderSpec:
    return RenderSpec(
        UUID(int=0), MediaKind.VIDEO, prompt, shape.width, shape.height, FPS,
        round(seconds * FPS), seed=1,
    )  # fmt: skip


def pattern(shape: Shape) -> Iterator[av.VideoFrame]:
    graph = Graph()
    source = graph.add("testsrc2", f"size={shape.width}x{shape.height}:rate={FPS}")
    pixels = graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    source.link_to(pixels)
    pixels.link_to(sink)
    graph.configure()
    while True:
        frame = graph.pull()
        assert isinstance(frame, av.VideoFrame)
        yield frame


def reference(shape: Shape, prompt: str, seconds: float, folder: Path) -> None:
    spec = spec_for(shape, prompt, seconds)
    samples = spec.frames * SAMPLE_RATE // FPS
    with (
        Mp4Writer(
            folder / "reference.mp4", width=shape.width, height=shape.height, fps=FPS,
            metadata=file_metadata(spec.prompt),
        ) as writer,
        EncoderThread(writer, lambda: SoundTrack(describe_scene(prompt, 1), samples),
        FPS) as encoding,
    ):  # fmt: skip
        frames = pattern(shape)
        for _ in range(spec.frames):
            encoding.put(next(frames))


def rate(work: Callable[[], object], frames: int) -> float:
    start = time.perf_counter()
    work()
    return frames / (time.perf_counter() - start)


def compare(shape: Shape, seconds: float, folder: Path) -> float:
    """The median over the prompts of engine rate / reference rate, measured in turn."""
    ratios = []
    for prompt in PROMPTS:
        spec = spec_for(shape, prompt, seconds)
        base = rate(lambda p=prompt: reference(shape, p, seconds, folder), spec.frames)  # type: ignore[misc]
        ours = rate(lambda s=spec: render(s, folder, lambda _: None), spec.frames)  # type: ignore[misc]
        ratios.append(ours / base)
        print(
            f"{shape.width}x{shape.height}  testsrc2 {base:6.0f} fps   preview {ours:6.0f} fps   "
            f"ratio {ours / base:.2f}   {prompt}"
        )
    return statistics.median(ratios)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="length of each clip")
    parser.add_argument("--no-fail", action="store_true", help="print only")
    options = parser.parse_args()
    enough = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reference(SHAPES[0], PROMPTS[0], 1, folder)  # warms libraries up
        for shape in SHAPES:
            ratio = compare(shape, options.seconds, folder)
            enough &= ratio >= shape.least
            print(
                f"{shape.width}x{shape.height}  median ratio {ratio:.2f} (at least {shape.least})"
            )
    return 0 if enough or options.no_fail else 1


if __name__ == "__main__":
    sys.exit(main())
