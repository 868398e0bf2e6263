"""Names of fields before they are parsed: other servers' names, and members that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hinode.api.values import Fields, Value, is_empty
from hinode.core.errors import ErrorCode, HinodeError


def read_names(
    fields: Fields, synonyms: Mapping[str, str], members: Mapping[str, frozenset[str]]
) -> dict[str, Value]:
    """Return fields by our names; ``synonyms`` are those of other servers by ours.

    ``members`` are the known ones of fields that are objects, or lists of them; each further one
    becomes a field named by both, such as ``image.strength``.

    Raises :class:`HinodeError` for a name beside its synonym with another value.
    """
    read = dict(fields)
    for other in [one for one in synonyms if one in read]:
        name, given = synonyms[other], read.pop(other)
        if is_empty(given):
            continue
        if not is_empty(read.get(name)) and not _same(read[name], given):
            raise _two_values(other, name)
        read[name] = given
    for name, known in members.items():
        for key, value in _further_members(read.get(name), known):
            read.setdefault(f"{name}.{key}", value)
    return read


def _further_members(value: Value, known: frozenset[str]) -> Iterator[tuple[str, Value]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield from ((key, inner) for key, inner in one.items() if key not in known)


def _same(one: Value, other: Value) -> bool:
    """Return whether two values mean the same: forms have only strings."""
    return one == other or str(one) == str(other)


def _two_values(other: str, name: str) -> HinodeError:
    return HinodeError(
        ErrorCode.INVALID_VALUE,
        f"'{other}' and '{name}' are one parameter and have different values.",
        param=other,
        hint=f"Send only '{name}'.",
    )
