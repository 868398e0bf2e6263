"""Sealing tokens on their way into the database, and opening them on their way out."""

from __future__ import annotations

from collections.abc import Callable

from hinode.core.upstreams.types import Tokens
from hinode.kit.sealing import Sealer


def sealed(sealer: Sealer, tokens: Tokens) -> Tokens:
    """Return the tokens as they may be stored."""
    return _each(sealer.seal, tokens)


def opened(sealer: Sealer, tokens: Tokens) -> Tokens:
    """Return stored tokens as they are sent. Raises :class:`hinode.kit.sealing.SealBroken`."""
    return _each(sealer.open, tokens)


def _each(change: Callable[[str], str], tokens: Tokens) -> Tokens:
    def one(text: str | None) -> str | None:
        return None if text is None else change(text)

    return Tokens(one(tokens.access), one(tokens.session), one(tokens.refresh), tokens.client_id)
