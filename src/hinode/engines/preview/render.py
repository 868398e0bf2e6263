"""Render the outputs of a spec into files: one thread draws while another one encodes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, JobAction, MediaKind, RenderSpec
from hinode.engines.preview.encoding import Encoding
from hinode.engines.preview.files import Names, about, still_index, thumbnail
from hinode.engines.preview.films import produce
from hinode.engines.preview.parts import KEY as PARTS_KEY
from hinode.engines.preview.parts import parts_note, parts_of
from hinode.engines.preview.pictures import render_picture
from hinode.engines.preview.planes import to_picture
from hinode.engines.preview.twin import film_files, films
from hinode.media.picture import save_jpeg
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size

Report = Callable[[float], None]


def render(spec: RenderSpec, folder: Path, report: Report) -> list[Artifact]:
    """Render every output of ``spec`` into ``folder``.

    Raises :class:`BadFirstFrame` or :class:`BadSource` when what the request brings cannot be
    decoded, and ``OSError`` when a file cannot be written.
    """
    artifacts: list[Artifact] = []
    for output in range(spec.outputs):
        names = Names(folder, output)

        def part(done: float, before: int = output) -> None:
            report((before + done) / spec.outputs)

        if spec.kind is MediaKind.IMAGE:
            artifacts += render_picture(spec, names)
        else:
            artifacts += _render_video(spec, names, part)
        part(1.0)
    return artifacts


def _render_video(spec: RenderSpec, names: Names, report: Report) -> list[Artifact]:
    production = produce(spec, spec.seed + names.output)
    with (
        films(spec, names, _metadata(spec)) as writer,
        Encoding(writer, production.track, spec.fps) as encoding,
    ):
        # Made here, the scene is set while the encoding thread composes the sound.
        stills = _Stills(spec)
        film = production.film()
        for index in range(spec.frames):
            frame = film.frame(index)
            stills.look(index, frame)
            encoding.put(frame)
            report(0.98 * (index + 1) / spec.frames)
        poster, sheet = thumbnail(stills.poster, names), _sheet(stills.tiles, names)
    return [*film_files(spec, names), poster, sheet]


def _metadata(spec: RenderSpec) -> dict[str, str]:
    if spec.action is not JobAction.EXTENSION or spec.source is None:
        return about(spec.prompt)
    parts = (*parts_of(spec.source, spec.kept_frames), spec.frames - spec.kept_frames)
    return about(spec.prompt) | {PARTS_KEY: parts_note(parts)}


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


def _sheet(tiles: list[Image.Image], names: Names) -> Artifact:
    path = names.of(ArtifactRole.SPRITESHEET, "jpg")
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return Artifact(names.output, ArtifactRole.SPRITESHEET, path, "image/jpeg", *sheet.size)
