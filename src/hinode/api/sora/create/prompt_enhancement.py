"""Expands prompts: by the operator's text model, else by a template."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import structlog

from hinode.api.text_model import TextMessage, TextModel, TextModelFailed
from hinode.core.errors import HinodeError
from hinode.core.text_checks import check_storable

log = structlog.get_logger("hinode.prompts")

ExpansionLevel = Literal["short", "medium", "long"]

SOURCE_MODEL, SOURCE_TEMPLATE = "model", "template"
_LENGTHS: dict[ExpansionLevel, str] = {
    "short": "one or two sentences",
    "medium": "a paragraph",
    "long": "a page",
}
_INSTRUCTIONS = (
    "You expand prompts for a model that makes videos. Keep everything that the prompt says, and "
    "every @name, as it is. Add what is missing: subject, surroundings, light, camera, movement, "
    "sound, and a course of {seconds} seconds. Write {length}, in the language of the prompt. "
    "Answer with the expanded prompt and nothing else."
)
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_STOPS = ".!?。！？…"


async def enhance(
    prompt: str, level: ExpansionLevel, seconds: int, model: TextModel | None
) -> tuple[str, str]:
    """Return the expanded prompt and its source; a failing model is not asked again."""
    if model is None:
        return expand(prompt, level, seconds), SOURCE_TEMPLATE
    instructions = _INSTRUCTIONS.format(seconds=seconds, length=_LENGTHS[level])
    try:
        enhanced = await model.ask(
            [TextMessage("system", instructions), TextMessage("user", prompt)]
        )
        check_storable(enhanced, "enhanced_prompt")
    except (TextModelFailed, HinodeError) as failure:
        log.warning("the text model did not expand a prompt", reason=str(failure))
        return expand(prompt, level, seconds), SOURCE_TEMPLATE
    return enhanced, SOURCE_MODEL


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
        "the camera comes closer; the last seconds, up to {end}, hold a calm closing image."
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


def expand(prompt: str, level: ExpansionLevel, seconds: int) -> str:
    """Return the prompt with sentences added, in Chinese if it is Chinese, else in English.

    The same prompt always becomes the same text. Camera, light, movement and a course in time are
    added, which prompts usually lack; nothing of the prompt changes.
    """
    phrases = _CHINESE_PHRASES if _CHINESE.search(prompt) else _ENGLISH
    prompt = prompt.strip()
    closed = prompt if prompt.endswith(tuple(_STOPS)) else prompt + phrases.full_stop
    third = max(1, round(seconds / 3))
    pacing = phrases.pacing.format(first=third, second=seconds - third, end=seconds)
    added = {
        "short": (phrases.style,),
        "medium": (phrases.style, pacing),
        "long": (phrases.style, pacing, phrases.detail),
    }
    return phrases.separator.join((closed, *added[level]))
