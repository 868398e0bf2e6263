"""JSON of strangers, which may be nested only as deeply as any code can follow."""

from __future__ import annotations

import json
from collections.abc import Callable

MAX_DEPTH = 100
"""Maximum number of lists and objects within each other; whoever means well sends a few."""


class NestedTooDeeply(ValueError):
    """The JSON has lists or objects that are nested more than :data:`MAX_DEPTH` deep."""


def load_json(text: str, parse_constant: Callable[[str], object] | None = None) -> object:
    """Return the value of a JSON text.

    Raises ``ValueError`` for a text that is no JSON, and its kind :class:`NestedTooDeeply`.
    """
    try:
        value: object = json.loads(text, parse_constant=parse_constant)
    except RecursionError:
        raise NestedTooDeeply from None
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for one in level for inner in _members(one)]
        if not level:
            return value
    raise NestedTooDeeply


def _members(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
