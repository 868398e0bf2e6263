"""Render the outputs of a spec into files: one thread draws while another one encodes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import av
from PIL import Image

from hinode._version import __version__
from hinode.engines.base import Artifact, ArtifactRole, MediaKind, RenderSpec
from hinode.engines.preview.direction import direct
from hinode.engines.preview.planes import to_picture
from hinode.engines.preview.scene import Scene
from hinode.engines.preview.sound import SoundTrack
from hinode.media.encode import SAMPLE_RATE, Mp4Writer, Samples
from hinode.media.picture import cover_fit, save_jpeg, save_png, save_thumbnail
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size

# Frames that may wait for the encoder: enough to smooth, few enough to bound memory.
WAITING = 4
TITLE_CHARACTERS = 120

Report = Callable[[float], None]


class Track(Protocol):
    """A sound track, given out in blocks."""

    def block(self, start: int, stop: int) -> Samples:
        """Samples ``start`` up to ``stop``: float32 in -1..1, shape (stop - start, 2)."""
        ...


class BadFirstFrame(Exception):
    """The given picture cannot be read."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The file names of one output."""

    folder: Path
    output: int

    def of(self, role: ArtifactRole, suffix: str) -> Path:
        """The path for a role."""
        return self.folder / f"{role.value}-{self.output}.{suffix}"


def render(spec: RenderSpec, folder: Path, report: Report) -> list[Artifact]:
    """Render every output of ``spec`` into ``folder``.

    Raises :class:`BadFirstFrame` when the first frame cannot be decoded, and ``OSError`` when
    a file cannot be written.
    """
    picture = _open_first_frame(spec)
    artifacts: list[Artifact] = []
    for output in range(spec.outputs):
        names = _Names(folder, output)
        scene, track = _stage(spec, output, picture)

        def part(done: float, before: int = output) -> None:
            report((before + done) / spec.outputs)

        if spec.kind is MediaKind.IMAGE:
            artifacts += _render_image(spec, scene, names)
        else:
            artifacts += _render_video(spec, scene, track, names, part)
        part(1.0)
    return artifacts


def _stage(spec: RenderSpec, output: int, picture: Image.Image | None) -> tuple[Scene, SoundTrack]:
    direction = direct(spec.prompt, spec.seed + output)
    samples = spec.frames * SAMPLE_RATE // spec.fps
    return Scene(spec, direction, picture), SoundTrack(direction, samples)


def _open_first_frame(spec: RenderSpec) -> Image.Image | None:
    if spec.first_frame is None:
        return None
    try:
        with Image.open(spec.first_frame) as image:
            return cover_fit(image, spec.width, spec.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadFirstFrame(f"the first frame cannot be read: {error}") from error


def _render_video(
    spec: RenderSpec, scene: Scene, track: SoundTrack, names: _Names, report: Report
) -> list[Artifact]:
    path = names.of(ArtifactRole.VIDEO, "mp4")
    wanted = set(tile_frames(spec.frames, spec.fps))
    poster = spec.frames * 2 // 5
    tiles: list[Image.Image] = []
    posters: list[Image.Image] = []
    with Mp4Writer(
        path, width=spec.width, height=spec.height, fps=spec.fps, metadata=about(spec.prompt)
    ) as writer, Encoding(writer, track, spec) as encoding:  # fmt: skip
        for index in range(spec.frames):
            frame = scene.frame(index)
            if index in wanted:
                tiles.append(to_picture(frame, *tile_size(spec.width, spec.height)))
            if index == poster:
                posters.append(to_picture(frame))
            encoding.put(frame)
            report(0.98 * (index + 1) / spec.frames)
    video = Artifact(
        names.output, ArtifactRole.VIDEO, path, "video/mp4",
        spec.width, spec.height, spec.frames, spec.seconds,
    )  # fmt: skip
    return [video, *(_thumbnail(picture, names) for picture in posters), _sheet(tiles, names)]


def _render_image(spec: RenderSpec, scene: Scene, names: _Names) -> list[Artifact]:
    path = names.of(ArtifactRole.IMAGE, "png")
    picture = to_picture(scene.still())
    save_png(picture, path, about(spec.prompt))
    image = Artifact(names.output, ArtifactRole.IMAGE, path, "image/png", spec.width, spec.height)
    return [image, _thumbnail(picture, names)]


def _thumbnail(picture: Image.Image, names: _Names) -> Artifact:
    path = names.of(ArtifactRole.THUMBNAIL, "webp")
    width, height = save_thumbnail(picture, path)
    return Artifact(names.output, ArtifactRole.THUMBNAIL, path, "image/webp", width, height)


def _sheet(tiles: list[Image.Image], names: _Names) -> Artifact:
    path = names.of(ArtifactRole.SPRITESHEET, "jpg")
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return Artifact(names.output, ArtifactRole.SPRITESHEET, path, "image/jpeg", *sheet.size)


def about(prompt: str) -> dict[str, str]:
    """What a file says about itself: the prompt as its title, and honestly how it was made."""
    title = " ".join(prompt.split())
    if len(title) > TITLE_CHARACTERS:
        title = title[: TITLE_CHARACTERS - 1] + "…"
    return {
        "title": title,
        "comment": f"Animated preview drawn by Hinode {__version__} preview engine; "
        "not made by a generative video model",
    }


class Encoding:
    """The encoding thread: takes frames in order, and writes the sound that belongs to each."""

    def __init__(self, writer: Mp4Writer, track: Track, spec: RenderSpec) -> None:
        self._writer, self._track, self._spec = writer, track, spec
        self._frames: queue.Queue[av.VideoFrame | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="encode", daemon=True)

    def put(self, frame: av.VideoFrame) -> None:
        """Hand the next frame over; waits while the encoder is behind."""
        if self._error is not None:
            raise self._error
        self._frames.put(frame)

    def __enter__(self) -> Encoding:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._frames.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _work(self) -> None:
        index = 0
        while (frame := self._frames.get()) is not None:
            # After an error frames are still taken, so that the drawing side never hangs.
            if self._error is None:
                self._try_write(frame, index)
            index += 1

    def _try_write(self, frame: av.VideoFrame, index: int) -> None:
        try:
            self._writer.write_video(frame)
            start, stop = (n * SAMPLE_RATE // self._spec.fps for n in (index, index + 1))
            self._writer.write_audio(self._track.block(start, stop))
        except Exception as error:  # handed to the drawing thread, which raises it
            self._error = error
