"""Models of DashScope, the platform of Alibaba: Wan and Happy Horse.

Read on 2026-11-29: the fields in the official SDK `dashscope` 2.0.2, which leaves their values
open; lengths, ratios and resolutions in the documents of the platform, whose page for Wan 2.1 to
2.6 is dated 2026-10-12. A family has a model for text and one for a first frame. Wan 3.0 is not
listed: its lengths are not published.
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, Canvas, HostedModel, aspects, pixels, span

_RATIOS = "16:9 9:16 1:1 4:3 3:4"
_RATIO_SIZES = (*aspects("720P", 720, _RATIOS), *aspects("1080P", 1080, _RATIOS))
_LEGACY_480 = pixels("480P", "832:480 480:832 624:624")
_LEGACY_720 = pixels("720P", "1280:720 720:1280 960:960 1088:832 832:1088")
_LEGACY_1080 = pixels("1080P", "1920:1080 1080:1920 1440:1440 1632:1248 1248:1632")
_CLASS, _BOTH = ("resolution",), ("resolution", "ratio")
_TEXT = Ability.TEXT | Ability.SEED | Ability.NEGATIVE_PROMPT
_IMAGE = Ability.FIRST_FRAME | Ability.SEED | Ability.NEGATIVE_PROMPT


def _family(of_text: str, of_image: str) -> tuple[HostedModel, HostedModel]:
    text = HostedModel(
        of_text, span(2, 15), _RATIO_SIZES, _TEXT, text_size=_BOTH, with_picture=of_image
    )
    takes = _IMAGE | Ability.LAST_FRAME
    return text, HostedModel(of_image, span(2, 15), _RATIO_SIZES, takes, image_size=_CLASS)


def _legacy_family(
    of_text: str, of_image: str, seconds: tuple[int, ...], canvases: tuple[Canvas, ...]
) -> tuple[HostedModel, HostedModel]:
    """Return the models of Wan 2.6 and before: of text by its pixels, of a picture by its class."""
    text = HostedModel(
        of_text, seconds, canvases, _TEXT, text_size=("size",), with_picture=of_image
    )
    return text, HostedModel(of_image, seconds, canvases, _IMAGE, image_size=_CLASS)


MODELS = (
    *_family("wan2.7-t2v", "wan2.7-i2v"),
    *_family("wan2.7-t2v-2026-06-12", "wan2.7-i2v-2026-04-25"),
    *_legacy_family("wan2.6-t2v", "wan2.6-i2v", (5, 10, 15), (*_LEGACY_720, *_LEGACY_1080)),
    *_legacy_family(
        "wan2.5-t2v-preview", "wan2.5-i2v-preview", (5, 10),
        (*_LEGACY_720, *_LEGACY_480, *_LEGACY_1080),
    ),
    *_legacy_family("wan2.2-t2v-plus", "wan2.2-i2v-plus", (5,), (*_LEGACY_480, *_LEGACY_1080)),
    HostedModel(
        "happyhorse-1.0-t2v", span(3, 15), _RATIO_SIZES, Ability.TEXT | Ability.SEED,
        text_size=_BOTH, with_picture="happyhorse-1.0-i2v",
    ),
    HostedModel(
        "happyhorse-1.0-i2v", span(3, 15), _RATIO_SIZES, Ability.FIRST_FRAME | Ability.SEED,
        image_size=_CLASS,
    ),
)  # fmt: skip
