"""Whom a prompt calls."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from hinode.core.characters.mentions import MAX_MENTIONS, CharacterMention, mentions

SOMEBODY = UUID(int=7)


@pytest.mark.parametrize(
    ("prompt", "called"),
    [
        ("@robin runs", [("robin",)]),
        ("@Robin, @ROBIN and @robin!", [("robin",)]),
        ("@owner.robin runs", [("owner.robin", "owner")]),
        ("here comes @owner.robin.", [("owner.robin", "owner")]),
        ("@robin_7... falls", [("robin_7",)]),
        ("@robin.Then rain", [("robin.then", "robin")]),
        ("(@robin)在跑步,@wren也", [("robin",), ("wren",)]),
        ("me@robin or robin@@wren", []),
        ("@ab @ @. @_ab", [(), ()]),
        (f"@{'a' * 31}", [()]),
        (f"@{'a' * 31}.then", [()]),
        ("@abc.de", [("abc.de", "abc")]),
    ],
)
def test_a_call_is_read_as_the_names_it_may_be(prompt: str, called: list[tuple[str, ...]]) -> None:
    names = [one.names for one in mentions(prompt)]

    # What cannot be a name calls nobody, however often.
    assert [one for one in names if one] == [one for one in called if one]


def test_a_token_of_a_web_page_calls_by_id() -> None:
    assert mentions(f"<@ch_{SOMEBODY.hex}> runs") == [CharacterMention(SOMEBODY)]
    assert mentions("<@ch_12> runs") == [CharacterMention(None, ("ch_12",))]


def test_prompts_full_of_calls_take_no_time() -> None:
    started = time.process_time()

    assert len(mentions(" ".join(f"@robin{number}" for number in range(4000)))) == MAX_MENTIONS
    assert len(mentions("@" + "a." * 16_000)[0].names) == 14
    assert mentions("@" * 32_000) == []

    assert time.process_time() - started < 1.0
