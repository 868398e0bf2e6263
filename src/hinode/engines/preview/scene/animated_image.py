"""Move the camera over a still picture, to a fraction of a pixel (image-to-video)."""

from __future__ import annotations

import math

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from hinode.engines.preview.drawing.planes import Plane, from_image, planes_of
from hinode.engines.preview.scene.terms import CameraMove

# How far the picture is enlarged at most: more would show that it is soft.
MAX_ZOOM = 0.16

Ints = npt.NDArray[np.uint16]


class AnimatedImage:
    """A picture already fitted to the frame. The frame at 0 seconds is the picture itself."""

    def __init__(self, picture: Image.Image, move: CameraMove, total: float) -> None:
        self._first = from_image(picture)
        planes = planes_of(self._first)
        self._sources = tuple(plane.astype(np.uint16) for plane in planes.all())
        self._move, self._total = move, max(total, 1e-6)

    def frame(self, seconds: float) -> av.VideoFrame:
        """Return a new frame: the picture as the camera sees it after ``seconds``."""
        zoom, x, y = self._camera_at(seconds)
        frame = av.VideoFrame(self._first.width, self._first.height, "yuv420p")
        for plane, source in zip(planes_of(frame).all(), self._sources, strict=True):
            _sample(plane, source, zoom, x, y)
        return frame

    def _camera_at(self, seconds: float) -> tuple[float, float, float]:
        """Return zoom and offset: -1..1 of the room that the zoom leaves."""
        part = min(1.0, seconds / self._total)
        smooth = part * part * (3 - 2 * part)
        sway = math.sin(math.pi * part)
        move = self._move
        if move is CameraMove.STATIC:
            return 1 + 0.02 * smooth, 0.0, 0.0
        if move is CameraMove.ZOOM_OUT:
            # It must begin on the whole picture: in quickly, then slowly back.
            rise = min(1.0, part / 0.3)
            back = max(0.0, (part - 0.3) / 0.7)
            ease = rise * rise * (3 - 2 * rise) - back * back * (3 - 2 * back)
            return 1 + MAX_ZOOM * ease, 0.0, 0.0
        sideways = {
            CameraMove.PAN_LEFT: -1.0,
            CameraMove.PAN_RIGHT: 1.0,
            CameraMove.DRIFT: 0.35,
        }.get(move, 0.0)
        upward = {CameraMove.TILT_UP: -1.0, CameraMove.DRONE: -0.8, CameraMove.TILT_DOWN: 1.0}.get(
            move, 0.0
        )
        if move is CameraMove.ORBIT:
            sideways = math.sin(2 * math.pi * part)
            return 1 + MAX_ZOOM * max(smooth, sway * 0.8), sideways, 0.0
        return 1 + MAX_ZOOM * smooth, sideways * smooth, upward * smooth


def _sample(plane: Plane, source: Ints, zoom: float, x: float, y: float) -> None:
    """Two taps each way: rows first, then columns, in 16 bits (510 * 128 + 128 is the most)."""
    height, width = plane.shape
    row, row_part = _taps(height, zoom, y)
    column, column_part = _taps(width, zoom, x)
    below = np.minimum(row + 1, height - 1)
    right = np.minimum(column + 1, width - 1)
    tall = source.take(row, axis=0) * (128 - row_part)[:, None]
    tall += source.take(below, axis=0) * row_part[:, None]
    tall >>= 6
    wide = tall.take(column, axis=1) * (128 - column_part)
    wide += tall.take(right, axis=1) * column_part
    wide += 128
    wide >>= 8
    plane[:] = wide


def _taps(
    length: int, zoom: float, shift: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint16]]:
    """Return the first source index of every target pixel, and the weight of the second one."""
    room = (length - length / zoom) / 2
    places = (np.arange(length) + 0.5) / zoom + room * (1 + shift) - 0.5
    places = np.clip(places, 0, length - 1)
    whole = np.floor(places)
    return whole.astype(np.intp), np.asarray((places - whole) * 128, dtype=np.uint16)
