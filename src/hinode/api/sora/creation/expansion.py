"""Expanding a prompt without any model: the same words always become the same longer text.

It adds what prompts for videos usually lack (camera, light, movement, a course in time) and
changes nothing of what was said. No I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

SECONDS = (5, 10, 15, 20, 25)
"""The lengths that clients of this endpoint send."""

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_STOPS = ".!?。！？…"


class Level(StrEnum):
    """How much is added."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Expansion:
    """A prompt to expand, how much, and the seconds of the video that it is for."""

    prompt: str
    level: Level
    seconds: int


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences of one language; ``course`` is filled with seconds."""

    stop: str
    gap: str
    look: str
    course: str
    detail: str


_ENGLISH = _Words(
    stop=".",
    gap=" ",
    look="Cinematic framing, a slow and steady camera, soft natural light.",
    course=(
        "The first {first} seconds set the scene; until second {second} the movement unfolds and "
        "the camera comes closer; the last seconds, up to {end}, hold a calm closing picture."
    ),
    detail=(
        "Foreground, subject and background are clearly apart; materials, weather and shadows "
        "show fine texture; colours stay true from beginning to end; the sound is that of the "
        "place, without speech that was not asked for."
    ),
)
_CHINESE_WORDS = _Words(
    stop="。",
    gap="",
    look="电影感构图，镜头缓慢平稳，柔和的自然光。",
    course=(
        "前{first}秒交代场景；到第{second}秒动作展开，镜头渐渐靠近；"
        "直到第{end}秒，画面停在安静的结尾。"
    ),
    detail=(
        "前景、主体与背景层次分明；材质、天气和阴影细节清晰；"
        "色彩从头到尾保持一致；声音只有现场环境声，不添加未要求的对白。"
    ),
)


def expand(asked: Expansion) -> str:
    """Return the prompt with sentences added, in Chinese where it is Chinese, else in English."""
    words = _CHINESE_WORDS if _CHINESE.search(asked.prompt) else _ENGLISH
    prompt = asked.prompt.strip()
    closed = prompt if prompt.endswith(tuple(_STOPS)) else prompt + words.stop
    third = max(1, round(asked.seconds / 3))
    course = words.course.format(first=third, second=asked.seconds - third, end=asked.seconds)
    added = {
        Level.SHORT: (words.look,),
        Level.MEDIUM: (words.look, course),
        Level.LONG: (words.look, course, words.detail),
    }
    return words.gap.join((closed, *added[asked.level]))
