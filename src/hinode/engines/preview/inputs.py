"""Open the inputs of a request: first frame, references, masks, characters' pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from hinode.media.image_files import cover_fit, cover_fit_mask
from hinode.media.video_reader import UnreadableVideo

_IMAGE_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


class BadFirstFrame(Exception):
    """The picture that a video should start on cannot be read."""


class BadSource(Exception):
    """A picture or video that the request starts from cannot be read."""


@contextmanager
def map_read_errors() -> Iterator[None]:
    """Map the errors of the video reader to :class:`BadSource`."""
    try:
        yield
    except UnreadableVideo as error:
        raise BadSource(f"the video to start from cannot be read: {error}") from error


def open_first_frame(path: Path, width: int, height: int) -> Image.Image:
    """Return the picture, cropped to the size. Raises :class:`BadFirstFrame`."""
    try:
        with Image.open(path) as image:
            return cover_fit(image, width, height)
    except _IMAGE_ERRORS as error:
        raise BadFirstFrame(f"the first frame cannot be read: {error}") from error


def open_image(path: Path, width: int, height: int, label: str) -> Image.Image:
    """Return a picture in RGB, cropped to the size. Raises :class:`BadSource` with ``label``."""
    try:
        with Image.open(path) as image:
            return cover_fit(image, width, height)
    except _IMAGE_ERRORS as error:
        raise BadSource(f"{label} cannot be read: {error}") from error


def open_mask(path: Path, width: int, height: int) -> Image.Image:
    """Return a mask in 8-bit grey, cropped as its picture is. Raises :class:`BadSource`."""
    try:
        with Image.open(path) as image:
            return cover_fit_mask(image, width, height)
    except _IMAGE_ERRORS as error:
        raise BadSource(f"the mask cannot be read: {error}") from error
