"""Read a prompt into a :class:`SceneDescription`: what the scene shows and how the camera moves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from hinode.engines.preview.scene.lexicon import ADD_PATTERN, LEXICON, REPLACE_PATTERN
from hinode.engines.preview.scene.terms import (
    CameraMove,
    Light,
    Place,
    SceneTerm,
    Subject,
    Tint,
    Weather,
)

_TermT = TypeVar("_TermT", Light, Weather, Place, CameraMove, Subject, Tint)

# Prompts may be very long; what matters for the picture is said early.
MAX_PROMPT_CHARACTERS = 2_000

_DEFAULT_PLACES = (Place.MOUNTAINS, Place.HILLS, Place.LAKE, Place.SEA)
_GLOOMY = frozenset({Weather.RAIN, Weather.STORM, Weather.FOG})
# Words that add a subject, unless another word replaces it.
_ADDS_SUBJECT = re.compile(rf"^(?!.*(?:{REPLACE_PATTERN})).*(?:{ADD_PATTERN})", re.DOTALL)
_DEFAULT_LIGHTS = (Light.DAWN, Light.SUNSET, Light.DAY, Light.DUSK)


@dataclass(frozen=True, slots=True)
class Companion:
    """A second subject, behind the first."""

    subject: Subject
    tint: Tint | None


@dataclass(frozen=True, slots=True)
class SceneDescription:
    """The content of a scene. Everything in it follows from the prompt and the seed."""

    light: Light
    weather: Weather
    place: Place
    move: CameraMove
    subject: Subject | None
    tint: Tint | None
    entropy: int
    companion: Companion | None = None

    def rng(self, part: str) -> np.random.Generator:
        """Return a generator of random numbers of its own for one part of the scene."""
        return np.random.default_rng([self.entropy, _digest(part)])


def describe_scene(prompt: str, seed: int, prompt_history: Sequence[str] = ()) -> SceneDescription:
    """Choose the scene for a prompt; what the prompt leaves open is chosen by the seed.

    With the prompts of its ancestors in ``prompt_history``, oldest first, it is the scene of the
    oldest one, changed by each later prompt: what they do not speak of stays as it was.
    """
    if not prompt_history:
        return _first_description(prompt, seed)
    description = _first_description(prompt_history[0], seed)
    for later in (*prompt_history[1:], prompt):
        description = apply_prompt(description, later)
    return description


def apply_prompt(description: SceneDescription, prompt: str) -> SceneDescription:
    """Return the scene as changed by a further prompt."""
    terms = find_terms(prompt)
    light, weather = _find_light(terms), _first_of(terms, Weather)
    if weather is None and light is Light.DAY and description.weather in _GLOOMY:
        weather = Weather.CLEAR
    if light is None and weather in _GLOOMY and description.light is Light.DAY:
        light = Light.OVERCAST
    changed = replace(
        description,
        light=light or description.light,
        weather=weather or description.weather,
        place=_first_of(terms, Place) or description.place,
        move=_first_of(terms, CameraMove) or description.move,
    )
    return _apply_subject(changed, terms, prompt)


def _apply_subject(
    description: SceneDescription, terms: list[SceneTerm], prompt: str
) -> SceneDescription:
    """Return who is in the picture after a further prompt: added, replaced, or coloured anew."""
    named = [term for term in terms if isinstance(term, Subject)]
    tint = _first_of(terms, Tint)
    fresh = next((subject for subject in named if subject is not description.subject), None)
    if description.subject is not None and named and _ADDS_SUBJECT.search(prompt.lower()):
        return replace(description, companion=Companion(fresh or named[0], tint))
    if fresh is not None:
        # Another one comes in its own colour.
        return replace(description, subject=fresh, tint=tint)
    return replace(description, tint=tint or description.tint)


def _first_description(prompt: str, seed: int) -> SceneDescription:
    terms = find_terms(prompt)
    entropy = _digest(f"{seed}\n{prompt}")
    rng = np.random.default_rng(entropy)
    light, weather = _find_light(terms), _first_of(terms, Weather)
    place, subject = _first_of(terms, Place), _first_of(terms, Subject)
    random_place = _DEFAULT_PLACES[int(rng.integers(len(_DEFAULT_PLACES)))]
    random_light = _DEFAULT_LIGHTS[int(rng.integers(len(_DEFAULT_LIGHTS)))]
    return SceneDescription(
        light=light or _default_light(weather, place) or random_light,
        weather=weather or Weather.CLEAR,
        place=place or _default_place(subject, light) or random_place,
        move=_first_of(terms, CameraMove) or CameraMove.DRIFT,
        subject=subject,
        tint=_first_of(terms, Tint),
        entropy=entropy,
    )


def find_camera_move(prompt: str) -> CameraMove | None:
    """Return the camera move that a prompt names, if any."""
    return _first_of(find_terms(prompt), CameraMove)


def find_terms(prompt: str) -> list[SceneTerm]:
    """Return all terms that the prompt names, in the order of the text."""
    text = prompt[:MAX_PROMPT_CHARACTERS].lower()
    found: list[tuple[int, SceneTerm]] = []
    for word, term in _TERMS_BY_LENGTH:
        for match in word.finditer(text):
            found.append((match.start(), term))
        # A part of a longer word does not match again: 上海 is not the sea.
        text = word.sub(lambda match: "\0" * len(match.group()), text)
    return [term for _, term in sorted(found, key=lambda pair: pair[0])]


def _pattern(word: str) -> re.Pattern[str]:
    if word.isascii():
        return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?:e?s)?(?![a-z0-9])")
    return re.compile(re.escape(word))


def _terms_by_length() -> tuple[tuple[re.Pattern[str], SceneTerm], ...]:
    pairs = [(word, entry.term) for entry in LEXICON for word in entry.words()]
    pairs.sort(key=lambda pair: -len(pair[0]))
    return tuple((_pattern(word), term) for word, term in pairs)


_TERMS_BY_LENGTH = _terms_by_length()


def _first_of(terms: Iterable[SceneTerm], kind: type[_TermT]) -> _TermT | None:
    return next((term for term in terms if isinstance(term, kind)), None)


def _find_light(terms: list[SceneTerm]) -> Light | None:
    return Light.NEON if Light.NEON in terms else _first_of(terms, Light)


def _default_light(weather: Weather | None, place: Place | None) -> Light | None:
    if place is Place.SPACE or weather is Weather.FIREFLIES:
        return Light.NIGHT
    if weather in {Weather.RAIN, Weather.STORM, Weather.FOG}:
        return Light.OVERCAST
    if weather is Weather.LEAVES:
        return Light.AUTUMN
    if weather is Weather.SNOW:
        return Light.DAWN
    return None


def _default_place(subject: Subject | None, light: Light | None) -> Place | None:
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
