"""Arrange small tiles, one per second, on a sprite sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

COLUMNS = 5
TILE_WIDTH = 320
# JPEG cannot be larger than this on either side.
JPEG_SIDE = 65_500


def tile_size(width: int, height: int) -> tuple[int, int]:
    """Return a tile's width and height for frames of this size: 320 wide, even, same ratio."""
    return TILE_WIDTH, max(2, round(TILE_WIDTH * height / width / 2) * 2)


def tile_frames(frames: int, fps: int) -> list[int]:
    """Return the frame numbers of the tiles: the first frame of every started second."""
    return list(range(0, frames, fps))


def make_sheet(tiles: Sequence[Image.Image]) -> Image.Image:
    """Put equal tiles in rows of five, first at the top left; unused places stay black.

    Raises :class:`ValueError` when there is no tile. Tiles that no longer fit in a JPEG are
    left off.
    """
    if not tiles:
        raise ValueError("a sprite sheet needs at least one tile")
    width, height = tiles[0].size
    shown = tiles[: COLUMNS * max(1, JPEG_SIDE // height)]
    rows = -(-len(shown) // COLUMNS)
    sheet = Image.new("RGB", (min(len(shown), COLUMNS) * width, rows * height))
    for index, tile in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        sheet.paste(tile, (column * width, row * height))
    return sheet
