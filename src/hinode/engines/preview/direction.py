"""Read a prompt into a :class:`Direction`: what the scene shows and how the camera moves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from hinode.engines.preview.lexicon import LEXICON
from hinode.engines.preview.words import Idea, Light, Move, Place, Subject, Tint, Weather

_IdeaT = TypeVar("_IdeaT", Light, Weather, Place, Move, Subject, Tint)

# Prompts may be very long; what matters for the picture is said early.
READ_CHARACTERS = 2_000

_QUIET_PLACES = (Place.MOUNTAINS, Place.HILLS, Place.LAKE, Place.SEA)
_QUIET_LIGHTS = (Light.DAWN, Light.SUNSET, Light.DAY, Light.DUSK)


@dataclass(frozen=True, slots=True)
class Direction:
    """What to draw. Everything in it follows from the prompt and the seed."""

    light: Light
    weather: Weather
    place: Place
    move: Move
    subject: Subject | None
    tint: Tint | None
    entropy: int

    def rng(self, part: str) -> np.random.Generator:
        """A generator of random numbers of its own for one part of the scene."""
        return np.random.default_rng([self.entropy, _digest(part)])


def direct(prompt: str, seed: int) -> Direction:
    """Choose the scene for a prompt; what the prompt leaves open is chosen by the seed."""
    ideas = find_ideas(prompt)
    entropy = _digest(f"{seed}\n{prompt}")
    rng = np.random.default_rng(entropy)
    light, weather = _first(ideas, Light), _first(ideas, Weather)
    place, subject = _first(ideas, Place), _first(ideas, Subject)
    if Light.NEON in ideas:
        light = Light.NEON
    free_place = _QUIET_PLACES[int(rng.integers(len(_QUIET_PLACES)))]
    free_light = _QUIET_LIGHTS[int(rng.integers(len(_QUIET_LIGHTS)))]
    return Direction(
        light=light or _light_for(weather, place) or free_light,
        weather=weather or Weather.CLEAR,
        place=place or _place_for(subject, light) or free_place,
        move=_first(ideas, Move) or Move.DRIFT,
        subject=subject,
        tint=_first(ideas, Tint),
        entropy=entropy,
    )


def find_ideas(prompt: str) -> list[Idea]:
    """All ideas that the prompt names, in the order of the text."""
    text = prompt[:READ_CHARACTERS].lower()
    found: list[tuple[int, Idea]] = []
    for word, idea in _BY_LENGTH:
        for match in word.finditer(text):
            found.append((match.start(), idea))
        # What a long word has taken is not read again: 上海 is not the sea.
        text = word.sub(lambda match: "\0" * len(match.group()), text)
    return [idea for _, idea in sorted(found, key=lambda pair: pair[0])]


def _pattern(word: str) -> re.Pattern[str]:
    if word.isascii():
        return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?:e?s)?(?![a-z0-9])")
    return re.compile(re.escape(word))


def _by_length() -> tuple[tuple[re.Pattern[str], Idea], ...]:
    pairs = [(word, entry.idea) for entry in LEXICON for word in entry.words()]
    pairs.sort(key=lambda pair: -len(pair[0]))
    return tuple((_pattern(word), idea) for word, idea in pairs)


_BY_LENGTH = _by_length()


def _first(ideas: Iterable[Idea], kind: type[_IdeaT]) -> _IdeaT | None:
    return next((idea for idea in ideas if isinstance(idea, kind)), None)


def _light_for(weather: Weather | None, place: Place | None) -> Light | None:
    if place is Place.SPACE or weather is Weather.FIREFLIES:
        return Light.NIGHT
    if weather in {Weather.RAIN, Weather.STORM, Weather.FOG}:
        return Light.OVERCAST
    if weather is Weather.LEAVES:
        return Light.AUTUMN
    if weather is Weather.SNOW:
        return Light.DAWN
    return None


def _place_for(subject: Subject | None, light: Light | None) -> Place | None:
    if light is Light.NEON:
        return Place.CITY
    places = {
        Subject.BOAT: Place.SEA,
        Subject.CAR: Place.DESERT,
        Subject.ROCKET: Place.SPACE,
        Subject.FOX: Place.FOREST,
        Subject.WOLF: Place.FOREST,
        Subject.BEAR: Place.FOREST,
        Subject.DEER: Place.FOREST,
        Subject.BALLOON: Place.MOUNTAINS,
    }
    return places.get(subject, Place.HILLS) if subject else None


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
