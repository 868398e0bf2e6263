"""Models of MiniMax's second API: H3.

Read on 2026-11-29 in pages about the API (no official SDK has it): 4 to 15 seconds, 768P and 2K.
The pixels of a ratio are computed.
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, HostedModel, aspects, span

_RATIOS = "16:9 9:16 1:1 4:3 3:4 21:9"
_SIZE = ("ratio", "resolution")

MODELS = (
    HostedModel(
        "MiniMax-H3", span(4, 15),
        (*aspects("768P", 768, _RATIOS), *aspects("2K", 1440, _RATIOS)),
        Ability.TEXT | Ability.FIRST_FRAME | Ability.LAST_FRAME,
        text_size=_SIZE, image_size=_SIZE,
    ),
)  # fmt: skip
