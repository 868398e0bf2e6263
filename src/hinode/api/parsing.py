"""Parsing of request fields by the pydantic schema that documents them.

Form fields are always strings and JSON clients send both ``"4"`` and ``4``: both are accepted for
numbers and booleans. Errors name the field and the rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError, PydanticUseDefault

from hinode.api.field_names import read_names
from hinode.api.request_errors import RequestError
from hinode.api.values import Fields, Value, wrong_type
from hinode.core.auth.types import Priority
from hinode.core.errors import ErrorCode, HinodeError

M = TypeVar("M", bound=BaseModel)

_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0+)?")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_INTEGER_LIMIT = 10**18
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class RequestSchema(BaseModel):
    """Base of request bodies and queries; unknown fields are kept in ``model_extra``.

    ``synonyms`` are names of other servers by our own; they are read before ours are parsed.
    ``without_effect`` are documented names that change nothing here, which clients send freely.
    ``members`` are the known members of fields that are objects, or lists of them; others are kept
    in ``model_extra`` too, by the field's name and their own.
    """

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, arbitrary_types_allowed=True)

    synonyms: ClassVar[Mapping[str, str]] = {}
    without_effect: ClassVar[frozenset[str]] = frozenset()
    members: ClassVar[Mapping[str, frozenset[str]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _read_names(cls, fields: Any) -> Any:
        if not (cls.synonyms or cls.members) or not isinstance(fields, Mapping):
            return fields
        return read_names(fields, cls.synonyms, cls.members)


class LenientRequestSchema(RequestSchema):
    """A request whose null and empty fields are treated as absent, so that defaults apply."""

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, fields: Any) -> Any:
        if not isinstance(fields, Mapping):
            return fields
        return {name: one for name, one in fields.items() if one is not None and one != ""}


class ClosedRequestSchema(RequestSchema):
    """A request whose unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Remedy:
    """Field metadata: the sentence that the error for a missing field ends with."""

    text: str


@dataclass(frozen=True, slots=True)
class WrongAs:
    """Field metadata: the code of the error for an invalid value, instead of the default."""

    code: ErrorCode


def _empty_to_none(value: Value) -> Value:
    return None if value == "" else value


def _empty_to_default(value: Value) -> Value:
    if value is None or value == "":
        raise PydanticUseDefault
    return value


def _required(value: Value) -> Value:
    if value is None or value == "":
        raise PydanticCustomError("missing", "Field required")
    return value


def _integer(value: Value) -> Value:
    if isinstance(value, str) and value:
        if (match := _INTEGER.fullmatch(value.strip())) is None:
            raise PydanticCustomError("int_parsing", "not a whole number")
        return int(match[1])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= _INTEGER_LIMIT:
        raise PydanticCustomError("int_parsing", "too large")
    return _empty_to_none(value)


def _number(value: Value) -> Value:
    if isinstance(value, str) and value:
        if _DECIMAL.fullmatch(value.strip()) is None:
            raise PydanticCustomError("float_parsing", "not a number")
        return float(value)
    return _empty_to_none(value)


def _boolean(value: Value) -> Value:
    if isinstance(value, str) and value:
        if (spelled := value.strip().lower()) not in _BOOLEANS:
            raise PydanticCustomError("bool_parsing", "neither true nor false")
        return _BOOLEANS[spelled]
    return _empty_to_none(value)


def _number_text(value: Value) -> Value:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else _empty_to_none(value)


T = TypeVar("T")

Nullable = Annotated[T | None, BeforeValidator(_empty_to_none)]
"""``Nullable[str]``, ``Nullable[Literal[...]]``: None when absent, null or empty."""

Required = Annotated[T, BeforeValidator(_required)]
"""``Required[str]``: null and empty count as missing."""

NullableInteger = Annotated[T | None, BeforeValidator(_integer)]
"""``NullableInteger[int]``, or of an int with bounds: accepts a numeric string and ``7.0``."""

