"""Expanding prompts without a model."""

from __future__ import annotations

import pytest

from hinode.api.sora.creation.expansion import SECONDS, Expansion, Level, expand


@pytest.mark.parametrize("prompt", ["a cat in the rain", "一只猫在雨中", "a cat!", "猫。"])
def test_every_level_says_more_and_keeps_the_words(prompt: str) -> None:
    short, medium, long = (expand(Expansion(prompt, level, 10)) for level in Level)

    assert all(text.startswith(prompt) for text in (short, medium, long))
    assert len(prompt) < len(short) < len(medium) < len(long)
    assert expand(Expansion(prompt, Level.LONG, 10)) == long


def test_it_speaks_the_language_of_the_prompt() -> None:
    assert expand(Expansion("一只猫", Level.LONG, 10)).isascii() is False
    assert "camera" not in expand(Expansion("一只 cat", Level.LONG, 10))
    assert expand(Expansion("a cat", Level.LONG, 10)).isascii()


@pytest.mark.parametrize("seconds", SECONDS)
def test_the_course_of_time_fits_the_video(seconds: int) -> None:
    text = expand(Expansion("a cat", Level.MEDIUM, seconds))

    assert f"up to {seconds}," in text
    assert "The first 0 " not in text
