"""The colours of each light, as one table, and how the seed and the weather vary them."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace

from hinode.engines.preview.scene.description import SceneDescription
from hinode.engines.preview.scene.terms import Light, Place, Tint, Weather

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours in sRGB 0..255.

    ``sun`` is None where no disc is seen, ``snow`` colours the ground where snow lies.
    ``cloud`` is 0..1, ``stars`` how many there are (1 is a clear night), ``sun_height`` its
    place between horizon (0) and top (1).
    """

    zenith: RGB
    middle: RGB
    horizon: RGB
    glow: RGB
    sun: RGB | None
    cloud_light: RGB
    cloud: float
    far: RGB
    near: RGB
    water: RGB
    stars: float = 0.0
    sun_height: float = 0.3
    moon: bool = False
    window: RGB = (255, 214, 140)
    snow: RGB | None = None


PALETTES: dict[Light, Palette] = {
    Light.DAWN: Palette(
        (92, 126, 178),
        (178, 176, 200),
        (252, 212, 180),
        (255, 196, 150),
        (255, 246, 222),
        (255, 226, 206),
        0.55,
        (176, 168, 190),
        (44, 54, 80),
        (110, 124, 156),
        sun_height=0.16,
    ),
    Light.DAY: Palette(
        (44, 116, 198),
        (104, 172, 230),
        (206, 230, 242),
        (255, 250, 226),
        (255, 253, 240),
        (255, 255, 255),
        0.6,
        (150, 184, 206),
        (38, 84, 72),
        (48, 116, 160),
        sun_height=0.62,
    ),
    Light.SUNSET: Palette(
        (46, 50, 104),
        (190, 92, 112),
        (255, 176, 96),
        (255, 150, 72),
        (255, 236, 178),
        (255, 168, 120),
        0.6,
        (184, 104, 112),
        (38, 24, 50),
        (120, 66, 92),
        sun_height=0.13,
    ),
    Light.DUSK: Palette(
        (20, 30, 72),
        (72, 78, 138),
        (222, 142, 150),
        (240, 150, 140),
        None,
        (150, 120, 168),
        0.5,
        (104, 96, 146),
        (18, 20, 44),
        (50, 56, 104),
        stars=0.35,
    ),
    Light.NIGHT: Palette(
        (8, 14, 38),
        (20, 34, 74),
        (60, 86, 130),
        (110, 140, 190),
        (240, 242, 232),
        (70, 90, 132),
        0.35,
        (48, 66, 104),
        (8, 12, 26),
        (20, 34, 66),
        stars=1.0,
        sun_height=0.66,
        moon=True,
    ),
    Light.NEON: Palette(
        (16, 8, 44),
        (78, 20, 110),
        (255, 74, 150),
        (255, 60, 170),
        (255, 170, 110),
        (130, 50, 150),
        0.35,
        (110, 40, 130),
        (10, 8, 30),
        (60, 20, 96),
        stars=0.3,
        sun_height=0.2,
        window=(90, 240, 255),
    ),
    Light.OVERCAST: Palette(
        (92, 106, 122),
        (136, 148, 160),
        (190, 198, 202),
        (205, 210, 212),
        None,
        (214, 218, 222),
        0.85,
        (142, 152, 162),
        (38, 48, 56),
        (86, 102, 114),
    ),
    Light.AUTUMN: Palette(
        (96, 140, 178),
        (190, 194, 186),
        (250, 220, 168),
        (255, 214, 150),
        (255, 244, 214),
        (255, 238, 214),
        0.5,
        (196, 150, 116),
        (88, 40, 24),
        (120, 112, 104),
        sun_height=0.34,
    ),
}

TINTS: dict[Tint, RGB] = {
    Tint.RED: (206, 62, 44), Tint.ORANGE: (226, 122, 46), Tint.GOLD: (232, 184, 74),
    Tint.GREEN: (74, 150, 84), Tint.BLUE: (62, 118, 200), Tint.PURPLE: (132, 84, 180),
    Tint.PINK: (236, 140, 172), Tint.WHITE: (240, 240, 236), Tint.GREY: (140, 144, 150),
    Tint.BLACK: (36, 36, 42), Tint.BROWN: (122, 84, 56),
}  # fmt: skip


def palette_for(description: SceneDescription) -> Palette:
    """Return the palette of a scene: the light's own, bent by place, weather and seed."""
    palette = PALETTES[description.light]
    rng = description.rng("palette")
    turn = float(rng.uniform(-0.018, 0.018))
    palette = replace(
        palette,
        zenith=_turn(palette.zenith, turn),
        middle=_turn(palette.middle, turn),
        near=_turn(palette.near, float(rng.uniform(-0.04, 0.04))),
        cloud=min(0.95, max(0.1, palette.cloud + float(rng.uniform(-0.15, 0.15)))),
    )
    return _for_weather(_for_place(palette, description.place), description.weather)


def mix(one: RGB, other: RGB, part: float) -> RGB:
    """Return ``one`` at 0, ``other`` at 1."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _for_place(palette: Palette, place: Place) -> Palette:
    if place is Place.DESERT:
        return replace(
            palette,
            far=mix(palette.far, (222, 170, 120), 0.55),
            near=mix(palette.near, (150, 84, 44), 0.6),
            cloud=palette.cloud * 0.4,
        )
    if place is Place.SPACE:
        return replace(
            palette,
            zenith=(4, 5, 16), middle=(8, 10, 28), horizon=(16, 16, 44), sun=None, stars=1.8,
            cloud=0.75, cloud_light=mix(palette.glow, (150, 70, 190), 0.6),
        )  # fmt: skip
    if place is Place.FOREST:
        return replace(palette, near=mix(palette.near, (12, 34, 30), 0.5))
    return palette


def _for_weather(palette: Palette, weather: Weather) -> Palette:
    if weather is Weather.SNOW:
        # Snow takes the colour of the sky above it, so it stays dim at night.
        pale = mix(palette.middle, (232, 240, 252), 0.66 if palette.stars < 0.2 else 0.2)
        return replace(palette, near=mix(palette.near, pale, 0.3), snow=pale)
    if weather is Weather.STORM:
        dark = (40, 46, 60)
        return replace(
            palette,
            zenith=mix(palette.zenith, dark, 0.7), middle=mix(palette.middle, dark, 0.55),
            horizon=mix(palette.horizon, dark, 0.3), cloud=0.95, sun=None, stars=0.0,
            cloud_light=mix(palette.cloud_light, (110, 118, 134), 0.6),
        )  # fmt: skip
    if weather is Weather.FOG:
        thick = mix(palette.horizon, palette.cloud_light, 0.5)
        return replace(
            palette, cloud=0.9, sun=None, stars=palette.stars * 0.2, horizon=thick,
            far=mix(palette.far, thick, 0.7), near=mix(palette.near, thick, 0.22),
        )  # fmt: skip
    if weather is Weather.RAIN:
        return replace(palette, cloud=0.9, sun=None, stars=palette.stars * 0.2)
    return palette


def _turn(colour: RGB, turn: float) -> RGB:
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    red, green, blue = colorsys.hls_to_rgb((hue + turn) % 1.0, light, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
