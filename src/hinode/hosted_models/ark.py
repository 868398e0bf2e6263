"""Models of Ark, the platform of ByteDance and BytePlus: Seedance.

Read on 2026-11-29: the fields in the official SDK `byteplus-python-sdk-v2` 3.0.63, which leaves
their values open; lengths, ratios and resolutions in the documents of the platform; the pixels of
each ratio in the types of `runwayml` 5.24.0, which offers the same models. A name is that of
BytePlus (``dreamina-…``) or of Volcengine (``doubao-…``).
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, HostedModel, named, span

_480 = named(
    "480p",
    "16:9=864x496 9:16=496x864 1:1=640x640 4:3=752x560 3:4=560x752 21:9=992x432",
)
_720 = named(
    "720p",
    "16:9=1280x720 9:16=720x1280 1:1=960x960 4:3=1112x834 3:4=834x1112 21:9=1470x630",
)
_1080 = named(
    "1080p",
    "16:9=1920x1080 9:16=1080x1920 1:1=1440x1440 4:3=1664x1248 3:4=1248x1664 21:9=2206x946",
)
_TAKES = Ability.TEXT | Ability.FIRST_FRAME | Ability.LAST_FRAME | Ability.SOUND | Ability.SEED
_SIZE = ("ratio", "resolution")
_ALL, _FAST = (*_720, *_480, *_1080), (*_720, *_480)

MODELS = tuple(
    HostedModel(name, span(4, last), canvases, _TAKES, text_size=_SIZE, image_size=_SIZE)
    for name, last, canvases in (
        ("dreamina-seedance-2-5-260628", 30, _ALL),
        ("dreamina-seedance-2-0-260128", 15, _ALL),
        ("dreamina-seedance-2-0-fast-260128", 15, _FAST),
        ("dreamina-seedance-2-0-mini", 15, _FAST),
        ("doubao-seedance-2-0-260128", 15, _ALL),
        ("doubao-seedance-2-0-fast-260128", 15, _FAST),
        ("doubao-seedance-2-0-mini", 15, _FAST),
    )
)
