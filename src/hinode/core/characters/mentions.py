"""Parse mentions in prompts: ``@username``, and the tokens ``<@ch_…>`` that web pages write."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from hinode.core.accounts.usernames import LONGEST, SHORTEST

MAX_MENTIONS = 20
"""Maximum number of mentions of a prompt that are looked up; a prompt can contain thousands."""

# An @ within a word belongs to an e-mail address and is not a mention.
_MENTION = re.compile(r"<@ch_([0-9a-f]{32})>|(?<![A-Za-z0-9._@])@([A-Za-z0-9][A-Za-z0-9._]*)")
_PUNCTUATION = "._"


@dataclass(frozen=True, slots=True)
class CharacterMention:
    """A mention by id, or by one of ``names`` in lower case, the longest first."""

    character_id: UUID | None
    names: tuple[str, ...] = ()


def mentions(prompt: str) -> list[CharacterMention]:
    """Return the mentions of a prompt in order, each once.

    A full stop at the end of a name ends the sentence. ``@robin.Then`` is ambiguous: the name
    ``robin.then``, or ``robin`` before a sentence without a space; both are returned.
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
