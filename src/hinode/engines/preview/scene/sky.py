"""The sky: a colour gradient, glow and moving clouds, made at a quarter size and enlarged.

Clouds are soft, so a quarter of the width and height loses nothing that can be seen and costs
a sixteenth. Stars and the sun's disc are drawn afterwards at full size, where edges count.
"""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from PIL import Image, ImageDraw, ImageFilter

from hinode.engines.preview.drawing.noise import Field, noise_tile
from hinode.engines.preview.drawing.planes import Plane, Planes, Sprite, planes_of, yuv
from hinode.engines.preview.scene.camera import CameraView
from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.palette import RGB, Palette, mix
from hinode.engines.preview.scene.planet import planet
from hinode.engines.preview.scene.terms import Place, Weather

SCALE = 4
TILE = 512
# Static noise of less than one step hides the steps of an 8-bit gradient.
DITHER = 1.4


@dataclass(frozen=True, slots=True)
class SkySize:
    """Sizes in pixels: the frame, and the horizon's row."""

    width: int
    height: int
    horizon: int
    unit: float


class Sky:
    """Draws the sky of one scene into new frames."""

    def __init__(self, description: SceneDescription, palette: Palette, size: SkySize) -> None:
        rng = description.rng("sky")
        self._size = size
        self._palette = palette
        self._storm = description.weather is Weather.STORM
        self._still = description.place is Place.SPACE
        self._width = 2 * -(-size.width // (2 * SCALE))
        self._height = 2 * -(-size.height // (2 * SCALE))
        self._tiles = (
            noise_tile(rng, TILE, TILE, slope=1.75, stretch=1.0 if self._still else 2.2),
            noise_tile(rng, TILE, TILE, slope=1.45, stretch=1.0 if self._still else 1.8),
        )
        self._sun_at = _sun_place(rng, palette, size)
        self._field = _Field(palette, size, self._width, self._height, self._sun_at)
        self._dither = rng.random((self._height, self._width), dtype=np.float32) * DITHER
        self._disc: Sprite | None = None
        if self._still:
            self._disc = planet(rng, palette, size.unit)
        elif palette.sun:
            self._disc = _disc(palette, size)
        # One for all frames: its tables are made only once.
        self._enlarge = VideoReformatter()
        self._kept: tuple[float, Planes] | None = None
        self._stars = Stars(description, palette, size)

    @property
    def sun_x(self) -> float:
        """Column of the sun or moon, in pixels; the middle of the glow where none is seen."""
        return self._sun_at[0]

    def draw(self, planes: Planes, seconds: float, view: CameraView) -> None:
        """Fill a frame with the sky of a moment; the last moment drawn is kept and used again."""
        if self._kept is None or self._kept[0] != seconds:
            self._kept = (seconds, planes_of(self._frame(seconds, view)))
        for plane, source in zip(planes.all(), self._kept[1].all(), strict=True):
            plane[:] = source

    def _frame(self, seconds: float, view: CameraView) -> av.VideoFrame:
        small = av.VideoFrame(self._width, self._height, "yuv420p")
        self._paint(planes_of(small), seconds, view)
        frame = self._enlarge.reformat(
            small, self._size.width, self._size.height, interpolation=Interpolation.BICUBIC
        )
        planes = planes_of(frame)
        self._stars.draw(planes, seconds)
        if self._disc is not None:
            x, y = self._sun_at
            x += (view.parallax - view.x * 0.02) * 0.3
            half = self._disc.width / 2
            self._disc.draw(planes, x - half, y + view.y * 0.1 - half)
        return frame

    def _paint(self, planes: Planes, seconds: float, view: CameraView) -> None:
        cloud = self._clouds(seconds, view)
        flash = self._flash(seconds)
        y, u, v = self._field.colours(cloud, flash)
        _store(planes.y, y + self._dither)
        _store(planes.u, u + self._dither[::2, ::2])
        _store(planes.v, v + self._dither[1::2, ::2])

    def _clouds(self, seconds: float, view: CameraView) -> Field:
        speed = (0.15 if self._still else 1.0) * self._size.unit / SCALE
        slide = (view.x * 0.05 - view.parallax) / SCALE
        first = _window(self._tiles[0], 9 * speed * seconds + slide, self._height, self._width)
        second = _window(self._tiles[1], 17 * speed * seconds + slide, self._height, self._width)
        return np.asarray(first * np.float32(0.72) + second * np.float32(0.5), dtype=np.float32)

    def _flash(self, seconds: float) -> float:
        """Return the strength of lightning: soft and rare, safe for people sensitive to flicker."""
        if not self._storm:
            return 0.0
        since = (seconds + 3.4) % 6.0
        return float(38 * np.exp(-since * 3.2) * (1 - np.exp(-since * 9)) * 1.6)


class _Field:
    """The colours of the small sky: constant parts made once, clouds mixed in per frame."""

    def __init__(
        self, palette: Palette, size: SkySize, width: int, height: int, sun: tuple[float, float]
    ) -> None:
        rows = (np.arange(height, dtype=np.float32) + 0.5) * size.height / height
        columns = (np.arange(width, dtype=np.float32) + 0.5) * size.width / width
        share = np.clip(rows / size.horizon, 0, 1)
        glow = _glow(rows, columns, sun, size) if palette.sun else None
        self._cloud_bias = np.float32(1.05 - 2.1 * palette.cloud)
        # Clouds thin out towards the horizon and never cover the glow fully.
        self._cover = (np.float32(0.85) * (1 - 0.55 * share**2))[:, None]
        shade = mix(palette.cloud_light, palette.middle, 0.15)
        self._base: list[Field] = []
        self._lift: list[Field] = []
        for channel in range(3):
            base = _gradient(palette, share, channel)[:, None].repeat(width, 1)
            if glow is not None:
                base += (np.float32(yuv(palette.glow)[channel]) - base) * glow
            lift = np.float32(yuv(shade)[channel]) - base
            step = 2 if channel else 1
            self._base.append(base[::step, ::step].astype(np.float32, order="C"))
            self._lift.append(lift[::step, ::step].astype(np.float32, order="C"))

    def colours(self, cloud: Field, flash: float) -> tuple[Field, Field, Field]:
        """Return Y at the small size, and Cb and Cr at half of it."""
        cover = np.clip((cloud - self._cloud_bias) * np.float32(0.42), 0, 1)
        cover *= cover * (3 - 2 * cover)
        cover *= self._cover
        half = cover[::2, ::2]
        y = self._lift[0] * cover
        y += self._base[0]
        if flash:
            y += np.float32(flash) * (np.float32(0.4) + cover)
        u = self._lift[1] * half
        u += self._base[1]
        v = self._lift[2] * half
        v += self._base[2]
        return y, u, v


class Stars:
    """Points of light that twinkle slowly."""

    def __init__(self, description: SceneDescription, palette: Palette, size: SkySize) -> None:
        rng = description.rng("stars")
        floor = size.height if description.place is Place.SPACE else int(size.horizon * 0.9)
        area = size.width * floor / (1280 * 450 * size.unit)
        count = int(230 * palette.stars * min(4.0, area))
        self._x = rng.integers(1, max(2, size.width - 2), count)
        self._y = (rng.random(count) ** 1.3 * max(1, floor - 3)).astype(np.int64) + 1
        self._y = np.minimum(self._y, size.height - 2)
        self._light = rng.uniform(0.25, 1.0, count) ** 2 * 165 + 26
        self._phase = rng.uniform(0, 2 * np.pi, count)
        self._speed = rng.uniform(0.6, 2.2, count)
        self._large = rng.random(count) < 0.12 * min(2.0, size.unit)

    def draw(self, planes: Planes, seconds: float) -> None:
        """Add the stars to the luma plane."""
        if not len(self._x):
            return
        twinkle = 0.72 + 0.28 * np.sin(self._phase + self._speed * seconds)
        light = (self._light * twinkle).astype(np.int16)
        for dx, dy, part in ((0, 0, 1.0), (1, 0, 0.45), (0, 1, 0.45), (-1, 0, 0.45), (0, -1, 0.45)):
            chosen = slice(None) if part == 1.0 else self._large
            rows, columns = self._y[chosen] + dy, self._x[chosen] + dx
            lit = planes.y[rows, columns] + (light[chosen] * part).astype(np.int16)
            planes.y[rows, columns] = np.minimum(lit, 235)


def _sun_place(rng: np.random.Generator, palette: Palette, size: SkySize) -> tuple[float, float]:
    side = 1 if rng.random() < 0.5 else -1
    x = size.width * (0.5 + side * float(rng.uniform(0.08, 0.26)))
    return x, size.horizon * (1 - palette.sun_height)


def _glow(rows: Field, columns: Field, sun: tuple[float, float], size: SkySize) -> Field:
    reach = max(size.width, size.height) * 0.34
    dx, dy = (columns - sun[0]) / (reach * 1.35), (rows - sun[1]) / reach
    distance = np.sqrt(dx[None, :] ** 2 + dy[:, None] ** 2)
    return np.asarray(0.62 * np.exp(-2.1 * distance), dtype=np.float32)


def _gradient(palette: Palette, share: Field, channel: int) -> Field:
    stops = (palette.zenith, palette.middle, palette.horizon)
    values = [yuv(stop)[channel] for stop in stops]
    return np.interp(share, (0.0, 0.58, 1.0), values).astype(np.float32)


def _window(tile: Field, offset: float, height: int, width: int) -> Field:
    """Return a height x width window of a repeating tile, from a column that may be between two."""
    whole = int(np.floor(offset))
    part = np.float32(offset - whole)
    columns = (np.arange(width + 1) + whole) % TILE
    # A frame that is not huge needs no row twice.
    rows = tile[:height] if height <= TILE else tile.take(np.arange(height) % TILE, axis=0)
    window = rows.take(columns, axis=1)
    between = window[:, 1:] - window[:, :-1]
    between *= part
    between += window[:, :-1]
    return between


def _store(plane: Plane, values: Field) -> None:
    plane[:] = np.clip(values, 16, 240)


def _disc(palette: Palette, size: SkySize) -> Sprite:
    """Return the sun, or a moon that is not quite full, with a soft halo."""
    radius = (30 if palette.moon else 44) * size.unit
    side = max(8, 2 * round(radius * 3))
    centre = side * 2
    mask = Image.new("L", (side * 4, side * 4))
    ImageDraw.Draw(mask).circle((centre, centre), radius * 4, fill=255)
    if palette.moon:
        shift = radius * 1.5
        ImageDraw.Draw(mask).circle((centre + shift, centre - shift * 0.5), radius * 3.7, fill=10)
    sharp = mask.resize((side, side), Image.Resampling.BOX)
    halo = sharp.filter(ImageFilter.GaussianBlur(radius * 0.75)).point(lambda part: part * 0.42)
    colour: RGB = palette.sun or palette.glow
    image = Image.new("RGBA", (side, side), (*colour, 255))
    both = np.maximum(np.asarray(sharp), np.asarray(halo))
    image.putalpha(Image.fromarray(both))
    return Sprite(image)
