"""Pictures between files and a model: fitted on the way in, compared on the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from hinode.engines.diffusers.rendering.clips import NotRenderable
from hinode.engines.preview.drawing.planes import to_image
from hinode.media.image_files import cover_fit, cover_fit_mask
from hinode.media.video_reader import UnreadableVideo, read_frames

Pixels = npt.NDArray[np.uint8]

_NO_NUMBERS = (
    "The model gave values that are no numbers: its weights are damaged, or the engine's 'dtype' "
    "is too narrow for it. Get the model again, or set 'dtype' to bfloat16 or float32."
)
_IMAGE_ERRORS = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


def open_picture(path: Path, width: int, height: int) -> Image.Image:
    """Return a picture that fills a size. Raises :class:`NotRenderable`."""
    try:
        with Image.open(path) as image:
            return cover_fit(image, width, height)
    except _IMAGE_ERRORS as error:
        message = f"the picture to start from cannot be read: {error}"
        raise NotRenderable("first_frame_unreadable", message) from error


def open_mask(path: Path, width: int, height: int) -> Image.Image:
    """Return a mask that fills a size. Raises :class:`NotRenderable`."""
    try:
        with Image.open(path) as image:
            return cover_fit_mask(image, width, height)
    except _IMAGE_ERRORS as error:
        raise NotRenderable("source_unreadable", f"the mask cannot be read: {error}") from error


def first_picture(video: Path, width: int, height: int, fps: int) -> Image.Image:
    """Return the first frame of a video. Raises :class:`NotRenderable`."""
    frames = read_frames(video, width=width, height=height, fps=fps)
    try:
        return to_image(next(frames))
    except (UnreadableVideo, StopIteration) as error:
        message = f"the video to start from cannot be read: {error}"
        raise NotRenderable("source_unreadable", message) from error
    finally:
        frames.close()


def pixels(output: Any) -> list[Pixels]:
    """Return the pictures of a model's output: numbers from 0 to 1, shape (count, h, w, 3).

    Raises :class:`NotRenderable` where they are no numbers, which would be shown as black.
    """
    return [_rounded(one) for one in output]


def _rounded(picture: Any) -> Pixels:
    # In one array of floats, not in three: a video has gigabytes of them.
    scaled = np.clip(picture, 0, 1)
    if np.isnan(scaled).any():
        raise NotRenderable("render_failed", _NO_NUMBERS)
    np.multiply(scaled, 255, out=scaled)
    rounded: Pixels = np.rint(scaled, out=scaled).astype(np.uint8)
    return rounded


def cropped(picture: Pixels, width: int, height: int) -> Pixels:
    """Return the middle of a picture, no larger than a size and with even sides."""
    tall, wide = picture.shape[:2]
    width, height = min(width, wide // 2 * 2), min(height, tall // 2 * 2)
    left, top = (wide - width) // 2, (tall - height) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])
