"""Where published videos are shown."""

from __future__ import annotations

from uuid import UUID

from hinode.kit.ids import spell

PAGE_PATH = "/p/{post_id}"


def permalink(base: str, post_id: UUID) -> str:
    """Return the address of a post's page, for whoever reaches the server by ``base``."""
    return base.rstrip("/") + PAGE_PATH.format(post_id=spell("s_", post_id))
