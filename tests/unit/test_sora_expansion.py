"""Expanding prompts without a model."""

from __future__ import annotations

from typing import get_args

import pytest

from hinode.api.sora.create.prompt_enhancement import ExpansionLevel, expand


@pytest.mark.parametrize("prompt", ["a cat in the rain", "一只猫在雨中", "a cat!", "猫。"])
def test_every_level_says_more_and_keeps_the_words(prompt: str) -> None:
    short, medium, long = (expand(prompt, level, 10) for level in get_args(ExpansionLevel))

    assert all(text.startswith(prompt) for text in (short, medium, long))
    assert len(prompt) < len(short) < len(medium) < len(long)
    assert expand(prompt, "long", 10) == long


def test_it_speaks_the_language_of_the_prompt() -> None:
    assert expand("一只猫", "long", 10).isascii() is False
    assert "camera" not in expand("一只 cat", "long", 10)
    assert expand("a cat", "long", 10).isascii()


@pytest.mark.parametrize("seconds", [5, 10, 15, 20, 25])
def test_the_course_of_time_fits_the_video(seconds: int) -> None:
    text = expand("a cat", "medium", seconds)

    assert f"up to {seconds}," in text
    assert "The first 0 " not in text
