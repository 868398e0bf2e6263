"""Read a prompt into a :class:`Direction`: what the scene shows and how the camera moves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hinode.engines.preview.lexicon import ADDING, LEXICON, REPLACING
from hinode.engines.preview.words import Idea, Light, Move, Place, Subject, Tint, Weather

_IdeaT = TypeVar("_IdeaT", Light, Weather, Place, Move, Subject, Tint)

# Prompts may be very long; what matters for the picture is said early.
READ_CHARACTERS = 2_000

_QUIET_PLACES = (Place.MOUNTAINS, Place.HILLS, Place.LAKE, Place.SEA)
_GLOOMY = frozenset({Weather.RAIN, Weather.STORM, Weather.FOG})
# Words that ask for one more, where no word asks for another instead.
_ADDS = re.compile(rf"^(?!.*(?:{REPLACING})).*(?:{ADDING})", re.DOTALL)
_QUIET_LIGHTS = (Light.DAWN, Light.SUNSET, Light.DAY, Light.DUSK)


@dataclass(frozen=True, slots=True)
class Companion:
    """A second subject, behind the first."""

    subject: Subject
    tint: Tint | None


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
    companion: Companion | None = None

    def rng(self, part: str) -> np.random.Generator:
        """A generator of random numbers of its own for one part of the scene."""
        return np.random.default_rng([self.entropy, _digest(part)])


def direct(prompt: str, seed: int, lineage: Sequence[str] = ()) -> Direction:
    """Choose the scene for a prompt; what the prompt leaves open is chosen by the seed.

    With the prompts of its ancestors in ``lineage``, oldest first, it is the scene of the oldest
    one, changed by each later prompt: what they do not speak of stays as it was.
    """
    if not lineage:
        return _begin(prompt, seed)
    direction = _begin(lineage[0], seed)
    for later in (*lineage[1:], prompt):
        direction = change(direction, later)
    return direction


def change(direction: Direction, prompt: str) -> Direction:
    """The same scene with what a further prompt asks for."""
    ideas = find_ideas(prompt)
    light, weather = _light(ideas), _first(ideas, Weather)
    if weather is None and light is Light.DAY and direction.weather in _GLOOMY:
        weather = Weather.CLEAR
    if light is None and weather in _GLOOMY and direction.light is Light.DAY:
        light = Light.OVERCAST
    changed = replace(
        direction,
        light=light or direction.light,
        weather=weather or direction.weather,
        place=_first(ideas, Place) or direction.place,
        move=_first(ideas, Move) or direction.move,
    )
    return _recast(changed, ideas, prompt)


def _recast(direction: Direction, ideas: list[Idea], prompt: str) -> Direction:
    """Who is in the picture after a further prompt: added, replaced, or coloured anew."""
    named = [idea for idea in ideas if isinstance(idea, Subject)]
    tint = _first(ideas, Tint)
    fresh = next((subject for subject in named if subject is not direction.subject), None)
    if direction.subject is not None and named and _ADDS.search(prompt.lower()):
        return replace(direction, companion=Companion(fresh or named[0], tint))
    if fresh is not None:
        # Another one comes in its own colour.
        return replace(direction, subject=fresh, tint=tint)
    return replace(direction, tint=tint or direction.tint)


def _begin(prompt: str, seed: int) -> Direction:
    ideas = find_ideas(prompt)
    entropy = _digest(f"{seed}\n{prompt}")
    rng = np.random.default_rng(entropy)
    light, weather = _light(ideas), _first(ideas, Weather)
    place, subject = _first(ideas, Place), _first(ideas, Subject)
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


def named_move(prompt: str) -> Move | None:
    """The camera move that a prompt names, if any."""
    return _first(find_ideas(prompt), Move)


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


def _light(ideas: list[Idea]) -> Light | None:
    return Light.NEON if Light.NEON in ideas else _first(ideas, Light)


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
