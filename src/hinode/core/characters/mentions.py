"""Parses mentions in prompts: ``@username``, and the tokens ``<@ch_…>`` that web pages write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from hinode.core.accounts.usernames import LONGEST, SHORTEST

MAX_MENTIONS = 20
"""Mentions of one prompt that are looked up, because a prompt can hold thousands."""

# An @ within a word is part of an e-mail address, and no mention.
_MENTION = re.compile(r"<@ch_([0-9a-f]{32})>|(?<![A-Za-z0-9._@])@([A-Za-z0-9][A-Za-z0-9._]*)")
_PUNCTUATION = "._"


@dataclass(frozen=True, slots=True)
class CharacterMention:
    """A mention by id, or by one of these names in lower case, the likeliest first."""

    character_id: UUID | None
    names: tuple[str, ...] = ()


def mentions(prompt: str) -> list[CharacterMention]:
    """Return the mentions of a prompt, in its order.

    A full stop at the end of a name belongs to the sentence. ``@robin.Then`` may be the name
    ``robin.then``, or ``robin`` and a sentence without a space before it.
    """
    found: list[CharacterMention] = []
    for match in _MENTION.finditer(prompt):
        if len(found) == MAX_MENTIONS:
            break
        digits, name = match[1], match[2]
        mention = (
            CharacterMention(UUID(hex=digits))
            if digits
            else CharacterMention(None, _spellings(name))
        )
        if mention not in found:
            found.append(mention)
    return found


def _spellings(name: str) -> tuple[str, ...]:
    rest = name.lower().rstrip(_PUNCTUATION)
    if len(rest) > LONGEST:
        rest = _before_dot(rest[: LONGEST + 1])
    spellings = []
    while len(rest) >= SHORTEST:
        spellings.append(rest)
        rest = _before_dot(rest)
    return tuple(spellings)


def _before_dot(name: str) -> str:
    return name.rpartition(".")[0].rstrip(_PUNCTUATION)
