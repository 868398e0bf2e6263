"""The models that every Hinode serves.

Names, sizes and lengths are those of OpenAI's video API and guide (`sora-2` in 720p, `sora-2-pro`
also in 1024p and 1080p; 4, 8, 12, 16 and 20 seconds; default 4 seconds, 720x1280), so that
programs written for it need no change. Prices are ours: `sora-2` costs 25 credits a second.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hinode.media.kinds import MediaKind
from hinode.studio.catalog.types import Model, Size

_PORTRAIT, _LANDSCAPE = Size(720, 1280), Size(1280, 720)
_HD = (Size(1024, 1792), Size(1792, 1024), Size(1080, 1920), Size(1920, 1080))
_PICTURES = (Size(1024, 1024), Size(1536, 1024), Size(1024, 1536))
_SECONDS = (4, 8, 12, 16, 20)
_CREATED = datetime(2025, 10, 6, tzinfo=UTC)


def builtin_models(engine: str) -> tuple[Model, ...]:
    """Return the built-in models, rendered by the named engine."""
    standard = (_PORTRAIT, _LANDSCAPE)
    return (
        Model("sora-2", MediaKind.VIDEO, engine, standard, _SECONDS, 30, 25, _CREATED),
        Model("sora_image", MediaKind.IMAGE, engine, _PICTURES, (1,), 1, 5, _CREATED),
        Model("sora-2-pro", MediaKind.VIDEO, engine, standard + _HD, _SECONDS, 30, 75, _CREATED),
    )
