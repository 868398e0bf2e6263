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
from functools import partial
from pathlib import Path
from uuid import UUID

import av
from av.filter import Graph

from hinode.engines.base import MediaKind, RenderSpec
from hinode.engines.preview.audio.ambience import SoundTrack
from hinode.engines.preview.comment import preview_metadata
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
class ClipSize:
    """A size, and the least ratio that is asked for."""

    width: int
    height: int
    min_ratio: float


CLIP_SIZES = (ClipSize(1280, 720, 0.6), ClipSize(720, 1280, 0.5))


def render_spec(clip_size: ClipSize, prompt: str, seconds: float) -> RenderSpec:
    return RenderSpec(
        UUID(int=0), MediaKind.VIDEO, prompt, clip_size.width, clip_size.height, FPS,
        round(seconds * FPS), seed=1,
    )  # fmt: skip


def test_pattern(clip_size: ClipSize) -> Iterator[av.VideoFrame]:
    graph = Graph()
    source = graph.add("testsrc2", f"size={clip_size.width}x{clip_size.height}:rate={FPS}")
    pixels = graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    source.link_to(pixels)
    pixels.link_to(sink)
    graph.configure()
    while True:
        frame = graph.pull()
        assert isinstance(frame, av.VideoFrame)
        yield frame


def reference(clip_size: ClipSize, prompt: str, seconds: float, folder: Path) -> None:
    spec = render_spec(clip_size, prompt, seconds)
    samples = spec.frames * SAMPLE_RATE // FPS
    with (
        Mp4Writer(
            folder / "reference.mp4", width=clip_size.width, height=clip_size.height, fps=FPS,
            metadata=preview_metadata(spec.prompt),
        ) as writer,
        EncoderThread(writer, lambda: SoundTrack(describe_scene(prompt, 1), samples),
        FPS) as encoding,
    ):  # fmt: skip
        frames = test_pattern(clip_size)
        for _ in range(spec.frames):
            encoding.put(next(frames))


def frames_per_second(work: Callable[[], object], frames: int) -> float:
    start = time.perf_counter()
    work()
    return frames / (time.perf_counter() - start)


def compare(clip_size: ClipSize, seconds: float, folder: Path) -> float:
    """The median over the prompts of engine rate / reference rate, measured in turn."""
    ratios = []
    for prompt in PROMPTS:
        spec = render_spec(clip_size, prompt, seconds)
        base = frames_per_second(
            partial(reference, clip_size, prompt, seconds, folder), spec.frames
        )
        ours = frames_per_second(partial(render, spec, folder, lambda _: None), spec.frames)
        ratios.append(ours / base)
        print(
            f"{clip_size.width}x{clip_size.height}  testsrc2 {base:6.0f} fps   "
            f"preview {ours:6.0f} fps   ratio {ours / base:.2f}   {prompt}"
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
        reference(CLIP_SIZES[0], PROMPTS[0], 1, folder)  # warms libraries up
        for clip_size in CLIP_SIZES:
            ratio = compare(clip_size, options.seconds, folder)
            enough &= ratio >= clip_size.min_ratio
            print(
                f"{clip_size.width}x{clip_size.height}  median ratio {ratio:.2f} "
                f"(at least {clip_size.min_ratio})"
            )
    return 0 if enough or options.no_fail else 1


if __name__ == "__main__":
    sys.exit(main())
