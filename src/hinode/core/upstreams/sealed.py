"""Sealing tokens on their way into the database, and opening them on their way out."""

from __future__ import annotations

from collections.abc import Callable

from hinode.kit.sealing import Sealer
from hinode.upstream_accounts import TokenSet


def sealed(sealer: Sealer, tokens: TokenSet) -> TokenSet:
    """Return the tokens as they may be stored."""
    return _each(sealer.seal, tokens)


def opened(sealer: Sealer, tokens: TokenSet) -> TokenSet:
    """Return stored tokens as they are sent. Raises :class:`hinode.kit.sealing.SealBroken`."""
    return _each(sealer.open, tokens)


def _each(change: Callable[[str], str], tokens: TokenSet) -> TokenSet:
    def one(text: str | None) -> str | None:
        return None if text is None else change(text)

    return TokenSet(one(tokens.access), one(tokens.session), one(tokens.refresh), tokens.client_id)
