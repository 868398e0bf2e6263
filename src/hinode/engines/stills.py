"""The pictures of a video that are taken while it is written: its poster, and its sprite sheet."""

from __future__ import annotations

import av
from PIL import Image

from hinode.engines.base import Artifact, ArtifactRole, RenderSpec
from hinode.engines.output_files import OutputPaths, poster_index
from hinode.engines.preview.drawing.planes import to_image
from hinode.media.image_files import save_jpeg
from hinode.media.spritesheet import make_sheet, tile_frames, tile_size


class PosterAndTiles:
    """The pictures taken while rendering: the poster, and a tile for each second."""

    def __init__(self, spec: RenderSpec) -> None:
        self._size = tile_size(spec.width, spec.height)
        self._wanted = set(tile_frames(spec.frames, spec.fps))
        self._poster_at = poster_index(spec)
        self.poster = Image.new("RGB", (spec.width, spec.height))
        self.tiles: list[Image.Image] = []

    def capture(self, index: int, frame: av.VideoFrame) -> None:
        """Keep the tile and the poster of a frame, if it has one."""
        if index in self._wanted:
            self.tiles.append(to_image(frame, *self._size))
        if index == self._poster_at:
            self.poster = to_image(frame)


def save_sheet(tiles: list[Image.Image], paths: OutputPaths) -> Artifact:
    """Save the sprite sheet of an output."""
    path = paths.path(ArtifactRole.SPRITESHEET, "jpg")
    sheet = make_sheet(tiles)
    save_jpeg(sheet, path)
    return Artifact(paths.output, ArtifactRole.SPRITESHEET, path, "image/jpeg", *sheet.size)
