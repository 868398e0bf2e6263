"""A planet for scenes in space: a ball lit from one side, with soft belts and a ring."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image

from hinode.engines.preview.drawing.planes import Sprite
from hinode.engines.preview.scene.palette import RGB, Palette, mix

RADIUS = 80
# The ring reaches this many radii out, and is seen this flat.
RING = (1.35, 2.1)
TILT = 0.24
LEAN = 0.28


def planet(rng: np.random.Generator, palette: Palette, unit: float) -> Sprite:
    """Return a planet with a colour and belts chosen by ``rng``."""
    radius = max(4.0, RADIUS * unit)
    side = 2 * int(radius * RING[1] * 1.02)
    axis = (np.arange(side) + 0.5 - side / 2) / radius
    x, y = axis[None, :], axis[:, None]
    body = _body(rng)
    belts = np.sin(y * float(rng.uniform(9, 14)) + np.sin(x * 2 + y * 5) * 0.35)
    distance = np.hypot(x, y)
    depth = np.sqrt(np.clip(1 - distance**2, 0, 1))
    light = np.clip(-0.62 * x - 0.5 * y + 0.6 * depth, 0.03, 1) ** 0.8
    one, other = np.array(body), np.array(mix(body, palette.cloud_light, 0.4))
    ball = (one + (other - one) * (0.5 + 0.5 * belts)[..., None]) * light[..., None]
    cover = np.clip((1 - distance) * radius + 0.5, 0, 1)
    around = np.hypot(x, (y - LEAN * x) / TILT)
    ring = np.clip((around - RING[0]) * 9, 0, 1) * np.clip((RING[1] - around) * 5, 0, 1)
    ring *= 0.42 + 0.2 * np.sin(around * 26)
    # The half of the ring that is nearer passes in front of the ball.
    front = np.where(y - LEAN * x > 0, ring, ring * (1 - cover))
    pale = np.array(mix(body, (255, 246, 230), 0.6)) * 0.85
    mixed = ball + (pale - ball) * np.where(cover > 0, front, 1.0)[..., None]
    rgba = np.dstack((mixed, np.maximum(cover, front) * 255))
    return Sprite(Image.fromarray(rgba.clip(0, 255).astype(np.uint8)))


def _body(rng: np.random.Generator) -> RGB:
    red, green, blue = colorsys.hls_to_rgb(float(rng.random()), 0.6, 0.45)
    return round(red * 255), round(green * 255), round(blue * 255)
