"""Open what a request brings: the first frame, references, masks, characters' pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps

from hinode.media.picture import cover_fit
from hinode.media.playback import Unplayable

_TROUBLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


class BadFirstFrame(Exception):
    """The picture that a video should start on cannot be read."""


class BadSource(Exception):
    """A picture or video that the request starts from cannot be read."""


@contextmanager
def unplayable_is_bad() -> Iterator[None]:
    """Turn what the player of videos raises into :class:`BadSource`."""
    try:
        yield
    except Unplayable as error:
        raise BadSource(f"the video to start from cannot be read: {error}") from error


def open_first_frame(path: Path, width: int, height: int) -> Image.Image:
    """The picture, cropped to the size. Raises :class:`BadFirstFrame`."""
    try:
        with Image.open(path) as image:
            return cover_fit(image, width, height)
    except _TROUBLE as error:
        raise BadFirstFrame(f"the first frame cannot be read: {error}") from error


def open_picture(path: Path, width: int, height: int, what: str) -> Image.Image:
    """A picture in RGB, cropped to the size. Raises :class:`BadSource` that names ``what``."""
    try:
        with Image.open(path) as image:
            return cover_fit(image, width, height)
    except _TROUBLE as error:
        raise BadSource(f"{what} cannot be read: {error}") from error


def open_mask(path: Path, width: int, height: int) -> Image.Image:
    """A mask in 8-bit grey, cropped as its picture is. Raises :class:`BadSource`."""
    try:
        with Image.open(path) as image:
            return ImageOps.fit(image.convert("L"), (width, height), Image.Resampling.BILINEAR)
    except _TROUBLE as error:
        raise BadSource(f"the mask cannot be read: {error}") from error