NullableNumber = Annotated[T | None, BeforeValidator(_number)]
"""``NullableNumber[float]``, or of a float with bounds: accepts a numeric string."""

RequiredInteger = Annotated[T, BeforeValidator(_integer), BeforeValidator(_required)]
"""As ``NullableInteger``, but null and empty count as missing."""

Defaulted = Annotated[T, BeforeValidator(_empty_to_default)]
"""``Defaulted[str]``: the field's default when absent, null or empty."""

DefaultedInteger = Annotated[T, BeforeValidator(_integer), BeforeValidator(_empty_to_default)]
"""As ``NullableInteger``, but the field's default when null or empty."""

Boolean = Annotated[bool | None, BeforeValidator(_boolean)]
"""A boolean, or the string ``true``, ``false``, ``1`` or ``0``; None if absent, null or empty."""

DefaultedFlag = Annotated[bool, BeforeValidator(_boolean), BeforeValidator(_empty_to_default)]
"""As :data:`Boolean`, but the field's default when null or empty."""

Flag = Annotated[bool, BeforeValidator(_boolean)]
"""A boolean of a :class:`LenientRequestSchema`; accepts the same strings as :data:`Boolean`."""

Integer = Annotated[T, BeforeValidator(_integer)]
"""An integer of a :class:`LenientRequestSchema`; accepts a numeric string."""

PriorityField = Annotated[Priority, Strict(False)] | None
"""The priority of a job; None for the caller's default."""

NumberText = Annotated[str | None, BeforeValidator(_number_text)]
"""A number or a string, as a string: for values that may have a unit, such as ``"4s"``."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """The first invalid field of a request: pydantic's error type, path, value and context."""

    type: str
    param: str
    given: Value
    context: Mapping[str, Any]
    message: str
    field: FieldInfo | None


Phrase = Callable[[FieldError], Exception]


def parse(
    schema: type[M],
    fields: Fields,
    phrases: Mapping[str, Phrase] | None = None,
    *,
    prefix: str = "",
) -> M:
    """Return ``fields`` parsed by ``schema``.

    ``phrases`` override the default errors by pydantic's error type. ``prefix`` is removed from
    the field paths that errors name, for dialects that document nested fields without it.

    Raises :class:`RequestError` for a wrong type, :class:`HinodeError` for a missing or invalid
    value.
    """
    try:
        return schema.model_validate(dict(fields))
    except ValidationError as failed:
        error = _field_error(schema, failed.errors(include_url=False)[0])
        error = replace(error, param=error.param.removeprefix(prefix))
        phrase = {**_PHRASES, **(phrases or {})}.get(error.type, _invalid)
        raise phrase(error) from None


def missing(error: FieldError) -> HinodeError:
    """Return the error for a missing field, with its remedy as the hint."""
    found = (
        [one.text for one in error.field.metadata if isinstance(one, Remedy)] if error.field else []
    )
    return HinodeError(
        ErrorCode.MISSING_VALUE,
        f"Missing required parameter: '{error.param}'.",
        param=error.param,
        hint=" ".join(found),
    )


_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "is_instance_of": "a file",
}


def _type(error: FieldError) -> RequestError:
    return wrong_type(error.param, _EXPECTED[error.type], error.given)


def _value(message: str, error: FieldError) -> HinodeError:
    code = _code_of(error, ErrorCode.INVALID_VALUE)
    return HinodeError(code, message, param=error.param)


def _code_of(error: FieldError, common: ErrorCode) -> ErrorCode:
    metadata = error.field.metadata if error.field else []
    return next((one.code for one in metadata if isinstance(one, WrongAs)), common)


def _no_integer(error: FieldError) -> HinodeError:
    shown = error.given[:40] if isinstance(error.given, str) else "such a large number"
    message = f"'{error.param}' must be a whole number, not '{shown}'."
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=error.param)


