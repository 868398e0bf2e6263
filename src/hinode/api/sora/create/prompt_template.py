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


class ExpansionLevel(StrEnum):
    """How much is added."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class PromptExpansion:
    """A prompt to expand, how much, and the seconds of the video that it is for."""

    prompt: str
    level: ExpansionLevel
    seconds: int


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The sentences of one language; ``pacing`` is filled with seconds."""

    full_stop: str
    separator: str
    style: str
    pacing: str
    detail: str


_ENGLISH = _Phrases(
    full_stop=".",
    separator=" ",
    style="Cinematic framing, a slow and steady camera, soft natural light.",
    pacing=(
        "The first {first} seconds set the scene; until second {second} the movement unfolds and "
        "the camera comes closer; the last seconds, up to {end}, hold a calm closing picture."
    ),
    detail=(
        "Foreground, subject and background are clearly apart; materials, weather and shadows "
        "show fine texture; colours stay true from beginning to end; the sound is that of the "
        "place, without speech that was not asked for."
    ),
)
_CHINESE_PHRASES = _Phrases(
    full_stop="。",
    separator="",
    style="电影感构图，镜头缓慢平稳，柔和的自然光。",
    pacing=(
        "前{first}秒交代场景；到第{second}秒动作展开，镜头渐渐靠近；"
        "直到第{end}秒，画面停在安静的结尾。"
    ),
    detail=(
        "前景、主体与背景层次分明；材质、天气和阴影细节清晰；"
        "色彩从头到尾保持一致；声音只有现场环境声，不添加未要求的对白。"
    ),
)


def expand(body: PromptExpansion) -> str:
    """Return the prompt with sentences added, in Chinese where it is Chinese, else in English."""
    phrases = _CHINESE_PHRASES if _CHINESE.search(body.prompt) else _ENGLISH
    prompt = body.prompt.strip()
    closed = prompt if prompt.endswith(tuple(_STOPS)) else prompt + phrases.full_stop
    third = max(1, round(body.seconds / 3))
    pacing = phrases.pacing.format(first=third, second=body.seconds - third, end=body.seconds)
    added = {
        ExpansionLevel.SHORT: (phrases.style,),
        ExpansionLevel.MEDIUM: (phrases.style, pacing),
        ExpansionLevel.LONG: (phrases.style, pacing, phrases.detail),
    }
    return phrases.separator.join((closed, *added[body.level]))
