"""Nested form fields: ``k[sub]``, ``k[]``, ``k[0]`` and ``k[][sub]``.

These are the encodings that the official OpenAI SDKs for Python and Node send.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.values import Upload, Value

MAX_FIELDS = 1_000
"""Maximum number of parts of a form, and of members of a JSON body."""

_MAX_DEPTH = 4
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_STEP = re.compile(r"\[([^\[\]]*)\]")
_INDEX = re.compile(r"[0-9]{1,6}")


def nest(pairs: Iterable[tuple[str, str | Upload]]) -> dict[str, Value]:
    """Return the nested values of a form; a repeated key without brackets becomes a list.

    Raises :class:`RequestError` for a key with and without brackets, and for one nested more than
    4 levels deep.
    """
    root: dict[str, _Node] = {}
    for key, value in pairs:
        name, *steps = _path(key)
        root.setdefault(name, _Node()).put(steps, value, name)
    return {name: node.value(name) for name, node in root.items()}


def too_many_fields() -> RequestError:
    """Return the error of a request with too many fields."""
    return RequestError(
        RequestErrorCode.TOO_MANY_FIELDS, f"The request has more than {MAX_FIELDS} fields."
    )


def _path(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        return [key]
    steps = _STEP.findall(match[2])
    if len(steps) > _MAX_DEPTH:
        raise RequestError(
            RequestErrorCode.BROKEN_BODY, f"The field '{key[:80]}' is nested too deeply."
        )
    return [match[1], *steps]


@dataclass(slots=True)
class _Node:
    """The values of one key: without brackets, by member name, or by position."""

    plain: list[str | Upload] = field(default_factory=list)
    members: dict[str, _Node] = field(default_factory=dict)
    items: list[_Node] = field(default_factory=list)

    def put(self, steps: list[str], value: str | Upload, name: str) -> None:
        if not steps:
            self.plain.append(value)
            return
        step, *rest = steps
        if step:
            self.members.setdefault(step, _Node()).put(rest, value, name)
            return
        # `k[][a]=1&k[][b]=2&k[][a]=3` is two objects: a member that comes again opens the next.
        if not self.items or not rest or not rest[0] or rest[0] in self.items[-1].members:
            self.items.append(_Node())
        self.items[-1].put(rest, value, name)

    def value(self, name: str) -> Value:
        if sum(map(bool, (self.plain, self.members, self.items))) != 1:
            raise RequestError(
                RequestErrorCode.BROKEN_BODY,
                f"The field '{name[:80]}' is given both as a value and with brackets.",
                param=name[:80],
            )
        if self.items:
            return [item.value(name) for item in self.items]
        if self.members:
            return self._object_or_list(name)
        return self.plain[0] if len(self.plain) == 1 else list(self.plain)

    def _object_or_list(self, name: str) -> Value:
        if all(map(_INDEX.fullmatch, self.members)):
            ordered = sorted(self.members, key=int)
            return [self.members[index].value(name) for index in ordered]
        return {key: node.value(name) for key, node in self.members.items()}
