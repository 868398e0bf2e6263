"""The files of a film: one, or two when a twin with the visible mark is asked for.

Both are encoded from the frames as they are drawn: the twin costs an encoder, not a second render.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import av

from hinode.engines.base import Artifact, ArtifactRole, RenderSpec
from hinode.engines.preview.encoding import Writer
from hinode.engines.preview.files import Names
from hinode.engines.preview.mark import Mark
from hinode.engines.preview.planes import copy_of, planes_of
from hinode.media.encode import Mp4Writer, Samples


class Twins:
    """Writes every frame twice: as it is, and with the mark; the sound is the same."""

    def __init__(self, plain: Writer, marked: Writer, spec: RenderSpec) -> None:
        self._plain, self._marked = plain, marked
        self._mark = Mark(spec.width, spec.height)
        self._fps = spec.fps
        self._index = 0

    def write_video(self, frame: av.VideoFrame) -> None:
        """Write the next frame."""
        copy = copy_of(frame)
        self._mark.draw(planes_of(copy), self._index / self._fps)
        self._index += 1
        self._plain.write_video(frame)
        self._marked.write_video(copy)

    def write_audio(self, samples: Samples) -> None:
        """Write the next samples."""
        self._plain.write_audio(samples)
        self._marked.write_audio(samples)


@contextmanager
def films(spec: RenderSpec, names: Names, metadata: Mapping[str, str]) -> Iterator[Writer]:
    """Open the files of an output for the length of the block; none is left if it raises."""
    with ExitStack() as stack:
        plain, *others = [
            stack.enter_context(
                Mp4Writer(
                    names.of(role, "mp4"),
                    width=spec.width,
                    height=spec.height,
                    fps=spec.fps,
                    metadata=metadata,
                )
            )
            for role in _roles(spec)
        ]
        yield Twins(plain, others[0], spec) if others else plain


def film_files(spec: RenderSpec, names: Names) -> list[Artifact]:
    """Return what :func:`films` has written."""
    return [
        Artifact(
            names.output, role, names.of(role, "mp4"), "video/mp4",
            spec.width, spec.height, spec.frames, spec.seconds,
        )
        for role in _roles(spec)
    ]  # fmt: skip


def _roles(spec: RenderSpec) -> list[ArtifactRole]:
    # A video that is marked anyway needs no twin.
    twin = spec.marked_twin and not spec.watermark
    return [ArtifactRole.VIDEO, ArtifactRole.MARKED] if twin else [ArtifactRole.VIDEO]
