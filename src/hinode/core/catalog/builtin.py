"""The built-in models, with their sizes, lengths and prices.

`sora-2` and `sora-2-pro` have the names, sizes and lengths of OpenAI's video API and guide (720p,
pro also 1024p and 1080p; 4, 8, 12, 16 and 20 seconds; default 4 seconds, 720x1280), and also the
10, 15 and 25 seconds of the gateways. `sora_video2`, `sora_video` and `sora_image` are the
gateway's models: any size is accepted and chooses an orientation; the default is 10 seconds,
portrait, not HD. `sy_8` and `sy_ore` are the models of Sora's own backend: 5 to 25 seconds,
352x640 in portrait (as in captured tasks) and twice that in HD; the square sizes have about the
same number of pixels. The prices are this project's choice.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hinode.core.catalog.types import Model, Price, PriceUnit
from hinode.media.size import Size
from hinode.media.types import MediaKind

_STANDARD = (Size(720, 1280), Size(1280, 720))
_HD = (Size(1024, 1792), Size(1792, 1024))
_FULL_HD = (Size(1080, 1920), Size(1920, 1080))
_PICTURES = (Size(1024, 1024), Size(1536, 1024), Size(1024, 1536))
_SECONDS = (4, 8, 10, 12, 15, 16, 20, 25)
_GATEWAY_SECONDS = (10, 15, 25)
_LONGEST_HD = 20
_BACKEND_SECONDS = (10, 5, 15, 20, 25)
_SMALL = (Size(352, 640), Size(640, 352), Size(480, 480))
_LARGE = (Size(704, 1280), Size(1280, 704), Size(960, 960))
_STANDARD_PRICE, _PRO_PRICE, _PICTURE_PRICE = 25, 75, 5
CREATED = datetime(2025, 10, 6, tzinfo=UTC)
"""Creation time of all built-in models: the release of OpenAI's video API."""
# Model names of OpenAI's images API, so that its SDK works unchanged; `sora_image` renders them.
_PICTURE_ALIASES = (
    "gpt-image-1",
    "gpt-image-1-mini",
    "gpt-image-1.5",
    "gpt-image-2",
    "chatgpt-image-latest",
    "dall-e-2",
    "dall-e-3",
)


def builtin_models(engine: str) -> tuple[Model, ...]:
    """Return the built-in models with ``engine`` as the engine of each."""
    return (
        _video("sora-2", engine, aliases=("sora-2-2025-10-06", "sora-2-2025-12-08")),
        Model(
            "sora_image",
            MediaKind.IMAGE,
            engine,
            _PICTURES,
            seconds=(1,),
            fps=1,
            price=Price(_PICTURE_PRICE, PriceUnit.PICTURE),
            created_at=CREATED,
            any_size=True,
            aliases=_PICTURE_ALIASES,
        ),
        _video("sora-2-pro", engine, hd_sizes=_HD + _FULL_HD, aliases=("sora-2-pro-2025-10-06",)),
        _video("sora_video2", engine, _GATEWAY_SECONDS, any_size=True),
        _video("sora_video2-pro", engine, _GATEWAY_SECONDS, hd_sizes=_HD, any_size=True),
        _video("sora_video", engine, _GATEWAY_SECONDS, any_size=True),
        _backend_video("sy_8", engine, _STANDARD_PRICE, aliases=("sy_8_20251208",)),
        _backend_video("sy_ore", engine, _PRO_PRICE),
    )


def _backend_video(name: str, engine: str, price: int, aliases: tuple[str, ...] = ()) -> Model:
    return Model(
        name,
        MediaKind.VIDEO,
        engine,
        _SMALL + _LARGE,
        _BACKEND_SECONDS,
        fps=30,
        price=Price(price, PriceUnit.SECOND, hd=_PRO_PRICE),
        created_at=CREATED,
        hd_sizes=_LARGE,
        hd_seconds=_BACKEND_SECONDS,
        aliases=aliases,
    )


def _video(
    name: str,
    engine: str,
    seconds: tuple[int, ...] = _SECONDS,
    *,
    hd_sizes: tuple[Size, ...] = (),
    any_size: bool = False,
    aliases: tuple[str, ...] = (),
) -> Model:
    return Model(
        name,
        MediaKind.VIDEO,
        engine,
        _STANDARD + hd_sizes,
        seconds,
        fps=30,
        price=Price(_PRO_PRICE if hd_sizes else _STANDARD_PRICE, PriceUnit.SECOND),
        created_at=CREATED,
        any_size=any_size,
        hd_sizes=hd_sizes,
        hd_seconds=tuple(one for one in seconds if one <= _LONGEST_HD) if hd_sizes else (),
        aliases=aliases,
    )
