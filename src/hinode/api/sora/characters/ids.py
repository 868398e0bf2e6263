"""How this dialect spells characters and cameos, and how it reads them again."""

from __future__ import annotations

from uuid import UUID

from hinode.core.characters.lookup import not_found
from hinode.kit.ids import spell, unspell

_CHARACTER, _CAMEO = "ch_", "cameo_"
_POINTER, _FILES = "sediment://", ("file_", "file-")


def character_id(value: UUID) -> str:
    """Spell a character."""
    return spell(_CHARACTER, value)


def cameo_id(value: UUID) -> str:
    """Spell a cameo."""
    return spell(_CAMEO, value)


def require_character_id(text: str) -> UUID:
    """Read a character's id. Raises :class:`HinodeError`, as for one that nobody has."""
    found = unspell(_CHARACTER, text)
    if found is None:
        raise not_found()
    return found


def require_cameo_id(text: str) -> UUID:
    """Read a cameo's id. Raises :class:`HinodeError`, as for one that nobody has."""
    found = unspell(_CAMEO, text)
    if found is None:
        raise not_found()
    return found


def require_character_or_cameo_id(text: str) -> UUID:
    """Read the id of a character or of its cameo. Raises :class:`HinodeError`."""
    found = unspell(_CHARACTER, text) or unspell(_CAMEO, text)
    if found is None:
        raise not_found()
    return found


def read_asset_pointer(text: str) -> UUID | None:
    """Read the pointer to an uploaded file, with or without its scheme; None when it is none."""
    name = text.removeprefix(_POINTER)
    return next((found for prefix in _FILES if (found := unspell(prefix, name))), None)
