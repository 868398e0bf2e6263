"""Steps on rendered frames, by FFmpeg's own filters: motion interpolation, then Lanczos scaling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice

import av

from hinode.engines.base import RenderSpec
from hinode.engines.preview.drawing.planes import copy_frame
from hinode.media.post_steps import PostSteps

_MORE = 2
"""How often the last frame is given once more: the filter looks so far ahead."""


def rendered_spec(spec: RenderSpec) -> RenderSpec:
    """Return what the model itself renders of a spec."""
    return PostSteps.of(spec.parameters).rendered(spec)


def processed_spec(rendered: RenderSpec) -> RenderSpec:
    """Return the spec of the file that rendered frames become."""
    return PostSteps.of(rendered.parameters).applied(rendered)


def processed(frames: Iterable[av.VideoFrame], rendered: RenderSpec) -> Iterator[av.VideoFrame]:
    """Yield rendered frames with the steps that their spec asks for.

    The rendered ones stay as they are: where they were, with new ones between.
    """
    steps = PostSteps.of(rendered.parameters)
    if not steps:
        yield from frames
        return
    graph = _graph(rendered, steps)
    made = _filtered(frames, graph, rendered.fps, _MORE if steps.rounds else 0)
    # New ones: the filter may still need those that it gives.
    yield from map(copy_frame, islice(made, steps.frames(rendered.frames)))


def _graph(rendered: RenderSpec, steps: PostSteps) -> av.filter.Graph:
    graph = av.filter.Graph()
    nodes = [
        graph.add_buffer(
            width=rendered.width,
            height=rendered.height,
            format=av.VideoFormat("yuv420p"),
            time_base=Fraction(1, rendered.fps),
        )
    ]
    if steps.rounds:
        rate = rendered.fps * steps.rate
        nodes.append(graph.add("minterpolate", f"fps={rate}:mi_mode=mci:mc_mode=aobmc"))
    if steps.scale > 1:
        size = f"{rendered.width * steps.scale}:{rendered.height * steps.scale}"
        nodes.append(graph.add("scale", f"{size}:flags=lanczos"))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph


def _filtered(
    frames: Iterable[av.VideoFrame], graph: av.filter.Graph, fps: int, more: int
) -> Iterator[av.VideoFrame]:
    last: av.VideoFrame | None = None
    count = 0
    for frame in frames:
        yield from _through(graph, frame, count, fps)
        last, count = frame, count + 1
    if last is not None:
        for place in range(count, count + more):
            yield from _through(graph, last, place, fps)
    graph.push(None)
    yield from _ready(graph)


def _through(
    graph: av.filter.Graph, frame: av.VideoFrame, place: int, fps: int
) -> Iterator[av.VideoFrame]:
    given = copy_frame(frame)
    given.pts, given.time_base = place, Fraction(1, fps)
    graph.push(given)
    yield from _ready(graph)


def _ready(graph: av.filter.Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            made = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        if isinstance(made, av.VideoFrame):
            yield made
