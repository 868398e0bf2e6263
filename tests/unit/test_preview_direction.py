"""What the preview engine understands of a prompt, in English and in Chinese."""

from __future__ import annotations

from collections import Counter

import pytest

from hinode.engines.preview.scene.description import describe_scene, find_terms
from hinode.engines.preview.scene.lexicon import LEXICON
from hinode.engines.preview.scene.terms import (
    CameraMove,
    Light,
    Place,
    SceneTerm,
    Subject,
    Tint,
    Weather,
)

ALL_IDEAS: list[SceneTerm] = [*Light, *Weather, *Place, *CameraMove, *Subject, *Tint]


@pytest.mark.parametrize(
    ("prompt", "terms"),
    [
        ("a red fox runs through snow", {Tint.RED, Subject.FOX, Weather.SNOW}),
        ("Sunset over the SEA, drone shot", {Light.SUNSET, Place.SEA, CameraMove.DRONE}),
        ("the camera pans left across a city", {CameraMove.PAN_LEFT, Place.CITY}),
        (
            "slow zoom out from mountains at dawn",
            {CameraMove.ZOOM_OUT, Place.MOUNTAINS, Light.DAWN},
        ),
        ("日落时分，无人机飞越大海", {Light.SUNSET, CameraMove.DRONE, Place.SEA}),
        ("一只小猫在森林里，下雪", {Subject.CAT, Place.FOREST, Weather.SNOW}),
        ("上海的夜晚", {Place.CITY, Light.NIGHT}),
        ("foxes and wolves", {Subject.FOX, Subject.WOLF}),
    ],
)
def test_words_are_understood(prompt: str, terms: set[SceneTerm]) -> None:
    assert terms <= set(find_terms(prompt))


@pytest.mark.parametrize(
    ("prompt", "term"),
    [
        ("a new season", Place.SEA),  # "sea" inside another word
        ("上海", Place.SEA),  # Shanghai is written with the character for sea
        ("a scarf", Subject.CAR),
        ("pan left", CameraMove.PAN_RIGHT),  # plain "pan" goes right
        ("cartoon", Subject.CAR),
    ],
)
def test_words_inside_other_words_do_not_count(prompt: str, term: SceneTerm) -> None:
    assert term not in find_terms(prompt)


def test_every_idea_has_english_and_chinese_words() -> None:
    known = {entry.term: entry for entry in LEXICON}
    for term in ALL_IDEAS:
        if term in {Weather.CLEAR, CameraMove.DRIFT}:  # what is taken when nothing is said
            continue
        assert known[term].english
        assert known[term].chinese


def test_no_word_stands_for_two_ideas() -> None:
    counts = Counter(word for entry in LEXICON for word in entry.words())
    assert [word for word, count in counts.items() if count > 1] == []


def test_the_first_word_of_a_kind_wins() -> None:
    assert describe_scene("sunset, later night", 1).light is Light.SUNSET


def test_the_same_request_gives_the_same_direction() -> None:
    assert describe_scene("a hill", 5) == describe_scene("a hill", 5)


def test_a_prompt_without_known_words_still_depends_on_the_seed() -> None:
    scenes = {(d.place, d.light) for d in (describe_scene("xyzzy", seed) for seed in range(20))}
    assert len(scenes) > 3


def test_a_very_long_prompt_is_read_quickly() -> None:
    assert describe_scene("fox " * 8000, 1).subject is Subject.FOX