def _no_number(error: FieldError) -> HinodeError:
    message = f"'{error.param}' must be a number, not '{str(error.given)[:40]}'."
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=error.param)


def _no_boolean(error: FieldError) -> HinodeError:
    message = f"'{error.param}' must be true or false, not '{str(error.given)[:40]}'."
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=error.param)


def _out_of_range(error: FieldError) -> HinodeError:
    low, high = (_bound(error.field, name) for name in ("ge", "le"))
    rule = f"{low} to {high}" if None not in (low, high) else f"at least {low}"
    if low is None:
        rule = f"at most {high}"
    return _value(f"'{error.param}' must be {rule}, not {error.given}.", error)


def _bound(node: Any, name: str) -> int | float | None:
    """Return the bound ``name`` of a field, which may be nested in its annotation."""
    if isinstance(node, FieldInfo):
        inner = (*node.metadata, node.annotation)
    else:
        inner = (*getattr(node, "__metadata__", ()), *get_args(node))
    own = getattr(node, name, None)
    found = (own, *(_bound(one, name) for one in inner))
    return next((one for one in found if isinstance(one, int | float)), None)


def _too_long(error: FieldError) -> HinodeError:
    given, most = len(error.given or ""), error.context["max_length"]  # type: ignore[arg-type]
    unit = "characters" if isinstance(error.given, str) else "entries"
    return _value(f"'{error.param}' has {given} {unit}; at most {most} are allowed.", error)


def _unsupported(error: FieldError) -> HinodeError:
    return HinodeError(
        _code_of(error, ErrorCode.UNSUPPORTED_VALUE),
        f"'{error.param}' cannot be '{str(error.given)[:40]}'.",
        param=error.param,
        hint=f"Supported values are: {error.context['expected']}.",
    )


def _not_unicode(error: FieldError) -> HinodeError:
    subject = f"'{error.param}'" if error.param else "The name of a field"
    return _value(f"{subject} contains a lone surrogate, which is not valid Unicode.", error)


def _unknown(error: FieldError) -> HinodeError:
    return _value(f"'{error.param[:80]}' is not a known field.", error)


def _invalid(error: FieldError) -> HinodeError:
    return _value(f"'{error.param}' is not valid: {error.message}.", error)


_PHRASES: Mapping[str, Phrase] = {
    **dict.fromkeys(_EXPECTED, _type),
    "missing": missing,
    "int_parsing": _no_integer,
    "float_parsing": _no_number,
    "finite_number": _no_number,
    "bool_parsing": _no_boolean,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "string_unicode": _not_unicode,
    "string_too_long": _too_long,
    "too_long": _too_long,
    "literal_error": _unsupported,
    "enum": _unsupported,
    "extra_forbidden": _unknown,
}


def _field_error(schema: type[BaseModel], details: ErrorDetails) -> FieldError:
    path = [one for one in details["loc"] if not _is_branch(one)]
    spelled = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
    return FieldError(
        details["type"],
        spelled.removeprefix("."),
        details["input"],
        details.get("ctx", {}),
        details["msg"],
        _field_at(schema, path),
    )


def _field_at(schema: type[BaseModel], path: list[int | str]) -> FieldInfo | None:
    """Return the field at a path of the schema, None for an unknown one."""
    model: type[BaseModel] | None = schema
    field: FieldInfo | None = None
    for name in (one for one in path if isinstance(one, str)):
        field = model.model_fields.get(name) if model else None
        model = _schema_in(field.annotation) if field else None
    return field


def _schema_in(annotation: Any) -> type[BaseModel] | None:
    """Return the schema in an annotation: itself, a list's item or an optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_schema_in, get_args(annotation))), None)


def _is_branch(step: int | str) -> bool:
    """Return whether pydantic added a step to a path for a branch of a union."""
    return isinstance(step, str) and ("[" in step or step in ("str", "int", "float", "bool"))
