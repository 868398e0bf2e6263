"""The texts of the share page in English and Chinese, and the choice between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_MAX_LANGUAGES = 20
"""Languages of an ``Accept-Language`` header that are read."""


@dataclass(frozen=True, slots=True)
class PageTranslation:
    """One language; ``lang`` is for HTML, ``locale`` for Open Graph."""

    lang: str
    locale: str
    video_by: Callable[[str], str]
    watch: str
    date: Callable[[datetime], str]
    views: Callable[[int], str]
    download: str
    by_ai: Callable[[str], str]
    not_by_ai: Callable[[str], str]
    unknown_origin: str
    made_with: str
    not_found_title: str
    not_found_reason: str


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

ENGLISH = PageTranslation(
    lang="en",
    locale="en_US",
    video_by=lambda name: f"A video by {name}",
    watch="Watch it on Hinode.",
    date=lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    views=lambda count: "1 view" if count == 1 else f"{count:,} views",
    download="Download",
    by_ai=lambda model: f"AI-generated: an AI model, {model}, made this video.",
    not_by_ai=lambda engine: (
        f"Not made by an AI model: a program drew this animation (engine: {engine})."
    ),
    unknown_origin="What made this video was not recorded.",
    made_with="Made with Hinode, an open, self-hosted Sora.",
    not_found_title="This video is not here",
    not_found_reason="It was taken back, it has expired, or the link is not whole.",
)
CHINESE = PageTranslation(
    lang="zh-Hans",
    locale="zh_CN",
    video_by=lambda name: f"{name} 的视频",
    watch="在 Hinode 上观看。",
    date=lambda day: f"{day.year}年{day.month}月{day.day}日",
    views=lambda count: f"{count:,} 次观看",
    download="下载",
    by_ai=lambda model: f"AI 生成：本视频由 AI 模型 {model} 生成。",
    not_by_ai=lambda engine: f"并非 AI 模型生成：本视频是由程序绘制的动画（引擎：{engine}）。",
    unknown_origin="没有记录本视频由什么生成。",
    made_with="由 Hinode 制作：开源、可自托管的 Sora。",
    not_found_title="这里没有这个视频",
    not_found_reason="它已被作者撤回、已过期，或者链接不完整。",
)
_BY_TAG = {"en": ENGLISH, "zh": CHINESE}


def negotiate_translation(accept_language: str) -> PageTranslation:
    """Return the language that an ``Accept-Language`` header prefers (RFC 9110 §12.5.4)."""
    languages = [_parse_language(one) for one in accept_language.split(",")[:_MAX_LANGUAGES]]
    for _, tag in sorted(languages, key=lambda language: language[0], reverse=True):
        if tag in _BY_TAG:
            return _BY_TAG[tag]
    return ENGLISH


def _parse_language(text: str) -> tuple[float, str]:
    """Parse ``zh-CN;q=0.8`` to its weight and first subtag; one with weight 0 has no subtag."""
    tag, _, weight = text.partition(";")
    try:
        quality = float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        quality = 0.0
    return quality, tag.strip().lower().partition("-")[0] if quality > 0 else ""
