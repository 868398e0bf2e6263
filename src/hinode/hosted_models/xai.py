"""Models of xAI: Grok Imagine.

Read on 2026-11-29: names, ratios and resolutions in the types of the official SDK `xai-sdk` 1.21.0;
lengths and which model has which resolution in the documents of the API. The pixels of a ratio are
computed.
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, HostedModel, aspects, span

_RATIOS = "16:9 9:16 1:1 4:3 3:4 3:2 2:3"
_SIZES = (*aspects("720p", 720, _RATIOS), *aspects("480p", 480, _RATIOS))
_FULL_HD = aspects("1080p", 1080, _RATIOS)
_TAKES = Ability.TEXT | Ability.FIRST_FRAME | Ability.LAST_FRAME | Ability.SOUND
_SIZE = ("ratio", "resolution")

MODELS = (
    HostedModel(
        "grok-imagine-video", span(1, 15), _SIZES, _TAKES, 8, text_size=_SIZE, image_size=_SIZE
    ),
    HostedModel(
        "grok-imagine-video-1.5", span(1, 15), (*_SIZES, *_FULL_HD), _TAKES, 8,
        text_size=_SIZE, image_size=_SIZE,
    ),
)  # fmt: skip
