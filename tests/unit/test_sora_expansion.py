"""Expanding prompts without a model."""

from __future__ import annotations

import pytest

from hinode.api.sora.create.prompt_template import SECONDS, ExpansionLevel, PromptExpansion, expand


@pytest.mark.parametrize("prompt", ["a cat in the rain", "一只猫在雨中", "a cat!", "猫。"])
def test_every_level_says_more_and_keeps_the_words(prompt: str) -> None:
    short, medium, long = (expand(PromptExpansion(prompt, level, 10)) for level in ExpansionLevel)

    assert all(text.startswith(prompt) for text in (short, medium, long))
    assert len(prompt) < len(short) < len(medium) < len(long)
    assert expand(PromptExpansion(prompt, ExpansionLevel.LONG, 10)) == long


def test_it_speaks_the_language_of_the_prompt() -> None:
    assert expand(PromptExpansion("一只猫", ExpansionLevel.LONG, 10)).isascii() is False
    assert "camera" not in expand(PromptExpansion("一只 cat", ExpansionLevel.LONG, 10))
    assert expand(PromptExpansion("a cat", ExpansionLevel.LONG, 10)).isascii()


@pytest.mark.parametrize("seconds", SECONDS)
def test_the_course_of_time_fits_the_video(seconds: int) -> None:
    text = expand(PromptExpansion("a cat", ExpansionLevel.MEDIUM, seconds))

    assert f"up to {seconds}," in text
    assert "The first 0 " not in text
