"""What a chat message says beside its words: style, shots, the video to remix."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from hinode.api.openai.chat.prompt import (
    Directions,
    read_image_prompt,
    read_video_prompt,
    whole_seconds,
)
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs.requests import ShotParams
from hinode.media.types import Style

HEX = "68e3a06dcd888191b150971da152c1f5"
JOB = UUID(hex=HEX)


@pytest.mark.parametrize(
    ("text", "prompt", "style"),
    [
        ("a cat", "a cat", None),
        ("{anime} a cat", "a cat", Style.ANIME),
        ("{anime}画小猫", "画小猫", Style.ANIME),
        ("a cat {Retro}", "a cat", Style.RETRO),
        ("a {comic} cat {comic}", "a   cat", Style.COMIC),
        ("{vintage} a cat {x", "{vintage} a cat {x", None),
        ('{"a": "json"} {} {{anime}}', '{"a": "json"} {} { }', Style.ANIME),
    ],
)
def test_a_known_style_is_taken_out_and_the_rest_stays(
    text: str, prompt: str, style: Style | None
) -> None:
    assert read_video_prompt(text) == Directions(prompt, style)
    assert read_image_prompt(text) == Directions(prompt, style)


@pytest.mark.parametrize("style", Style)
def test_all_ten_styles_are_known(style: Style) -> None:
    assert read_video_prompt(f"{{{style}}} a cat").style is style


def test_shots_with_words_before_them() -> None:
    read = read_video_prompt("A day of a cat.\n[5.0s]it wakes up\n[ 5s] no [2.5 S] it eats")

    assert read.prompt == "A day of a cat."
    assert read.shots == (ShotParams("it wakes up\n[ 5s] no", 5.0), ShotParams("it eats", 2.5))


def test_shots_alone_make_the_prompt() -> None:
    text = "[5.0s]猫猫从飞机上跳伞 [5.0s]猫猫降落 [10.0s]猫猫在田野奔跑"

    read = read_video_prompt(text)

    assert [shot.seconds for shot in read.shots] == [5.0, 5.0, 10.0]
    assert read.prompt == "猫猫从飞机上跳伞\n猫猫降落\n猫猫在田野奔跑"
    assert whole_seconds(read.shots) == 20


def test_shots_of_no_whole_length_ask_for_none() -> None:
    assert whole_seconds(read_video_prompt("[2.5s]a[1s]b").shots) is None
    assert whole_seconds(()) is None


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        (f"https://sora.chatgpt.com/p/s_{HEX} as an ink painting", "as an ink painting"),
        (f"https://sora.chatgpt.com/p/s_{HEX}变成水墨画风格", "变成水墨画风格"),
        (f"make it night: http://localhost:8000/p/s_{HEX}?h=1#x please", "make it night: please"),
        (f"s_{HEX} at night", "at night"),
        (f"at night, video_{HEX}", "at night,"),
        (f"video_{HEX}/ at night, video_{HEX}", "at night,"),
        (f"s_{HEX}", ""),
    ],
)
def test_a_share_link_or_an_id_means_a_remix(text: str, prompt: str) -> None:
    assert read_video_prompt(text) == Directions(prompt, remix=JOB)


@pytest.mark.parametrize(
    "text", [f"xs_{HEX}", f"s_{HEX}0", f"s_{HEX[:-1]}", f"s_{HEX.upper()}", "https://a.example/p/"]
)
def test_what_only_looks_like_an_id_is_text(text: str) -> None:
    assert read_video_prompt(text) == Directions(text)


def test_pictures_know_neither_shots_nor_remixes() -> None:
    text = f"[5.0s]a cat s_{HEX}"

    assert read_image_prompt(text) == Directions(text)


def test_everything_together() -> None:
    read = read_video_prompt(f"{{news}} s_{HEX} now [2s]a storm [3s]the sun")

    assert read == Directions(
        "now", Style.NEWS, (ShotParams("a storm", 2.0), ShotParams("the sun", 3.0)), JOB
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{anime} a {comic} cat", r"\{anime\}, \{comic\}"),
        (f"s_{HEX} and video_{'0' * 32}", "several"),
    ],
)
def test_contradictions_are_refused(text: str, rule: str) -> None:
    with pytest.raises(HinodeError, match=rule) as raised:
        read_video_prompt(text)

    assert (raised.value.code, raised.value.param) == (ErrorCode.INVALID_VALUE, "messages")


@pytest.mark.parametrize("piece", ["{", "[1s", "https://", "https://a/p/", "s_0", "[1s]"])
def test_long_texts_are_read_quickly(piece: str) -> None:
    started = time.process_time()

    read_video_prompt(piece * (32_000 // len(piece)))

    assert time.process_time() - started < 1.0
