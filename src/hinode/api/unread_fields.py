"""Fields of a request that nothing reads: refused or told, never dropped in silence.

Clients of other servers of this wire differ in such names, and would pay for what they did not ask
for. So an unknown field that carries a file, a reference or a callback is refused; any other one is
named in the header ``x-hinode-ignored`` and in the answer of a create.

A schema says by ``synonyms`` which names of other servers it reads as its own, and by
``without_effect`` which documented names change nothing here: these are neither told nor refused.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import quote

from pydantic import BaseModel
from starlette.requests import Request
from starlette.types import Scope

from hinode.api.parsing import RequestSchema
from hinode.api.values import Upload, Value, is_empty
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError

HEADER = "x-hinode-ignored"
MAX_NAMES, MAX_NAME_LENGTH = 20, 64

_IN_SCOPE = "hinode.ignored_fields"
_CALLBACK = re.compile(r"callback|webhook|notify", re.IGNORECASE)
_MEDIA = re.compile(r"image|picture|photo|frame|video|audio|file|mask|reference", re.IGNORECASE)
_ADDRESS = re.compile(r"(https?|data|file|s3):", re.IGNORECASE)
_ID = re.compile(r"(file|video|char|cameo|asset|ch)[-_][A-Za-z0-9]{8,}")
_PLAIN = (str, int, float, NoneType)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}")

M = TypeVar("M", bound=RequestSchema)


def report_unread(request: Request, caller: Caller, body: M, *, refuse: bool = True) -> M:
    """Return the parsed body, and have the answer name its fields that nothing reads.

    Raises :class:`HinodeError` for one that carries a file, a reference or a callback, and for any
    if the request is strict; not if ``refuse`` is false, as for clients that take no new error.
    """
    unread, strict = dict(_unread(body)), is_strict(request, caller)
    for name, value in unread.items():
        if refuse and carries_reference(name, value):
            raise _refused(name)
        if refuse and strict:
            raise _unknown(name, body)
    tell_ignored(request, list(unread))
    return body


def is_strict(request: Request, caller: Caller) -> bool:
    """Return whether fields that nothing reads are errors, by the server's setting or the key."""
    return caller.strict_fields or bool(request.app.state.strict_fields)


def tell_ignored(request: Request, names: Sequence[str]) -> None:
    """Have the answer name fields that were read, but not used."""
    request.scope.setdefault(_IN_SCOPE, []).extend(names)


def ignored_fields(request: Request) -> list[str]:
    """Return the names of the request's fields that nothing read, as they are told."""
    return _shown(request.scope.get(_IN_SCOPE, []))


def _unread(body: BaseModel, prefix: str = "") -> Iterator[tuple[str, Value]]:
    silent: frozenset[str] = getattr(body, "without_effect", frozenset())
    for name, value in (body.model_extra or {}).items():
        if name not in silent and not _asks_for_nothing(value):
            yield prefix + name, value
    for name in _nested_fields(type(body)):
        inner = getattr(body, name)
        for one in inner if isinstance(inner, list) else (inner,):
            if isinstance(one, RequestSchema):
                yield from _unread(one, f"{prefix}{name}.")
        # Values that are parsed by a function of their own say what they left.
        unread: dict[str, Value] = getattr(inner, "unread", {})
        yield from ((key, one) for key, one in unread.items() if not _asks_for_nothing(one))


@cache
def _nested_fields(schema: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields whose value may have fields of its own."""
    fields = schema.model_fields.items()
    return tuple(name for name, one in fields if not _is_plain(one.annotation))


def _is_plain(annotation: object) -> bool:
    """Return whether all values of an annotation are texts, numbers, flags or None."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _is_plain(inner[0])
    if origin in (Union, UnionType):
        return all(map(_is_plain, inner))
    is_plain = isinstance(annotation, type) and issubclass(annotation, _PLAIN)
    return origin is Literal or is_plain


def _asks_for_nothing(value: Value) -> bool:
    """Return whether a value is empty; browsers send an empty file for one not chosen."""
    return value.content.size == 0 if isinstance(value, Upload) else is_empty(value)


def carries_reference(name: str, value: Value) -> bool:
    """Return whether a field's value is, or seems to be, a file, a reference or a callback."""
    match value:
        case Upload():
            return True
        case str():
            return bool(
                _ADDRESS.match(value)
                or _ID.fullmatch(value)
                or _CALLBACK.search(name)
                or (_MEDIA.search(name) and _BASE64.fullmatch(value))
            )
        case list():
            return any(carries_reference(name, one) for one in value)
        case dict():
            return any(carries_reference(f"{name}.{key}", one) for key, one in value.items())
    return False


def _refused(name: str) -> HinodeError:
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"'{name[:80]}' carries a file, a reference or a callback that this request cannot take.",
        param=name[:80],
        hint="Send it by its documented name, or leave it out.",
    )


def _unknown(name: str, body: RequestSchema) -> HinodeError:
    nearest = difflib.get_close_matches(name, list(_known(body)), n=1)
    return HinodeError(
        ErrorCode.UNSUPPORTED_VALUE,
        f"'{name[:80]}' is not a known field.",
        param=name[:80],
        hint=f"Did you mean '{nearest[0]}'?" if nearest else "Leave it out.",
    )


def _known(body: RequestSchema, prefix: str = "") -> Iterator[str]:
    """Yield the names of fields and of their members."""
    schema = type(body)
    yield from (prefix + name for name in (*schema.model_fields, *schema.synonyms))
    for field, members in schema.members.items():
        yield from (f"{prefix}{field}.{one}" for one in sorted(members))
    for name in schema.model_fields:
        inner = getattr(body, name)
        if isinstance(inner, RequestSchema):
            yield from _known(inner, f"{prefix}{name}.")


def _shown(names: list[str]) -> list[str]:
    shown = [name[:MAX_NAME_LENGTH] for name in names[:MAX_NAMES]]
    more = len(names) - MAX_NAMES
    return [*shown, f"+{more}"] if more > 0 else shown


def ignored_member(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the member of a create's answer that names fields; none if there are none."""
    return {"ignored": list(names)} if names else {}


def ignored_header(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the header that names the fields of a request that nothing read; none if all were."""
    names = scope.get(_IN_SCOPE)
    if not names:
        return []
    told = (quote(name, safe="+", errors="replace") for name in _shown(names))
    return [(HEADER.encode(), ", ".join(told).encode())]
