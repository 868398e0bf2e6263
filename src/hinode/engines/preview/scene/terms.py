"""The terms that the preview engine understands in a prompt."""

from __future__ import annotations

from enum import StrEnum


class Light(StrEnum):
    """Time of day, or another light that rules the palette."""

    DAWN = "dawn"
    DAY = "day"
    SUNSET = "sunset"
    DUSK = "dusk"
    NIGHT = "night"
    NEON = "neon"
    OVERCAST = "overcast"
    AUTUMN = "autumn"


class Weather(StrEnum):
    """Particles that fall or float through the picture."""

    CLEAR = "clear"
    SNOW = "snow"
    RAIN = "rain"
    FOG = "fog"
    STORM = "storm"
    FIREFLIES = "fireflies"
    PETALS = "petals"
    LEAVES = "leaves"
    DUST = "dust"


class Place(StrEnum):
    """The place of a scene."""

    MOUNTAINS = "mountains"
    HILLS = "hills"
    SEA = "sea"
    LAKE = "lake"
    CITY = "city"
    FOREST = "forest"
    DESERT = "desert"
    SPACE = "space"


class CameraMove(StrEnum):
    """A move of the camera."""

    DRIFT = "drift"
    STATIC = "static"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    ORBIT = "orbit"
    DRONE = "drone"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"


class Subject(StrEnum):
    """The subject of the picture."""

    FOX = "fox"
    CAT = "cat"
    DOG = "dog"
    WOLF = "wolf"
    HORSE = "horse"
    DEER = "deer"
    BEAR = "bear"
    PANDA = "panda"
    RABBIT = "rabbit"
    PERSON = "person"
    BIRD = "bird"
    BOAT = "boat"
    CAR = "car"
    BALLOON = "balloon"
    ROCKET = "rocket"


class Tint(StrEnum):
    """A colour word: it tints the subject."""

    RED = "red"
    ORANGE = "orange"
    GOLD = "gold"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    WHITE = "white"
    GREY = "grey"
    BLACK = "black"
    BROWN = "brown"


SceneTerm = Light | Weather | Place | CameraMove | Subject | Tint
