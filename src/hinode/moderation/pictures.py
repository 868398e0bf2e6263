"""Pictures for a review: small JPEGs of a request's pictures and of rendered frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from hinode.media.spritesheet import tile_size
from hinode.media.types import Artifact, ArtifactRole
from hinode.moderation.types import ReviewedPicture

MAX_SIDE = 768
MAX_PICTURES = 32
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture of a request, and its role there."""

    role: str
    path: Path


def pictures_of_request(files: Iterable[PictureFile]) -> tuple[ReviewedPicture, ...]:
    """Return the pictures of a request, at most :data:`MAX_PICTURES`."""
    chosen = list(files)[:MAX_PICTURES]
    return tuple(ReviewedPicture(one.role, 0, _opened(one.path)) for one in chosen)


def pictures_of_outputs(rendered: Sequence[Artifact], frames: int) -> tuple[ReviewedPicture, ...]:
    """Return the rendered pictures, and of each video its still and ``frames`` frames.

    Frames are those of the sprite sheet, one a second, spread over the whole video.
    """
    videos = {one.output: one for one in rendered if one.role is ArtifactRole.VIDEO}
    found: list[ReviewedPicture] = []
    for one in rendered:
        if one.role in (ArtifactRole.IMAGE, ArtifactRole.THUMBNAIL):
            found.append(ReviewedPicture(one.role.value, one.output, _opened(one.path)))
        elif one.role is ArtifactRole.SPRITESHEET and one.output in videos:
            found += _frames(one, videos[one.output], frames)
    return tuple(found[:MAX_PICTURES])


def _frames(sheet: Artifact, video: Artifact, count: int) -> list[ReviewedPicture]:
    with Image.open(sheet.path) as opened:
        tiles = list(_tiles(opened.convert("RGB"), video))
    return [ReviewedPicture("frame", sheet.output, _jpeg(one)) for one in _spread(tiles, count)]


def _tiles(sheet: Image.Image, video: Artifact) -> Iterator[Image.Image]:
    """Yield the tiles of a video's sprite sheet; the whole of one that is smaller than a tile."""
    width, height = tile_size(video.width, video.height)
    columns, rows = sheet.width // width, sheet.height // height
    if not columns or not rows:
        yield sheet
        return
    for number in range(min(columns * rows, max(1, math.ceil(video.duration)))):
        row, column = divmod(number, columns)
        left, top = column * width, row * height
        yield sheet.crop((left, top, left + width, top + height))


def _spread(tiles: Sequence[Image.Image], count: int) -> list[Image.Image]:
    """Return ``count`` tiles at even distances, the first and the last among them."""
    if len(tiles) <= count:
        return list(tiles)
    step = (len(tiles) - 1) / max(1, count - 1)
    return [tiles[round(index * step)] for index in range(count)]


def _opened(path: Path) -> bytes:
    with Image.open(path) as picture:
        return _jpeg(picture.convert("RGB"))


def _jpeg(picture: Image.Image) -> bytes:
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
    target = BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
