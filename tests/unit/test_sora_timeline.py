"""A storyboard's prompt: what clients write, what people make of it, and what is refused."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode import ErrorCode, HinodeError
from hinode.api.sora.create.timeline import parse_timeline
from hinode.core.jobs.requests import ShotParams

BARE = "Shot 1:\nduration: 5.0sec\nScene: Cat jumping\n\nShot 2:\nduration: 2.5sec\nScene: Dog"
WRAPPED = f"current timeline:\n{BARE}\n\ninstructions:\nIn the rain"
SHOTS = (ShotParams("Cat jumping", 5.0), ShotParams("Dog", 2.5))

WORDS = st.text("猫abcdé ,.", min_size=1).filter(str.strip)


def test_the_bare_form_is_its_scenes() -> None:
    timeline = parse_timeline(BARE)

    assert timeline.shots == SHOTS
    assert timeline.prompt == "Cat jumping\nDog"


def test_the_wrapped_form_has_words_about_the_whole_video() -> None:
    timeline = parse_timeline(WRAPPED)

    assert timeline.shots == SHOTS
    assert timeline.prompt == "In the rain"


@pytest.mark.parametrize(
    ("text", "shots", "prompt"),
    [
        (WRAPPED.replace("\n", "\r\n"), SHOTS, "In the rain"),
        (WRAPPED.replace("\n", "\r"), SHOTS, "In the rain"),
        (f"  {BARE.upper()}", (ShotParams("CAT JUMPING", 5.0), ShotParams("DOG", 2.5)), None),
        ("shot 7 :\n\n  duration : 3 s \n\n scene :  a cat ", (ShotParams("a cat", 3.0),), None),
        (
            "Shot 1：\nduration：5.0秒\nScene：一只猫\n在雨里",
            (ShotParams("一只猫\n在雨里", 5),),
            None,
        ),
        ("Shot 1:\nScene: a cat\nduration: 4", (ShotParams("a cat", 4.0),), None),
        ("Shot 1:\nduration: 4.0sec\na cat\nasleep", (ShotParams("a cat\nasleep", 4.0),), None),
        ("At dusk\nShot 1:\nduration: 4sec\nScene: a cat", (ShotParams("a cat", 4.0),), "At dusk"),
        ("Shot 1:\nduration: 4sec\nScene: a shot 2: no", (ShotParams("a shot 2: no", 4),), None),
    ],
    ids=["crlf", "cr", "capitals", "spaces", "chinese", "swapped", "no-label", "lead", "in-words"],
)
def test_people_write_it_in_many_ways(
    text: str, shots: tuple[ShotParams, ...], prompt: str | None
) -> None:
    timeline = parse_timeline(text)

    assert timeline.shots == shots
    assert timeline.prompt == (prompt or "\n".join(shot.prompt for shot in shots))


@given(st.lists(st.tuples(WORDS, st.integers(1, 60)), min_size=1, max_size=8), WORDS)
def test_what_was_written_is_read(scenes: list[tuple[str, int]], words: str) -> None:
    blocks = [
        f"Shot {number}:\nduration: {seconds:.1f}sec\nScene: {scene}"
        for number, (scene, seconds) in enumerate(scenes, start=1)
    ]
    text = "current timeline:\n" + "\n\n".join(blocks) + f"\n\ninstructions:\n{words}"

    timeline = parse_timeline(text)

    assert timeline.prompt == words.strip()
    assert [(shot.prompt, shot.seconds) for shot in timeline.shots] == [
        (scene.strip(), float(seconds)) for scene, seconds in scenes
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a cat", "has no shot"),
        ("instructions:\na cat", "has no shot"),
        ("Shot 1:\nScene: a cat", "Shot 1 has no line such as 'duration: 5.0sec'"),
        ("Shot 1:\nduration: five\nScene: a cat", "no line such as 'duration"),
        (f"{BARE}\n\nShot 3:\nduration: 2sec\nScene: ", "Shot 3 has no words"),
    ],
    ids=["words", "only-instructions", "no-duration", "bad-duration", "no-scene"],
)
def test_what_is_no_storyboard_is_refused_with_its_form(text: str, rule: str) -> None:
    with pytest.raises(HinodeError) as refused:
        parse_timeline(text)

    assert rule in str(refused.value)
    assert "Scene: what is to be seen" in refused.value.hint
    assert (refused.value.code, refused.value.param) == (ErrorCode.INVALID_VALUE, "prompt")


@pytest.mark.parametrize("flood", ["\n", " ", "Shot 1:\n", "\nscene", "duration: 5 ", "Shot 1"])
def test_floods_are_read_in_no_time(flood: str) -> None:
    text = (f"Shot 1:\nduration: 5{flood * 32_000}")[:32_000]
    started = time.process_time()
    with contextlib.suppress(HinodeError):
        parse_timeline(text)
    assert time.process_time() - started < 1.0
