"""Draw straight into the planes of a yuv420p frame: colours, blending, sprites.

Luma is full size; both chroma planes are half as wide and half as high. Values are BT.709
limited range (ITU-R BT.709-6, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Colorspace
from PIL import Image

from hinode.engines.preview.scene.palette import RGB

Plane = npt.NDArray[np.uint8]
Wide = npt.NDArray[np.uint16]
Real = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Planes:
    """Writable views of a frame: ``y`` (height, width), ``u`` and ``v`` half of it each way."""

    y: Plane
    u: Plane
    v: Plane

    def all(self) -> tuple[Plane, Plane, Plane]:
        """Return the three planes in order."""
        return self.y, self.u, self.v


def planes_of(frame: av.VideoFrame) -> Planes:
    """Return views of the planes of a yuv420p frame; writing to them changes the frame."""
    y, u, v = (_view(plane) for plane in frame.planes)
    return Planes(y, u, v)


def copy_frame(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a new yuv420p frame with the same pixels."""
    copy = av.VideoFrame(frame.width, frame.height, "yuv420p")
    for target, source in zip(planes_of(copy).all(), planes_of(frame).all(), strict=True):
        target[:] = source
    return copy


def mix_into(planes: Planes, other: Planes, part: float) -> None:
    """Blend ``other`` in: 0 changes nothing, 1 replaces all."""
    weight = round(256 * part)
    for plane, added in zip(planes.all(), other.all(), strict=True):
        mixed = plane.astype(np.uint16)
        mixed *= 256 - weight
        mixed += added * np.uint16(weight)
        mixed += 128
        mixed >>= 8
        plane[:] = mixed


def _view(plane: av.video.plane.VideoPlane) -> Plane:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def yuv(colour: RGB) -> tuple[float, float, float]:
    """Return an sRGB colour as BT.709 limited Y, Cb, Cr."""
    red, green, blue = (part / 255 for part in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        16 + 219 * luma,
        128 + 224 * (blue - luma) / 1.8556,
        128 + 224 * (red - luma) / 1.5748,
    )


def from_image(image: Image.Image) -> av.VideoFrame:
    """Return an RGB picture with even sides as a yuv420p frame."""
    frame = av.VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)


def to_image(frame: av.VideoFrame, width: int = 0, height: int = 0) -> Image.Image:
    """Return a yuv420p frame as an RGB picture, scaled to a size if one is given."""
    rgb = frame.reformat(
        width=width or None,
        height=height or None,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        interpolation="AREA",
    )
    return Image.fromarray(rgb.to_ndarray())


class Sprite:
    """A small picture with transparency, ready to be blended many times."""

    def __init__(self, image: Image.Image) -> None:
        rgba = np.asarray(_even(image.convert("RGBA")), dtype=np.float32)
        self.height: int = rgba.shape[0]
        self.width: int = rgba.shape[1]
        alpha = rgba[..., 3] * np.float32(256 / 255)
        half = _halve(alpha)
        luma, blue, red = (_channel(rgba, index) for index in range(3))
        # Colours are kept multiplied by alpha, in 0..65280.
        self._colour = (luma * alpha, _halve(blue * alpha), _halve(red * alpha))
        self._alpha = (alpha, half, half)
        self._premultiply = [
            _premultiply(colour, weight, 1.0)
            for colour, weight in zip(self._colour, self._alpha, strict=True)
        ]

    def draw(self, planes: Planes, left: float, top: float, opacity: float = 1.0) -> None:
        """Blend with its corner at (left, top), clipped to the frame; opacity is 0..1."""
        x, y = round(left), round(top)
        for index, plane in enumerate(planes.all()):
            step = 2 if index else 1
            ready = self._premultiply[index]
            if opacity < 1:
                ready = _premultiply(self._colour[index], self._alpha[index], opacity)
            _blend(plane, *ready, x // step, y // step)


def _premultiply(colour: Real, alpha: Real, opacity: float) -> tuple[Wide, Wide]:
    """Return what is added, and the weight of what is below, in 16 bits.

    Half a step is added: a faint sprite would else leave a dark ghost.
    """
    weight = np.round(alpha * opacity)
    share = weight / np.maximum(alpha, np.float32(1e-3))
    return np.asarray(colour * share + 128, np.uint16), np.asarray(256 - weight, np.uint16)


def _blend(plane: Plane, add: Wide, keep: Wide, x: int, y: int) -> None:
    height, width = plane.shape
    top, bottom = max(0, y), min(height, y + add.shape[0])
    left, right = max(0, x), min(width, x + add.shape[1])
    if top >= bottom or left >= right:
        return
    part = (slice(top - y, bottom - y), slice(left - x, right - x))
    target = plane[top:bottom, left:right]
    mixed = target * keep[part]
    mixed += add[part]
    mixed >>= 8
    target[:] = mixed


def _channel(rgba: Real, index: int) -> Real:
    red, green, blue = (rgba[..., part] / 255 for part in range(3))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    if index == 0:
        return np.asarray(16 + 219 * luma, dtype=np.float32)
    other, span = (blue, 1.8556) if index == 1 else (red, 1.5748)
    return np.asarray(128 + 224 * (other - luma) / span, dtype=np.float32)


def _halve(values: Real) -> Real:
    height, width = values.shape
    grouped = values.reshape(height // 2, 2, width // 2, 2)
    return np.asarray(grouped.mean(axis=(1, 3)), dtype=np.float32)


def _even(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width % 2 == 0 and height % 2 == 0:
        return image
    padded = Image.new("RGBA", (width + width % 2, height + height % 2))
    padded.paste(image, (0, 0))
    return padded
