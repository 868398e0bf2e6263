"""Encrypt tokens before they are stored, and decrypt stored tokens."""

from __future__ import annotations

from collections.abc import Callable

from hinode.kit.secret_box import SecretBox
from hinode.upstream_accounts import TokenSet


def encrypt_tokens(secret_box: SecretBox, tokens: TokenSet) -> TokenSet:
    """Return the tokens encrypted; the client id is no secret and stays as it is."""
    return _each(secret_box.encrypt, tokens)


def decrypt_tokens(secret_box: SecretBox, tokens: TokenSet) -> TokenSet:
    """Decrypt stored tokens. Raises :class:`hinode.kit.secret_box.DecryptionError`."""
    return _each(secret_box.decrypt, tokens)


def _each(change: Callable[[str], str], tokens: TokenSet) -> TokenSet:
    def one(text: str | None) -> str | None:
        return None if text is None else change(text)

    return TokenSet(one(tokens.access), one(tokens.session), one(tokens.refresh), tokens.client_id)
