"""Models of Runway's API: lengths, sizes and inputs.

Read on 2026-11-30 in the types of the official SDK `runwayml` 5.24.0 (``text_to_video`` and
``image_to_video``). Where these give a length no bounds (Seedance, MiniMax, Happy Horse, Grok), the
bounds are those of the model's own maker. Models without any known bounds (Wan 3, Kling 4) are not
listed: their lengths and sizes are the operator's to say.
"""

from __future__ import annotations

from hinode.hosted_models.types import Ability, HostedModel, aspects, pixels, span

_TEXT, _FIRST, _LAST = Ability.TEXT, Ability.FIRST_FRAME, Ability.LAST_FRAME
_SOUND, _SEED, _NEGATIVE = Ability.SOUND, Ability.SEED, Ability.NEGATIVE_PROMPT
_BOTH_ENDS = _TEXT | _FIRST | _LAST

_HD = pixels("720p", "1280:720 720:1280")
_FULL_HD = pixels("1080p", "1920:1080 1080:1920")
_KLING_720 = (*_HD, *pixels("720p", "960:960"))
_KLING_1080 = (*_FULL_HD, *pixels("1080p", "1440:1440"))
_KLING_4K = pixels("4k", "3840:2160 2160:3840 2880:2880")
_SEEDANCE_480 = pixels("480p", "864:496 496:864 992:432 752:560 640:640 560:752")
_SEEDANCE_720 = pixels("720p", "1280:720 720:1280 1470:630 1112:834 960:960 834:1112")
_SEEDANCE_1080 = pixels("1080p", "1920:1080 1080:1920 2206:946 1664:1248 1440:1440 1248:1664")
_SEEDANCE_4K = pixels("4k", "3840:2160 2160:3840 3840:1646 3840:2880 3840:3840 2880:3840")
_SEEDANCE_25_480 = pixels("480p", "854:480 480:854 992:432 752:560 640:640 560:752")
_HAPPY_HORSE = (
    *pixels("720p", "1280:720 720:1280 960:960 1108:832 832:1108"),
    *pixels("1080p", "1920:1080 1080:1920 1440:1440 1662:1248 1248:1662"),
)
_OMNI = (*_HD, *pixels("360p", "640:360 360:640"), *_FULL_HD, *_KLING_4K[:2])
_GROK = "16:9 9:16 1:1 4:3 3:4 3:2 2:3"
_GROK_LITE = (
    *pixels("720p", "1280:720 720:1280 720:720 960:720 720:960 1088:720 720:1088"),
    *pixels("480p", "848:480 480:848 480:480 640:480 480:640 720:480 480:720"),
    *pixels("1080p", "1904:1072 1072:1904 1424:1424 1648:1232 1232:1648 1744:1152 1152:1744"),
)
_HAILUO = "16:9 9:16 1:1 4:3 3:4 21:9"
_VEO = (4, 6, 8)

MODELS = (
    HostedModel("gen4.5", span(2, 10), _HD, _TEXT | _FIRST | _SEED),
    HostedModel(
        "gen4_turbo", span(2, 10),
        (*_HD, *pixels("720p", "1104:832 960:960 832:1104 1584:672")), _FIRST | _SEED,
    ),
    HostedModel("veo3.1", _VEO, (*_HD, *_FULL_HD), _BOTH_ENDS | _SOUND | _SEED | _NEGATIVE, 8),
    HostedModel("veo3.1_fast", _VEO, (*_HD, *_FULL_HD), _BOTH_ENDS | _SOUND | _SEED | _NEGATIVE, 8),
    HostedModel(
        "kling2.5_turbo_pro", (5, 10),
        (*_HD, *pixels("720p", "720:720"), *_KLING_1080), _BOTH_ENDS, image_size=(),
    ),
    HostedModel("kling3.0_standard", span(3, 15), _KLING_720, _BOTH_ENDS | _SOUND),
    HostedModel("kling3.0_pro", span(3, 15), _KLING_1080, _BOTH_ENDS | _SOUND),
    HostedModel("kling3.0_4k", span(3, 15), _KLING_4K, _BOTH_ENDS | _SOUND),
    HostedModel("klingO3_standard", span(3, 15), _KLING_720, _BOTH_ENDS | _SOUND),
    HostedModel("klingO3_pro", span(3, 15), _KLING_1080, _BOTH_ENDS | _SOUND),
    HostedModel("klingO3_4k", span(3, 15), _KLING_4K, _BOTH_ENDS | _SOUND),
    HostedModel(
        "seedance2", span(4, 15),
        (*_SEEDANCE_720, *_SEEDANCE_480, *_SEEDANCE_1080, *_SEEDANCE_4K),
        _BOTH_ENDS | _SOUND | _SEED,
    ),
    HostedModel(
        "seedance2_fast", span(4, 15), (*_SEEDANCE_720, *_SEEDANCE_480),
        _BOTH_ENDS | _SOUND | _SEED,
    ),
    HostedModel(
        "seedance2_mini", span(4, 15), (*_SEEDANCE_720, *_SEEDANCE_480),
        _BOTH_ENDS | _SOUND | _SEED,
    ),
    HostedModel(
        "seedance2_5", span(4, 30), (*_SEEDANCE_720, *_SEEDANCE_25_480, *_SEEDANCE_1080),
        _BOTH_ENDS | _SOUND | _SEED,
    ),
    HostedModel("gemini_omni_flash", span(3, 10), _HD, _TEXT | _FIRST),
    HostedModel("gemini_omni_flash_1.1", span(3, 10), _OMNI, _BOTH_ENDS),
    HostedModel(
        "happyhorse_1_0", span(3, 15), _HAPPY_HORSE, _TEXT | _FIRST, image_size=("resolution",)
    ),
    HostedModel(
        "grok_imagine_1_5", span(1, 15),
        (
            *aspects("720p", 720, _GROK),
            *aspects("480p", 480, _GROK),
            *aspects("1080p", 1080, _GROK),
        ),
        _TEXT | _FIRST, 8, text_size=("ratio", "resolution"), image_size=("resolution",),
    ),
    HostedModel(
        "grok_imagine_1_5_lite", span(1, 15), _GROK_LITE, _TEXT | _FIRST, 8, image_size=("auto",)
    ),
    HostedModel(
        "hailuo3", span(5, 15),
        (*aspects("768p", 768, _HAILUO), *aspects("2k", 1440, _HAILUO)), _BOTH_ENDS,
        text_size=("ratio", "resolution"), image_size=("ratio", "resolution"),
    ),
    HostedModel(
        "h3_max", span(5, 15), (*aspects("768p", 768, "16:9"), *aspects("480p", 480, "16:9")),
        _BOTH_ENDS | _SEED, text_size=("resolution",), image_size=("resolution",),
    ),
)  # fmt: skip
