"""Render the outputs of a spec into files: one thread draws while another one encodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from hinode._version import __version__
from hinode.engines.base import Artifact, ArtifactRole, MediaKind, RenderSpec
from hinode.engines.preview.direction import Direction, direct
from hinode.engines.preview.encoding import Encoding
from hinode.engines.preview.planes import to_picture
from hinode.engines.preview.scene import Scene
from hinode.engines.preview.sound import SoundTrack
from hinode.media.encode import SAMPLE_RATE, Mp4Writer
from hinode.media.picture import cover_fit, save_jpeg, save_png, save_thumbnail
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size

TITLE_CHARACTERS = 120

Report = Callable[[float], None]


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
        direction = direct(spec.prompt, spec.seed + output)

        def part(done: float, before: int = output) -> None:
            report((before + done) / spec.outputs)

        if spec.kind is MediaKind.IMAGE:
            artifacts += _render_image(spec, Scene(spec, direction, picture), names)
        else:
            artifacts += _render_video(spec, direction, picture, names, part)
        part(1.0)
    return artifacts


def _open_first_frame(spec: RenderSpec) -> Image.Image | None:
    if spec.first_frame is None:
        return None
    try:
        with Image.open(spec.first_frame) as image:
            return cover_fit(image, spec.width, spec.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadFirstFrame(f"the first frame cannot be read: {error}") from error


def _render_video(
    spec: RenderSpec,
    direction: Direction,
    picture: Image.Image | None,
    names: _Names,
    report: Report,
) -> list[Artifact]:
    path = names.of(ArtifactRole.VIDEO, "mp4")
    samples = spec.frames * SAMPLE_RATE // spec.fps
    writer = Mp4Writer(
        path, width=spec.width, height=spec.height, fps=spec.fps, metadata=about(spec.prompt)
    )
    with writer, Encoding(writer, lambda: SoundTrack(direction, samples), spec.fps) as encoding:
        # Made here, the scene is set while the encoding thread composes the sound.
        stills = _Stills(spec)
        scene = Scene(spec, direction, picture)
        for index in range(spec.frames):
            frame = scene.frame(index)
            stills.look(index, frame)
            encoding.put(frame)
            report(0.98 * (index + 1) / spec.frames)
        poster, sheet = _thumbnail(stills.poster, names), _sheet(stills.tiles, names)
    video = Artifact(
        names.output, ArtifactRole.VIDEO, path, "video/mp4",
        spec.width, spec.height, spec.frames, spec.seconds,
    )  # fmt: skip
    return [video, poster, sheet]


class _Stills:
    """The pictures taken while rendering: the poster, and a tile for each second."""

    def __init__(self, spec: RenderSpec) -> None:
        self._size = tile_size(spec.width, spec.height)
        self._wanted = set(tile_frames(spec.frames, spec.fps))
        self._poster_at = still_index(spec)
        self.poster = Image.new("RGB", (spec.width, spec.height))
        self.tiles: list[Image.Image] = []

    def look(self, index: int, frame: av.VideoFrame) -> None:
        """Keep what is wanted of a frame."""
        if index in self._wanted:
            self.tiles.append(to_picture(frame, *self._size))
        if index == self._poster_at:
            self.poster = to_picture(frame)


def still_index(spec: RenderSpec) -> int:
    """The frame that stands for the whole video: two fifths in, its caption shown."""
    return spec.frames * 2 // 5


def _render_image(spec: RenderSpec, scene: Scene, names: _Names) -> list[Artifact]:
    path = names.of(ArtifactRole.IMAGE, "png")
    picture = to_picture(scene.frame(still_index(spec)))
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
