"""Models of Google's Gemini API: Gemini Omni. Veo is offered there no longer.

Read on 2026-11-29: names, ratios and resolutions in the types of the official SDK `google-genai`
3.6.1; lengths, and which model has which resolution, in pages about the models.
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, HostedModel, named, span

_HD = named("720p", "16:9=1280x720 9:16=720x1280")
_ALL = (
    *_HD,
    *named("360p", "16:9=640x360 9:16=360x640"),
    *named("1080p", "16:9=1920x1080 9:16=1080x1920"),
    *named("4k", "16:9=3840x2160 9:16=2160x3840"),
)
_TAKES = Ability.TEXT | Ability.FIRST_FRAME
_SIZE = ("ratio", "resolution")

MODELS = (
    HostedModel(
        "gemini-omni-1.2-flash", span(3, 15), _ALL, _TAKES, 10, text_size=_SIZE, image_size=_SIZE
    ),
    HostedModel(
        "gemini-omni-1.1-flash", span(3, 10), _ALL, _TAKES, 10, text_size=_SIZE, image_size=_SIZE
    ),
    HostedModel(
        "gemini-omni-flash-preview", span(3, 10), _HD, _TAKES, 10,
        text_size=_SIZE, image_size=_SIZE,
    ),
)  # fmt: skip
